"""Pictures of which all sites are drawn at once, in passes until nothing changes; see
`parallel_decoding`, which makes the passes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.generation.by_site import CHUNK
from studio.engine.generation.draft import Draft
from studio.engine.generation.guidance import conditionals_of
from studio.engine.generation.parallel_decoding import ParallelDecoding, Pass
from studio.engine.runtime.threads import one_thread


class AtOnce:
    """Draws a draft, and keeps the passes: what each guessed can be looked at again."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._decoding: ParallelDecoding | None = None  # made when the first pass is asked for

    @property
    def made(self) -> Sequence[Pass]:
        """The passes on record."""
        return () if self._decoding is None else self._decoding.passes

    def draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Until so many sites are settled, or until it is interrupted."""
        draft = self._draft
        if self._decoding is None:
            self._decoding = self._new()
        ends = [*(stretch.end for stretch in draft.earlier), draft.length]
        sampling = [
            (begin, end, draft.sampling_from(begin)[0])
            for begin, end in itertools.pairwise([0, *ends])
        ]
        with one_thread():
            while draft.sites < last:
                found = self._decoding.run(draft.settled(), sampling, interrupted)
                if found is None:
                    break
                for values, params in zip(*(part.split(CHUNK) for part in found), strict=True):
                    draft.put(draft.sites, values.long(), params)

    def _new(self) -> ParallelDecoding:
        draft = self._draft
        condition, order = draft.given_besides(draft.options.count)

        def conditionals(pictures: Tensor, rows: slice) -> Tensor:
            given = None if condition is None else condition[rows]
            return conditionals_of(draft.model, pictures, given, order, draft.guidance)

        noise = torch.stack(draft.noise)[draft.rank]
        found = ParallelDecoding(
            conditionals, draft.likelihood, draft.rank, noise, draft.model.spec.space
        )
        found.hold(draft.known_at[draft.order], *draft.held())
        return found

    # The draft is another one.

    def hold(self) -> None:
        """Other values are given, or set by hand."""
        if self._decoding is not None:
            self._decoding.hold(self._draft.known_at[self._draft.order], *self._draft.held())

    def forget(self) -> None:
        """It was cut off."""
        if self._decoding is not None:
            self._decoding.forget(self._draft.sites)

    def take(self, made: tuple[Pass, ...]) -> None:
        """An earlier record is gone on with, which was drawn in these passes."""
        if self._decoding is not None:
            self._decoding.take(made, self._draft.sites)

    # What is shown.

    def stop_at(self, position: int, now: int) -> int:
        """Where one stands who wants to go there."""
        return position if self._decoding is None else self._decoding.stop_at(position, now)

    def shown(self, position: int) -> Pass | None:
        """The pass that is shown there; None before the first."""
        return None if self._decoding is None else self._decoding.shown(position)

    def passes(self, position: int) -> int | None:
        """How many there were up to there; None where it was drawn otherwise."""
        if (shown := self.shown(position)) is not None:
            return shown.number
        return 0 if position == self._draft.start else None

    def guessed(
        self, values: NDArray[np.uint8], position: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
        """The pictures, levels (count, C, H, W), with guesses where they are not settled, and
        where they are: see `Snapshot`."""
        draft, shown = self._draft, self.shown(position)
        if shown is None:
            return values, None
        flat, left = values.reshape(*values.shape[:2], -1), draft.order[position:]
        open_ = left[~draft.known_at[left]]
        guesses = np.zeros((draft.length, *shown.guesses.shape[1:]), np.uint8)
        guesses[draft.order[shown.front :]] = shown.guesses.cpu().numpy()  # by raster index
        flat[:, :, open_] = guesses[open_].transpose(1, 2, 0)
        fronts = np.maximum(shown.fronts.cpu().numpy(), position)
        settled = np.zeros((len(fronts), draft.length), bool)
        settled[:, draft.order] = np.arange(draft.length) < fronts[:, None]
        settled |= draft.known_at
        return values, settled.reshape(-1, *draft.model.spec.space)
