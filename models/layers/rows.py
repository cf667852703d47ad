"""`RowStepper`: generating a picture in raster order when a row's context can be computed once a
row.

What a convolution takes from the rows above is known before the first pixel of a row is drawn, so
it is computed for all columns at once; a pixel then only adds what lies to its left in its own row.
That leaves a handful of small matrix products a pixel (Ramachandran et al. 2017, "Fast generation
for convolutional autoregressive models", cache every column in the same spirit). Two habits keep
the overhead down: every slice that a step writes or reads is made once, when the stepper is, and
the operations write into buffers that exist already.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.interface import AutoregressiveModel, Stepper
from models.layers.masked import MaskedConv2d


def row_of(
    grid: Tensor, row: int, kernel: tuple[Tensor, Tensor], dilation: int = 1, stride: int = 1
) -> Tensor:
    """One row of a convolution: grid (B, H', W', C), read from grid row `row` on -> (B * W, O).

    kernel: see `as_kernel`.  stride: between the columns.
    """
    weight, bias = kernel
    seen = grid[:, row : row + (weight.shape[2] - 1) * dilation + 1].permute(0, 3, 1, 2)
    out = F.conv2d(seen, weight, bias, stride, dilation=dilation)  # (B, O, 1, W)
    return out.permute(0, 2, 3, 1).reshape(-1, weight.shape[0])


def as_kernel(weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """A convolution's weight (O, I, kh, kw) and bias (O,) for `row_of`, in the layout that rows are
    kept in."""
    return weight.detach().contiguous(memory_format=torch.channels_last), bias.detach()


def as_matrix(weight: Tensor) -> Tensor:
    """A convolution's weight (O, I, kh, kw) as the matrix (kh * kw * I, O) that windows are
    multiplied with."""
    return weight.detach().permute(2, 3, 1, 0).reshape(-1, weight.shape[0]).contiguous()


def bias_of(layer: nn.Conv2d | MaskedConv2d) -> Tensor:
    """A convolution's bias, apart from the graph."""
    assert layer.bias is not None
    return layer.bias.detach()


def above_and_left(conv: MaskedConv2d) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """A masked convolution in two parts: what it takes from the rows above, with the bias, as a
    kernel for `row_of`, and from its own row, as a matrix (beside * I, O) for windows."""
    masked = (conv.weight * conv.mask).detach()
    return as_kernel(masked[:, :, :-1], bias_of(conv)), as_matrix(masked[:, :, -1:, : conv.beside])


