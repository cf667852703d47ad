"""`SequenceStepper`: the book-keeping of steppers that read
the sites as one sequence, each behind the one before."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor

from models.interface import AutoregressiveModel
from models.layers.cached import CachedStepper


class SequenceStepper(CachedStepper):
    """x (B, N, channels): what is committed, scaled, in the order of generation."""

    x: Tensor

    def __init__(
        self, model: AutoregressiveModel, batch: int, condition: Tensor | None = None
    ) -> None:
        self._scale = 1.0 / (model.spec.levels - 1)
        super().__init__(model, batch, condition)

    @abstractmethod
    def _recall(self, count: int) -> None:
        """Make the twins what they are after the first `count` sites of x, by one parallel pass."""

    def _make(self) -> None:
        self.x = self.memory.kept(len(self.order), self.model.spec.channels)

    def _take(self, values: Tensor) -> None:
        self.x[:, self.position] = values * self._scale

    def _fill(self, x: Tensor, count: int) -> None:
        scaled = self.model.scaled(x).flatten(2)
        self.x.copy_(scaled.index_select(2, self.order).transpose(1, 2))
        self._recall(count)

    def _forget(self, count: int) -> None:
        """Computed anew, unless a subclass knows better."""
        self._recall(count)
