"""Cached twins of the convolutions that go over a picture in raster order, and `RasterStepper`.

What a convolution takes from the rows above is known before the first pixel of a row is drawn, so
it is computed for all columns at once; a pixel then only adds what lies to its left in its own row.
That leaves a handful of small matrix products a pixel (Ramachandran et al. 2017, "Fast generation
for convolutional autoregressive models", cache every column in the same spirit).
"""

from __future__ import annotations

from abc import abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor

from models.interface import AutoregressiveModel
from models.layers.cached import CachedStepper, Memory


class Grid:
    """The finished rows of a feature map; there are `above` rows and, on either side, `left` and
    `right` columns of zeros around the picture.

    all: (B, above + H, left + W + right, C).
    inside: (B, H, W, C).
    """

    def __init__(self, memory: Memory, channels: int, above: int, left: int, right: int) -> None:
        height, width = memory.space
        self.all = memory.kept(above + height, left + width + right, channels)
        self.inside = self.all[:, above:, left : left + width]

    def write(self, row: int, features: Tensor) -> None:
        """features (B, W, C)."""
        self.inside[:, row] = features

    def fill(self, features: Tensor) -> None:
        """The first rows at once, (B, C, rows, W)."""
        self.inside[:, : features.shape[2]] = features.permute(0, 2, 3, 1)


class Line:
    """The row that is being drawn of a feature map, behind `left` columns of zeros.

    inside: (B, W, C).
    slots: of each column (B, C).
    windows: of each column what begins `left` columns to the left
    and is `columns` long, (B, columns * C).
    """

    def __init__(self, memory: Memory, channels: int, left: int, columns: int) -> None:
        width = memory.space[1]
        line = memory.scratch(left + width, channels)
        self.inside = line[:, left:]
        self.slots = self.inside.unbind(1)
        self.windows = [line[:, c : c + columns].flatten(1) for c in range(width)]


class UpwardStep:
    """Twin of a convolution that looks at the rows in `grid`, a row at a time.

    weight: (O, C, rows, columns), of which the first row lies on row 0 of grid.all for the first
    row of the picture.
    """

    def __init__(
        self, grid: Grid, weight: Tensor, bias: Tensor, dilation: int = 1, stride: int = 1
    ) -> None:
        """stride: between the columns."""
        self.grid, self._stride, self._dilation = grid, stride, dilation
        self._weight = weight.detach().contiguous(memory_format=torch.channels_last)
        self._bias = bias.detach()
        self._rows = (weight.shape[2] - 1) * dilation + 1

    def row(self, row: int) -> Tensor:
        """(B, W, O)."""
        seen = self.grid.all[:, row : row + self._rows].permute(0, 3, 1, 2)
        out = F.conv2d(  # (B, O, 1, W)
            seen, self._weight, self._bias, self._stride, dilation=self._dilation
        )
        return out.permute(0, 2, 3, 1).contiguous().flatten(0, 1)


def as_matrix(weight: Tensor) -> Tensor:
    """A convolution's weight (O, C, rows, columns) as the matrix (rows * columns * C, O) that
    windows are multiplied with."""
    return weight.detach().permute(2, 3, 1, 0).flatten(0, 2).contiguous()


class LeftwardStep:
    """Twin of a convolution that looks at the windows of `line`, a pixel at a time.

    weight: (O, C, 1, columns).
    bias: for whoever knows what comes from above.
    """

    def __init__(self, line: Line, weight: Tensor, bias: Tensor) -> None:
        self.bias = bias.detach()
        self._slots, self._windows = line.slots, line.windows
        self._weight = as_matrix(weight)

    def __call__(self, column: int, h: Tensor | None, above: Tensor, out: Tensor) -> Tensor:
        """Write into `out` what the rows above and the bias bring,
        `above`, and what the row does; both (B, O).

        h: the features of the pixel, (B, C), for the line; None where they are there, or unknown.
        """
        if h is not None:
            self._slots[column].copy_(h)
        return torch.addmm(above, self._windows[column], self._weight, out=out)


