"""Which part of a sound is seen, in whole pixels: the arithmetic of zooming and panning.
Free of widgets.

Pixels lie on a grid that begins with the sound. So a part that moves along shows the columns it
showed before, which can be moved on the screen instead of being painted again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

CLOSEST = 1 / 16  # samples a pixel: no nearer


@dataclass(frozen=True)
class TimeWindow:
    """first: the column of the grid at the left edge.
    step: samples in a column.
    width: columns, pixels."""

    first: int
    step: float
    width: int

    @staticmethod
    def over(start: float, stop: float, width: int) -> TimeWindow:
        """From one sample to another."""
        step = max(CLOSEST, (stop - start) / width)
        return TimeWindow(round(start / step), step, width)

    @property
    def start(self) -> float:
        """The sample at the left edge."""
        return self.first * self.step

    @property
    def stop(self) -> float:
        """The sample at the right edge."""
        return (self.first + self.width) * self.step

    def sample_at(self, x: float) -> int:
        """The sample at pixel x of the window."""
        return round((self.first + x) * self.step)

    def x_of(self, sample: float) -> int:
        """The pixel of a sample, which may lie outside the window."""
        return math.floor(sample / self.step) - self.first

    def panned(self, pixels: int) -> TimeWindow:
        """Farther to the right by so much."""
        return replace(self, first=self.first + pixels)

    def zoomed(self, factor: float, x: float, farthest: float) -> TimeWindow:
        """`factor` times as many samples a pixel, at most `farthest`;
        what is at pixel x stays there."""
        step = min(max(self.step * factor, CLOSEST), max(farthest, CLOSEST))
        return replace(self, step=step, first=round((self.first + x) * self.step / step - x))

    def resized(self, width: int) -> TimeWindow:
        """The same samples with more or fewer pixels."""
        return TimeWindow.over(self.start, self.stop, width)

    def within(self, length: int) -> TimeWindow:
        """Not before the beginning of the sound, and with its end
        no nearer to the left edge than the middle."""
        most = max(0, math.ceil(length / self.step) - self.width // 2)
        return replace(self, first=min(max(self.first, 0), most))
