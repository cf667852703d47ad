"""`DrawnRows`: what is on record of every site, for each row that a stepper draws; and which of the
rows are shown, where several are attempts at one picture."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.engine.generation.methods import Attempts

VALUES, NATS, ENTROPIES = range(3)


class DrawnRows:
    """parts: values, uint8 (N, rows, C); nats and entropies, float32 (N, rows); in the order of
    generation.
    attempts: which rows are shown; None where each is a picture.
    """

    def __init__(
        self,
        sites: int,
        rows: int,
        channels: int,
        attempts: Attempts | None,
        device: torch.device,
    ) -> None:
        self.attempts = attempts
        self.parts: tuple[Tensor, ...] = (
            torch.zeros(sites, rows, channels, dtype=torch.uint8, device=device),
            torch.zeros(sites, rows, device=device),
            torch.zeros(sites, rows, device=device),
        )

    @property
    def count(self) -> int:
        """Rows."""
        return self.parts[VALUES].shape[1]

    def put(self, begin: int, values: Tensor, nats: Tensor, entropies: Tensor) -> None:
        """From site `begin` on: values (sites, R, C), nats and entropies (sites, R), where R is 1,
        all rows, or as many as there are pictures: all attempts at one are then alike."""
        for own, new in zip(self.parts, (values, nats, entropies), strict=True):
            new = new.repeat_interleave(self.count // new.shape[1], 1)
            own[begin : begin + len(new)] = new

    def shown_rows(self, position: int) -> Tensor | None:
        """Of each picture, when `position` sites are there, LongTensor (count,); None for all."""
        return None if self.attempts is None else self.attempts.chosen(position)

    def shown(self, part: int, position: int) -> Tensor:
        """What a part says of the pictures shown, (position, count, ...)."""
        return self._of(part, self.shown_rows(position), position)

    def values(self, rows: Tensor | None, position: int) -> Tensor:
        """What some rows had become when `position` sites were there, uint8 (position, rows, C);
        None for all rows."""
        if rows is None and self.attempts is not None:
            rows = torch.arange(self.count, device=self.parts[VALUES].device)
        return self._of(VALUES, rows, position)

    def _of(self, part: int, rows: Tensor | None, position: int) -> Tensor:
        record = self.parts[part][:position]
        if rows is None:
            return record
        if self.attempts is None:
            return record.index_select(1, rows)
        index = self.attempts.lineage(rows, position)
        index = index.view(*index.shape, *[1] * (record.ndim - 2))
        return record.gather(1, index.expand(-1, -1, *record.shape[2:]))
