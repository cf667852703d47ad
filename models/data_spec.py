"""`DataSpec`: what the data of a model look like."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class DataSpec:
    """The kind of data a model is made for.

    shape: (channels, height, width) for pictures, (1, None) for audio of any length.
    levels: how many integer values a channel can take, 0..levels-1.
    """

    shape: tuple[int | None, ...]
    levels: int

    @property
    def channels(self) -> int:
        channels = self.shape[0]
        assert channels is not None
        return channels

    @property
    def space(self) -> tuple[int, ...]:
        """(height, width) of a picture, () for audio of open length."""
        return tuple(size for size in self.shape[1:] if size is not None)

    @property
    def sites(self) -> int | None:
        """How many sites there are, None where the length is open."""
        return None if None in self.shape[1:] else math.prod(self.space)

    @property
    def dimensions(self) -> int | None:
        """Sites times channels: what bits/dim divides by."""
        return None if self.sites is None else self.sites * self.channels
