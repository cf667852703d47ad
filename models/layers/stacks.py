"""The two stacks that leave no blind spot, and how they are shifted
(van den Oord et al. 2016b, section 2.2).

The *vertical* stack sees all rows above, over the whole width; the *horizontal* stack sees what
lies to the left in the row itself, and takes the vertical stack's features of its own pixel. To
keep the pixel itself out, the vertical stack's first layer is moved down by a row and the
horizontal stack's first layer right by a column, once; after that, both may look at their own
position.
"""

from __future__ import annotations

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Taps, magnitudes
from models.layers.cached import bias_of
from models.layers.raster import Grid, LeftwardStep, Line, RasterStepper, UpwardStep

FIRST_REACH = (
    3  # the first layers see three rows up and three columns left and right, as a 7x7 kernel does
)


def _taps(conv: nn.Conv2d, rows: range, columns: range, moved: tuple[int, int] = (0, 0)) -> Taps:
    """Of a convolution whose kernel covers these rows and columns, seen from the site."""
    offsets = [(row, column) for row in rows for column in columns]
    return Taps(np.array(offsets), magnitudes(conv.weight).ravel(), moved)


class RowsAbove(nn.Module):
    """First layer of the vertical stack: the three rows above, seven columns wide."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, (FIRST_REACH, 2 * FIRST_REACH + 1))

    def forward(self, x: Tensor) -> Tensor:
        # the last row is above nothing
        x = F.pad(x[:, :, :-1], (FIRST_REACH, FIRST_REACH, FIRST_REACH, 0))
        return self.conv(x)  # (B, outputs, H, W)

    def taps(self) -> Taps:
        beside = range(-FIRST_REACH, FIRST_REACH + 1)
        return _taps(self.conv, range(-FIRST_REACH, 0), beside, moved=(1, 0))

    def cached(self, picture: RasterStepper) -> UpwardStep:
        return UpwardStep(picture.grid, self.conv.weight, bias_of(self.conv))


class LeftOf(nn.Module):
    """First layer of the horizontal stack: the three pixels to the left."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, (1, FIRST_REACH))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x[:, :, :, :-1], (FIRST_REACH, 0, 0, 0)))  # (B, outputs, H, W)

    def taps(self) -> Taps:
        return _taps(self.conv, range(1), range(-FIRST_REACH, 0), moved=(0, 1))

    def cached(self, picture: RasterStepper) -> LeftwardStep:
        return LeftwardStep(picture.line, self.conv.weight, bias_of(self.conv))


class Downward(nn.Module):
    """A further layer of the vertical stack: its own row and the one `dilation` rows up, three
    columns `dilation` apart."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, (2, 3), dilation=dilation)
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        d = self.dilation
        return self.conv(F.pad(x, (d, d, d, 0)))  # (B, outputs, H, W)

    def taps(self) -> Taps:
        d = self.dilation
        return _taps(self.conv, range(-d, 1, d), range(-d, d + 1, d))

    def cached(self, picture: RasterStepper) -> UpwardStep:
        d = self.dilation
        grid = Grid(picture.memory, self.conv.in_channels, d, d, d)
        return UpwardStep(grid, self.conv.weight, bias_of(self.conv), d)


class Rightward(nn.Module):
    """A further layer of the horizontal stack: its own column and the one to the left."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, (1, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (1, 0, 0, 0)))  # (B, outputs, H, W)

    def taps(self) -> Taps:
        return _taps(self.conv, range(1), range(-1, 1))

    def cached(self, picture: RasterStepper) -> LeftwardStep:
        line = Line(picture.memory, self.conv.in_channels, left=1, columns=2)
        return LeftwardStep(line, self.conv.weight, bias_of(self.conv))