class RasterStepper(CachedStepper):
    """Book-keeping of the convolutional models that go over a picture in raster order; a subclass
    says what a row and a pixel compute.

    The picture itself is kept in `grid` and `line`, for the twins of first layers, which look
    `reach` rows and columns far. It has a channel of ones, so that a pixel of level 0 and "outside"
    differ.
    inputs: numbers that a pixel becomes; as many as channels,
    unless a subclass encodes levels in a way of its own.
    """

    grid: Grid
    line: Line

    def __init__(
        self,
        model: AutoregressiveModel,
        batch: int,
        reach: int,
        condition: Tensor | None = None,
        inputs: int | None = None,
    ) -> None:
        self.reach, self.inputs = reach, inputs or model.spec.channels
        self.height, self.width = model.spec.space
        self._scale = 1.0 / (model.spec.levels - 1)
        super().__init__(model, batch, condition)

    # What a subclass says.

    @abstractmethod
    def _open(self, row: int) -> None:
        """Compute what the finished rows contribute to every column of this row."""

    @abstractmethod
    def _pixel(self, row: int, column: int) -> Tensor:
        """The parameters (B, P) of a pixel whose left
        neighbours are done, in a tensor of their own."""

    def _close(self, row: int) -> None:
        """Put the features of a row that is complete where later rows find them."""

    @abstractmethod
    def _prime(self, x: Tensor, rows: int) -> None:
        """Remember the first `rows` rows of x (B, inputs + 1, H, W), by one parallel pass."""

    def _encoded(self, x: Tensor) -> Tensor:
        """A picture as the network is fed with it, (B, inputs, H, W)."""
        return self.model.scaled(x)

    def _encode(self, values: Tensor, out: Tensor) -> None:
        """The same of a pixel: values (B, channels), out (B, inputs)."""
        torch.mul(values, self._scale, out=out)

    # Shared.

    def _make(self) -> None:
        self._opened = -1
        self.grid = Grid(self.memory, self.inputs + 1, self.reach, self.reach, self.reach)
        self.line = Line(self.memory, self.inputs + 1, self.reach, self.reach)
        self.grid.inside[..., -1] = 1
        self.line.inside[..., -1] = 1
        self._pixels = [slot[:, :-1] for slot in self.line.slots]

    def _step(self) -> Tensor:
        row, column = divmod(self.position, self.width)
        if row != self._opened:
            self._open(row)
            self._opened = row
        return self._pixel(row, column)

    def _take(self, values: Tensor) -> None:
        row, column = divmod(self.position, self.width)
        self._encode(values, self._pixels[column])
        self._finish(row, column)

    def _finish(self, row: int, column: int) -> None:
        if column == self.width - 1:
            self.grid.write(row, self.line.inside)
            self._close(row)

    def _fill(self, x: Tensor, count: int) -> None:
        encoded = self._encoded(x)
        self.grid.inside[..., :-1] = encoded.permute(0, 2, 3, 1)
        row = count // self.width
        if row:
            self._prime(torch.cat([encoded, torch.ones_like(encoded[:, :1])], 1), row)
        self._replay(count)

    def _forget(self, count: int) -> None:
        self._keep_line()
        self._replay(count)

    def _select(self, rows: Tensor) -> None:
        self._keep_line()
        super()._select(rows)
        self._params = None
        self._replay(self.position)

    def _keep_line(self) -> None:
        """What is drawn of the current row outlives it in the grid."""
        row, column = divmod(self.position, self.width)
        if column:
            self.grid.write(row, self.line.inside)

    def _replay(self, count: int) -> None:
        """Compute the pixels anew that lie before site `count` in its row; all above are there."""
        row, column = divmod(count, self.width)
        self._opened = -1
        for c in range(column):
            self.position = row * self.width + c
            self._step()
            self._pixels[c].copy_(self.grid.inside[:, row, c, :-1])
        self.position = count
