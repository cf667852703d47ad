"""`Resolution`: the streams of PixelCNN++ computed a row and a pixel at a time; the cached twins of
`models.layers.streams`.

The stream of the rows above is computed for a whole row at once, before its first pixel, and with
it what the other stream takes from the row above and from the rows above that. A pixel then adds
what it and its left neighbour bring, two small products a block. A pixel of the coarser resolution
is the last row and column that its convolution looks at: it is computed on the way of that pixel,
which is one in four, and the other three read what it left behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.cached import Memory
from models.layers.normalised import NormalisedConv2d
from models.layers.raster import Grid, LeftwardStep, Line, UpwardStep, as_matrix
from models.layers.streams import Features, Grow, Layer, Shrink


class Node:
    """Both streams at one place of the network, as convolutions read them: the twin of a pair of
    `Features`. What convolutions read has 2 * width channels.

    x: the stream before at the current pixel, (B, width).
    """

    def __init__(self, memory: Memory, width: int) -> None:
        self.above = Grid(memory, 2 * width, above=1, left=1, right=1)
        self.before = Grid(memory, 2 * width, above=1, left=1, right=0)
        self.line = Line(memory, 2 * width, left=1, columns=2)
        self._both = memory.scratch(2 * width)  # x and -x
        self.x, self._minus = self._both.chunk(2, 1)

    def put_row(self, row: int, x: Tensor) -> Tensor:
        """Take a row of the stream above, (B, W, width); returns its concatenated ELU."""
        active = F.elu_(torch.cat([x, -x], 2))
        self.above.write(row, active)
        return active

    def activate(self, column: int) -> None:
        """Take the pixel whose x is written."""
        torch.neg(self.x, out=self._minus)
        F.elu_(self.line.slots[column].copy_(self._both))

    def close(self, row: int) -> None:
        self.before.write(row, self.line.inside)

    def fill(self, above: Tensor, before: Tensor) -> None:
        """The first rows at once, with the zeros around them."""
        for grid, active in ((self.above, above), (self.before, before)):
            grid.all[:, : active.shape[2]] = active.permute(0, 2, 3, 1)


class BeforeStep:
    """Twin of a convolution of two rows in the stream before."""

    def __init__(
        self, node: Node, conv: NormalisedConv2d, others: Iterable[nn.Module] = (), stride: int = 1
    ) -> None:
        """others: 1x1 convolutions that are added to it, whose biases it takes."""
        weight, bias = conv.weight(), _bias(conv, others)
        self._up = UpwardStep(node.before, weight[:, :, :1], bias, stride=stride)
        self._left = LeftwardStep(node.line, weight[:, :, 1:], bias)

    def row(self, row: int) -> Tensor:
        """What the row above brings, (B, W, O)."""
        return self._up.row(row)

    def pixel(self, column: int, above: Tensor, out: Tensor) -> Tensor:
        """above: what comes from `row` and others, (B, O)."""
        return self._left(column, None, above, out)


def _bias(conv: NormalisedConv2d, others: Iterable[nn.Module]) -> Tensor:
    return sum((cast(NormalisedConv2d, other).bias for other in others), conv.bias)


class LayerStep:
    """Twin of `Layer`: what it reads is `given`, and `shortcut` on the way up;
    what it makes is `made`."""

    def __init__(self, layer: Layer, memory: Memory, given: Node, shortcut: Node | None) -> None:
        above, before = layer.above, layer.before
        width = len(above.inner.bias)
        self.layer, self.given, self.shortcut = layer, given, shortcut
        self.hidden, self.made = Node(memory, width), Node(memory, width)
        bias = _bias(above.inner, above.others)
        self._inner_above = UpwardStep(given.above, above.inner.weight(), bias)
        self._outer_above = UpwardStep(self.hidden.above, above.outer.weight(), above.outer.bias)
        self._inner = BeforeStep(given, before.inner, before.others)
        self._outer = BeforeStep(self.hidden, before.outer)
        self._across, *self._to_before = _matrices(before.others)
        self._to_above = _matrices(above.others)
        self._y = memory.scratch(2 * width)
        self._signal, self._gate = self._y.chunk(2, 1)

    def open(self, row: int, x: Tensor, biases: Tensor | None) -> Tensor:
        """A row of the stream above, (B, W, width) -> the same behind the layer.

        biases: what the class adds in each layer, (B, layers, 2, 2 * width).
        """
        bias = None if biases is None else biases[:, self.layer.index, :, None].unbind(1)
        y = self._inner_above.row(row)
        if self.shortcut is not None:
            _add_product(y, self.shortcut.above.inside[:, row], self._to_above[0])
        self.hidden.put_row(row, y)
        y = self._outer_above.row(row)
        signal, gate = (y if bias is None else y.add_(bias[0])).chunk(2, 2)
        x = torch.addcmul(x, signal, gate.sigmoid())
        active = self.made.put_row(row, x)
        y = self._inner.row(row)
        _add_product(y, active, self._across)
        self._inner_row = y.unbind(1)
        y = self._outer.row(row)
        self._outer_row = (y if bias is None else y.add_(bias[1])).unbind(1)
        return x

    def pixel(self, column: int) -> None:
        y = self._inner.pixel(column, self._inner_row[column], out=self.hidden.x)
        if self.shortcut is not None:
            y.addmm_(self.shortcut.line.slots[column], self._to_before[0])
        self.hidden.activate(column)
        self._outer.pixel(column, self._outer_row[column], out=self._y)
        torch.addcmul(self.given.x, self._signal, self._gate.sigmoid_(), out=self.made.x)
        self.made.activate(column)

    def close(self, row: int) -> None:
        self.hidden.close(row)
        self.made.close(row)

    def fill(self, above: Features, before: Features) -> None:
        """Take over what the layer has made of whole rows."""
        self.made.fill(above.active, before.active)
        self.hidden.fill(cast(Tensor, above.hidden), cast(Tensor, before.hidden))


def _add_product(y: Tensor, x: Tensor, weight: Tensor) -> None:
    """Add x @ weight to a row y, (B, W, O), in place."""
    y.view(-1, y.shape[2]).addmm_(x.flatten(0, 1), weight)


def _matrices(convs: Iterable[nn.Module]) -> list[Tensor]:
    return [as_matrix(cast(NormalisedConv2d, conv).weight()) for conv in convs]


class ShrinkStep:
    """Twin of `Shrink`; row and column are those of the finer resolution, and even."""

    def __init__(self, shrink: Shrink, coarse: Memory, given: Node) -> None:
        self.made = Node(coarse, len(shrink.above.bias))
        self._above = UpwardStep(given.above, shrink.above.weight(), shrink.above.bias, stride=2)
        self._before = BeforeStep(given, shrink.before, stride=2)

    def open(self, row: int) -> Tensor:
        """A row of the stream above, (B, W / 2, width)."""
        x = self._above.row(row)
        self.made.put_row(row // 2, x)
        self._row = self._before.row(row).unbind(1)
        return x

    def pixel(self, column: int) -> None:
        self._before.pixel(column, self._row[column // 2], out=self.made.x)
        self.made.activate(column // 2)

    def close(self, row: int) -> None:
        self.made.close(row // 2)

    def fill(self, above: Features, before: Features) -> None:
        self.made.fill(above.active, before.active)


class GrowStep:
    """Twin of `Grow`; row and column are those of the finer resolution."""

    def __init__(self, grow: Grow, memory: Memory, coarse: Node) -> None:
        self.made, self._coarse = Node(memory, len(grow.above.bias)), coarse
        above, before = grow.above.weight(), grow.before.weight()
        self._kernels = [above[:, :, i : i + 1].transpose(0, 1) for i in (0, 1)]  # of each row
        self._above_bias, self._bias = grow.above.bias, grow.before.bias
        self._matrices = [
            [as_matrix(before[:, :, i : i + 1, j : j + 1]) for j in (0, 1)] for i in (0, 1)
        ]
        self._columns = memory.space[1]

    def open(self, row: int) -> Tensor:
        """A row of the stream above, (B, W, width)."""
        half, odd = divmod(row, 2)
        # of an even row the coarser one is computed along with it, of an odd one it is complete
        before = self._coarse.before.inside[:, half].unbind(1)
        self._deep = before if odd else self._coarse.line.slots
        self._matrix = self._matrices[odd]
        seen = self._coarse.above.inside[:, half : half + 1].permute(0, 3, 1, 2)
        y = F.conv_transpose2d(seen, self._kernels[odd], self._above_bias, (1, 2))
        x = y[:, :, 0, 1 : 1 + self._columns].mT
        self.made.put_row(row, x)
        return x

    def pixel(self, column: int) -> None:
        half, odd = divmod(column, 2)
        torch.addmm(self._bias, self._deep[half], self._matrix[odd], out=self.made.x)
        self.made.activate(column)

    def close(self, row: int) -> None:
        self.made.close(row)

    def fill(self, above: Features, before: Features) -> None:
        self.made.fill(above.active, before.active)


class Resolution:
    """The mirror of `PixelCNNPlusPlus.through`: one resolution, and all coarser ones inside.

    parts: the twin of each part of the network, those of coarser resolutions too.
    end: what comes out.
    """

    end: Node

    def __init__(self, levels: Sequence[nn.Module], memory: Memory, begin: Node) -> None:
        level, *coarser = levels
        self.width = memory.space[1]
        passed = [begin]
        self.down: list[LayerStep] = []
        for layer in cast(Iterable[Layer], level.down):
            self.down.append(LayerStep(layer, memory, passed[-1], None))
            passed.append(self.down[-1].made)
        self.coarse: Resolution | None = None
        self.parts: dict[nn.Module, LayerStep | ShrinkStep | GrowStep] = {}
        if coarser:
            shrink, grow = cast(Shrink, level.shrink), cast(Grow, level.grow)
            half = memory.of_size(tuple((size + 1) // 2 for size in memory.space))
            self.shrink = ShrinkStep(shrink, half, passed[-1])
            self.coarse = Resolution(coarser, half, self.shrink.made)
            self.grow = GrowStep(grow, memory, self.coarse.end)
            self.parts = {**self.coarse.parts, shrink: self.shrink, grow: self.grow}
            self.end = self.grow.made
        else:
            self.end = passed.pop()
        self.up: list[LayerStep] = []
        for layer in cast(Iterable[Layer], level.up):
            self.up.append(LayerStep(layer, memory, self.end, passed.pop()))
            self.end = self.up[-1].made
        self.parts.update({step.layer: step for step in (*self.down, *self.up)})

    def open(self, row: int, x: Tensor, biases: Tensor | None) -> None:
        """Compute the stream above for this row, from its beginning x (B, W, width), and what it
        says to the other one.

        biases: see `LayerStep.open`.
        """
        for layer in self.down:
            x = layer.open(row, x, biases)
        if self.coarse is not None:
            if row % 2 == 0:
                self.coarse.open(row // 2, self.shrink.open(row), biases)
            x = self.grow.open(row)
        for layer in self.up:
            x = layer.open(row, x, biases)

    def pixel(self, row: int, column: int) -> None:
        """Compute the stream before at a pixel, whose beginning is activated."""
        for layer in self.down:
            layer.pixel(column)
        if self.coarse is not None:
            if row % 2 == 0 and column % 2 == 0:
                self.shrink.pixel(column)
                self.coarse.pixel(row // 2, column // 2)
            self.grow.pixel(column)
        for layer in self.up:
            layer.pixel(column)

    def close(self, row: int) -> None:
        """Keep a row that is complete."""
        for layer in (*self.down, *self.up):
            layer.close(row)
        if self.coarse is not None:
            self.grow.close(row)
            if row % 2 == 0:
                self.shrink.close(row)
                self.coarse.close(row // 2)
