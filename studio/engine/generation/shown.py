"""What is shown of a draft at a position: pictures, what each site cost, how unsure the model was;
as a sweep drew them again, where there was one."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.generation.draft import Draft
from studio.engine.generation.drawn_rows import ENTROPIES, NATS, VALUES


class Shown:
    """Of the pictures of a draft when `position` sites are shown; waits for the device."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    @torch.inference_mode()
    def part(self, part: int, position: int) -> NDArray:
        """What the record says up to there: (position, count, ...)."""
        draft, sweeps = self._draft, self._draft.sweeps
        if sweeps is not None and sweeps.parts is not None:
            shown = sweeps.parts[part][:position]
            if changed := draft.by_hand.pictures:
                shown = shown.clone()
                shown[:, changed] = draft.drawn.shown(part, position)[:, changed]
        else:
            shown = draft.drawn.shown(part, position)
        return shown.cpu().numpy()

    def refined(self, row: int) -> bool:
        """Whether a picture is shown as a sweep drew it again."""
        sweeps = self._draft.sweeps
        refined = sweeps is not None and sweeps.parts is not None
        return refined and row not in self._draft.by_hand.pictures

    def values(self, position: int) -> NDArray[np.uint8]:
        """The pictures, levels (count, C, H, W); 0 where nothing is yet."""
        draft = self._draft
        channels, sites = draft.model.spec.channels, draft.order[:position]
        pictures = np.zeros((draft.options.count, channels, draft.length), np.uint8)
        if draft.evidence is not None:
            pictures[:] = draft.evidence.values.reshape(channels, -1)
        pictures[:, :, sites] = self.part(VALUES, position).transpose(1, 2, 0)
        return pictures.reshape(*pictures.shape[:2], *draft.model.spec.space)

    def nats(self, position: int) -> NDArray[np.float32]:
        """See `Generation.nats`."""
        nats = np.zeros((self._draft.options.count, self._draft.length), np.float32)
        nats[:, :position] = self.part(NATS, position).T
        return nats

    def entropies(self, position: int) -> NDArray[np.float32]:
        """See `Generation.entropies`."""
        shape = self._draft.options.count, self._draft.length
        entropies = np.full(shape, np.nan, np.float32)
        entropies[:, :position] = self.part(ENTROPIES, position).T
        return entropies
