"""Layers whose weights are masked where a connection would let the future leak into the past.

The weights themselves are never overwritten: the product with the mask is taken in every forward
pass, so that the gradient of a masked weight is zero and an optimiser with momentum or weight decay
cannot bring it back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure, MaskedKernel, magnitudes
from models.layers.raster import Grid, LeftwardStep, Line, RasterStepper, UpwardStep

MaskType = Literal["A", "B"]


def check_kernel(kernel: int) -> None:
    """ValueError where a masked square of so many rows has no centre."""
    if kernel % 2 == 0:
        raise ValueError(f"kernel is {kernel}, but must be odd, so that the square has a centre")


class MaskedConv2d(nn.Module):
    """A convolution over what comes before the centre in raster order
    (van den Oord et al. 2016a, section 3.4).

    mask "A" leaves the centre itself out, as the first layer must; mask "B" takes it in. The rows
    of the kernel that lie below the centre would be masked altogether, so they are not stored: the
    weight has kernel // 2 + 1 rows.
    """

    mask: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, mask: MaskType) -> None:
        super().__init__()
        self.reach = kernel // 2
        self.beside = self.reach + (mask == "B")  # columns of its own row that a site sees
        conv = nn.Conv2d(inputs, outputs, (self.reach + 1, kernel))
        self.weight, self.bias = conv.weight, conv.bias
        allowed = torch.ones(self.reach + 1, kernel)
        allowed[-1, self.beside :] = 0
        self.register_buffer("mask", allowed, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, inputs, H, W) -> (B, outputs, H, W)."""
        x = F.pad(x, (self.reach, self.reach, self.reach, 0))
        return F.conv2d(x, self.weight * self.mask, self.bias)

    def anatomy(self) -> Iterator[Figure]:
        """The whole square, with the rows that are not stored."""
        below = (0, 0, 0, self.reach)
        weight = F.pad(self.weight * self.mask, below)
        yield MaskedKernel(
            kind="A" if self.beside == self.reach else "B",
            inputs=weight.shape[1],
            outputs=weight.shape[0],
            mask=F.pad(self.mask, below).bool().cpu().numpy(),
            strength=magnitudes(weight),
        )

    def cached(self, picture: RasterStepper) -> MaskedConv2dStep:
        """With mask "A", it looks at the picture itself."""
        if self.beside == self.reach:
            return MaskedConv2dStep(self, picture.grid, picture.line)
        memory, inputs = picture.memory, self.weight.shape[1]
        line = Line(memory, inputs, self.reach, self.beside)
        grid = Grid(memory, inputs, self.reach, self.reach, self.reach)
        return MaskedConv2dStep(self, grid, line)


class MaskedConv2dStep:
    """Cached twin of `MaskedConv2d`: what it takes from the rows above a row at a time, with the
    bias, and what it takes from its own row a pixel at a time.

    slots: where the features of each pixel are written before its step, (B, inputs).
    """

    def __init__(self, conv: MaskedConv2d, grid: Grid, line: Line) -> None:
        masked = conv.weight * conv.mask
        assert conv.bias is not None
        self._grid, self._line, self.slots = grid, line, line.slots
        self._up = UpwardStep(grid, masked[:, :, :-1], conv.bias)
        self._left = LeftwardStep(line, masked[:, :, -1:, : conv.beside], conv.bias)

    def open(self, row: int) -> None:
        self._above = self._up.row(row).unbind(1)

    def pixel(self, column: int, out: Tensor) -> Tensor:
        """Written into `out`, (B, outputs)."""
        return self._left(column, None, self._above[column], out)

    def close(self, row: int) -> None:
        """Remember the row, which is complete."""
        self._grid.write(row, self._line.inside)

    def fill(self, x: Tensor) -> None:
        """Remember the first rows, (B, inputs, rows, W)."""
        self._grid.fill(x)


class MaskedLinear(nn.Module):
    """A linear layer whose mask (outputs, inputs) is given
    with every call, since MADE changes it with the order."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        linear = nn.Linear(inputs, outputs)
        self.weight, self.bias = linear.weight, linear.bias

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x (B, inputs), mask (outputs, inputs) -> (B, outputs)."""
        return F.linear(x, self.weight * mask, self.bias)


class OrderedLinearStep:
    """Cached twin of `MaskedLinear` where inputs and outputs have ranks: inputs are added to the
    sums of all outputs that see them, those of their own rank on, or of the next where `strict`.

    weight: (inputs, outputs), both sorted by rank.  inputs, outputs: the ranks.  sums: those of the
    outputs, (B, outputs), which several layers may share.
    """

    def __init__(
        self,
        weight: Tensor,
        inputs: Sequence[int],
        outputs: Sequence[int],
        sums: Tensor,
        strict: bool = False,
    ) -> None:
        self.weight, self.sums = weight.detach().contiguous(), sums
        first = bisect_right if strict else bisect_left
        self._starts = [first(outputs, rank) for rank in inputs]

    def add(self, begin: int, end: int, x: Tensor) -> None:
        """Inputs begin..end, at least one: x (B, end - begin)."""
        starts, outputs = self._starts[begin:end], self.weight.shape[1]
        weight = self.weight[begin:end, starts[0] :]
        if starts[-1] > starts[0]:  # each has its own outputs
            places = torch.arange(starts[0], outputs, device=x.device)
            weight = weight * (places >= torch.tensor(starts, device=x.device)[:, None])
        self.sums[:, starts[0] :].addmm_(x, weight)
