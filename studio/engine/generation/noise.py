"""The noise that pictures are drawn with: one uniform for each picture, site and draw, from the
person's seed, on the processor.

The noise of all pictures of a seed is one endless sequence, picture after picture: that of the k-th
depends on the seed and on k alone, however many are drawn at once, where, and by whom.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.interface import AutoregressiveModel

_AT_ONCE = 1 << 20  # numbers that are passed over together


class Noise:
    """The noise of the pictures of one seed, from any of them on. What comes next is there at once;
    what lies between is passed over, some 200 million numbers a second."""

    _next: int

    def __init__(self, model: AutoregressiveModel, seed: int) -> None:
        self._shape = len(model.order), model.likelihood.draws
        self._seed, self._next = seed, 0
        self._begin()

    def rows(self, first: int, count: int) -> Tensor:
        """Of `count` pictures from number `first` on: float32 (count, N, draws) in [0, 1) on the
        host, by raster index of the site."""
        if first < self._next:
            self._begin()
        left = (first - self._next) * math.prod(self._shape)
        passed = torch.empty(min(left, _AT_ONCE))
        while left:
            some = min(left, _AT_ONCE)
            passed[:some].uniform_(generator=self._generator)
            left -= some
        self._next = first + count
        return torch.rand(count, *self._shape, generator=self._generator)

    def _begin(self) -> None:
        self._generator, self._next = torch.Generator().manual_seed(self._seed), 0


def noise_for(model: AutoregressiveModel, count: int, seed: int, first: int = 0) -> Tensor:
    """The noise of `count` pictures, from number `first` of the seed on; see `Noise.rows`."""
    return Noise(model, seed).rows(first, count)