class RowStepper(Stepper):
    """Book-keeping shared by the raster-order convolutional models; a subclass says what a row and
    a pixel compute.

    The input has one channel more than what pixels are told by: ones, so that a pixel of level 0
    and "outside" differ. grid (B, reach + H, reach + W + reach, inputs + 1): finished rows.  line
    (B, reach + W, inputs + 1): the current row. inputs: numbers that tell a pixel; as many as
    channels, unless a subclass encodes levels in a way of its own.
    """

    def __init__(
        self, model: AutoregressiveModel, batch: int, reach: int, inputs: int | None = None
    ) -> None:
        self.model = model
        self.reach = reach
        self.inputs = inputs or model.spec.channels
        self.order = model.order
        self.height, self.width = model.spec.space
        self.position = 0
        self._scale = 1.0 / (model.spec.levels - 1)
        with torch.inference_mode(False):
            self._start(batch)

    # What a subclass says.

    @abstractmethod
    def _allocate(self) -> None:
        """Make the buffers for `self.batch` rows and the views into them."""

    @abstractmethod
    def _buffers(self) -> list[Tensor]:
        """The buffers that outlive a row, batch first: what `select` has to reorder."""

    @abstractmethod
    def _open(self, row: int) -> None:
        """Compute what the finished rows contribute to every column of this row."""

    @abstractmethod
    def _pixel(self, column: int) -> Tensor:
        """Compute the features of a pixel whose left neighbours are done; return its parameters (B,
        P)."""

    @abstractmethod
    def _close(self, row: int) -> None:
        """Put the features of a row that is complete where later rows find them."""

    @abstractmethod
    def _prime(self, x: Tensor, rows: int) -> None:
        """Fill the features of the first `rows` rows from x (B, inputs + 1, H, W) in one parallel
        pass."""

    def _encoded(self, x: Tensor) -> Tensor:
        """A picture as the network is told it, (B, inputs, H, W)."""
        return self.model.scaled(x)

    def _take(self, values: Tensor, slot: Tensor) -> None:
        """Put a pixel's values (B, channels) into slot (B, inputs), as the network is told them."""
        torch.mul(values, self._scale, out=slot)

    # What they have in common.

    def zeros(self, *shape: int) -> Tensor:
        """A buffer (B, *shape) on the model's device."""
        return torch.zeros(self.batch, *shape, device=self.model.device, dtype=self.model.dtype)

    def _start(self, batch: int) -> None:
        self.batch = batch
        self.grid = self.zeros(
            self.reach + self.height, self.width + 2 * self.reach, self.inputs + 1
        )
        self.line = self.zeros(self.reach + self.width, self.inputs + 1)
        self._inside = slice(self.reach, self.reach + self.width)
        self.grid[:, self.reach :, self._inside, -1] = 1
        self.line[:, self.reach :, -1] = 1
        self._values = [self.line[:, self.reach + c, :-1] for c in range(self.width)]
        self.left = [self.line[:, c : c + self.reach].flatten(1) for c in range(self.width)]
        self._params: Tensor | None = None
        self._opened = -1
        self._allocate()

    def conditional(self) -> Tensor:
        if self._params is None:
            row, column = divmod(self.position, self.width)
            if row != self._opened:
                self._open(row)
                self._opened = row
            self._params = self._pixel(column)
        return self._params

    def commit(self, values: Tensor) -> None:
        if self._params is None:
            self.conditional()  # an evidence site has features too, which later sites look at
        row, column = divmod(self.position, self.width)
        self._take(values, self._values[column])
        self._advance(row, column)

    def _advance(self, row: int, column: int) -> None:
        self._params = None
        self.position += 1
        if column == self.width - 1:
            self._flush(row)
            self._close(row)

    def _flush(self, row: int) -> None:
        self.grid[:, self.reach + row, self._inside] = self.line[:, self.reach :]

    def prime(self, x: Tensor, count: int) -> None:
        encoded = self._encoded(x.to(self.model.device))
        self.grid[:, self.reach :, self._inside, :-1] = encoded.permute(0, 2, 3, 1)
        row, column = divmod(count, self.width)
        if row:
            ones = torch.ones_like(encoded[:, :1])
            self._prime(torch.cat([encoded, ones], 1), row)
        self._replay(row, column)

    def rewind(self, position: int) -> None:
        if not 0 <= position <= self.position:
            raise ValueError(f"cannot rewind to {position}: {self.position} sites are committed")
        if self.position % self.width:
            self._flush(self.position // self.width)
        self._replay(*divmod(position, self.width))

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.model.device)
        position, kept = (
            self.position,
            [b.index_select(0, rows) for b in (self.grid, self.line, *self._buffers())],
        )
        if len(rows) != self.batch:
            with torch.inference_mode(False):
                self._start(len(rows))
        for buffer, rest in zip((self.grid, self.line, *self._buffers()), kept, strict=True):
            buffer.copy_(rest)
        self.position = position
        if position % self.width:
            self._flush(position // self.width)
        self._replay(*divmod(position, self.width))

    def _replay(self, row: int, column: int) -> None:
        """Stand at (row, column): the features of the rows above are there, those of this row are
        computed anew."""
        self.position = row * self.width
        self._opened = -1
        self._params = None
        for c in range(column):
            values = self.grid[:, self.reach + row, self.reach + c, :-1].clone()
            self.conditional()
            self._values[c].copy_(values)
            self._advance(row, c)
