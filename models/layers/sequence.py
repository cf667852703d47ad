"""`SequenceStepper`: the book-keeping of steppers that read the sites as one sequence, each behind
the one before."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Stepper


class SequenceStepper(Stepper):
    """Every site is computed once, at the latest when it is committed, for later ones read what it
    leaves behind.

    x (B, N, channels): what is committed, scaled, in the order of generation. A subclass says what
    a site computes.
    """

    def __init__(self, model: AutoregressiveModel, batch: int) -> None:
        self.model, self.order = model, model.order
        self._scale = 1.0 / (model.spec.levels - 1)
        with torch.inference_mode(False):
            self._start(batch)

    # What a subclass says.

    @abstractmethod
    def _allocate(self) -> None:
        """Make the memory for `self.batch` rows and the views into it and into `self.x`, as before
        the first site."""

    @abstractmethod
    def _step(self) -> Tensor:
        """The parameters (B, P) of the site at `self.position`; leaves behind what later sites
        read."""

    @abstractmethod
    def _fill(self, count: int) -> None:
        """Make the memory what it is after the first `count` sites of self.x, by one parallel
        pass."""

    def _forget(self, count: int) -> None:
        """Make the memory what it was after `count` sites; computed anew, unless a subclass knows
        better."""
        self._fill(count)

    @abstractmethod
    def _memory(self) -> list[tuple[Tensor, int]]:
        """What `select` has to reorder besides x, each with its axis of rows."""

    # What it may say otherwise: how the sites are remembered.

    def _nothing(self) -> Tensor:
        """x before the first site."""
        model = self.model
        return torch.zeros(
            self.batch, len(self.order), model.spec.channels, device=model.device, dtype=model.dtype
        )

    def _take(self, values: Tensor) -> None:
        """Put values (B, channels) into x at the current site."""
        self.x[:, self.position] = values * self._scale

    # Shared.

    def _start(self, batch: int) -> None:
        self.batch, self.position = batch, 0
        self.x = self._nothing()
        self._params: Tensor | None = None
        self._allocate()

    def conditional(self) -> Tensor:
        if self._params is None:
            self._params = self._step()
        return self._params

    def commit(self, values: Tensor) -> None:
        self.conditional()
        self._take(values)
        self.position += 1
        self._params = None

    def prime(self, x: Tensor, count: int) -> None:
        self.x.copy_(
            self.model.scaled(x.to(self.model.device))
            .flatten(2)
            .index_select(2, self.order)
            .transpose(1, 2)
        )
        self.position, self._params = count, None
        self._fill(count)

    def rewind(self, position: int) -> None:
        if not 0 <= position <= self.position:
            raise ValueError(f"cannot rewind to {position}: {self.position} sites are committed")
        if position < self.position:
            self.position, self._params = position, None
            self._forget(position)

    def select(self, rows: Tensor) -> None:
        rows, position = rows.to(self.model.device), self.position
        x, kept = (
            self.x.index_select(0, rows),
            [old.index_select(axis, rows) for old, axis in self._memory()],
        )
        params = None if self._params is None else self._params.index_select(0, rows)
        if len(rows) != self.batch:
            with torch.inference_mode(False):
                self._start(len(rows))
        self.position, self._params = position, params
        self.x.copy_(x)
        for (memory, _), rest in zip(self._memory(), kept, strict=True):
            memory.copy_(rest)
