"""`Resolution`: the streams of PixelCNN++ computed a row and a pixel at a time, the cached twin of
`models.layers.streams`.

The stream of the rows above is computed for a whole row at once, before its first pixel, and with
it what the other stream takes from the row above and from the rows above that. A pixel then adds
what it and its left neighbour bring, two small products a block. A pixel of the coarser resolution
is the last row and column that its convolution looks at: it is computed on the way of that pixel,
which is one in four, and the other three read what it left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.normalised import NormalisedConv2d
from models.layers.rows import as_kernel, as_matrix, row_of
from models.layers.streams import Features, Grow, Layer, Shrink

Row = list[Tensor] | tuple[Tensor, ...]  # of each column (B, C)


class _Weights:
    """A layer's weights, the way that rows and pixels multiply with them."""

    def __init__(self, layer: Layer) -> None:
        above, before = layer.above, layer.before
        self.inner_above = as_kernel(above.inner.weight(), _biases(above.inner, above.others))
        self.outer_above = as_kernel(above.outer.weight(), above.outer.bias)
        self.inner_row, self.inner = _by_row(before.inner, before.others)
        self.outer_row, self.outer = _by_row(before.outer)
        across, *shortcuts = [
            as_matrix(cast(NormalisedConv2d, other).weight())
            for other in (*before.others, *above.others)
        ]
        self.across = across
        if shortcuts:
            self.shortcut, self.shortcut_above = shortcuts


def _biases(conv: NormalisedConv2d, others: Iterable[nn.Module] = ()) -> Tensor:
    """Those of convolutions that are added."""
    return sum(
        (cast(NormalisedConv2d, other).bias.detach() for other in others), conv.bias.detach()
    )


def _by_row(
    conv: NormalisedConv2d, others: Iterable[nn.Module] = ()
) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """A kernel of two rows: the part for the row above, which takes the biases too, and the matrix
    for the row itself."""
    weight = conv.weight()
    return as_kernel(weight[:, :, :1], _biases(conv, others)), as_matrix(weight[:, :, 1:])


class Resolution:
    """One resolution, and through `coarse` all coarser ones.

    above, before: what the convolutions of each stream read, (B, slots, 1 + H, 1 + W (+ 1), 2 *
    width), with zeros around. The slots are, in order, the streams at the `nodes` between the
    blocks, then the inner features of each block. Nodes are the beginning, what each block on the
    way down makes, what comes from the coarser resolution where there is one, and what each block
    on the way up makes.  lines: the current row of `before`.
    """

    def __init__(
        self,
        down: list[Layer],
        up: list[Layer],
        shrink: Shrink | None,
        grow: Grow | None,
        coarse: Resolution | None,
    ) -> None:
        self.layers, self.shrink, self.grow, self.coarse = [*down, *up], shrink, grow, coarse
        self._weights = [_Weights(layer) for layer in self.layers]
        self._bottom = len(down)  # the node where the way down ends
        top = self._bottom + (coarse is not None)  # the node where the way up begins
        self._inputs = [
            *range(len(down)),
            *range(top, top + len(up)),
        ]  # of each block, the node that it reads
        self._shortcuts = [-1] * len(down) + [top - 1 - k for k in range(len(up))]
        self.nodes = top + len(up) + 1
        if shrink is not None and grow is not None:
            self._shrink_above = as_kernel(shrink.above.weight(), shrink.above.bias)
            self._shrink_before = _by_row(shrink.before)
            weight = grow.above.weight()
            self._grow_above = [
                (weight[:, :, i : i + 1].transpose(0, 1).detach(), grow.above.bias.detach())
                for i in (0, 1)
            ]
            weight = grow.before.weight()
            self._grow_before = [
                [as_matrix(weight[:, :, i : i + 1, j : j + 1]) for j in (0, 1)] for i in (0, 1)
            ]
            self._grow_bias = grow.before.bias.detach()

    # The buffers.

    def allocate(
        self, zeros: Callable[..., Tensor], height: int, width: int, features: int
    ) -> None:
        """Make the buffers for pictures of this size, and the views into them.  zeros: makes them,
        batch first."""
        slots = self.nodes + len(self.layers)
        self.width = width
        self.above = zeros(slots, 1 + height, 2 + width, 2 * features)
        self.before = zeros(slots, 1 + height, 1 + width, 2 * features)
        self.lines = zeros(slots, 1 + width, 2 * features)
        self._slots = [[line[:, 1 + c] for c in range(width)] for line in self.lines.unbind(1)]
        self._windows = [
            [line[:, c : c + 2].flatten(1) for c in range(width)] for line in self.lines.unbind(1)
        ]
        self._own = [zeros(2 * features) for _ in range(slots)]  # (x, -x) at the current pixel
        self._x = [own[:, :features] for own in self._own]
        self._minus = [own[:, features:] for own in self._own]
        if self.coarse is not None:
            self.coarse.allocate(zeros, (height + 1) // 2, (width + 1) // 2, features)

    def buffers(self, rows: int) -> list[Tensor]:
        """What the first `rows` rows leave behind, here and in coarser resolutions, batch first."""
        kept = [self.above[:, :, : 1 + rows], self.before[:, :, : 1 + rows]]
        return kept if self.coarse is None else kept + self.coarse.buffers((rows + 1) // 2)

    # A row.

    def open(self, row: int, x: Tensor, biases: Tensor | None) -> None:
        """Compute the stream above for this row, from its beginning x (B * W, width), and what it
        says to the other one.

        biases: what the class adds in each layer, (B, layers, 2, 2 * width).
        """
        self._inner: list[Row] = []
        self._outer: list[Row] = []
        active = self._put(0, row, x)
        for k, weights in enumerate(self._weights):
            if k == self._bottom and self.coarse is not None:
                x = self._by_the_coarse(row, biases)
                active = self._put(self._bottom + 1, row, x)
            bias = (
                None if biases is None else biases[:, self.layers[k].index, :, None]
            )  # (B, 2, 1, 2 * width)
            y = row_of(self.above[:, self._inputs[k]], row, weights.inner_above)
            if self._shortcuts[k] >= 0:
                y.addmm_(
                    self.above[:, self._shortcuts[k], 1 + row, 1:-1].flatten(0, 1),
                    weights.shortcut_above,
                )
            self._put(self.nodes + k, row, y)
            y = row_of(self.above[:, self.nodes + k], row, weights.outer_above)
            if bias is not None:
                y.unflatten(0, (-1, self.width)).add_(bias[:, 0])
            signal, gate = y.chunk(2, 1)
            x = torch.addcmul(x, signal, gate.sigmoid())
            active = self._put(self._inputs[k] + 1, row, x)
            y = row_of(self.before[:, self._inputs[k]], row, weights.inner_row).addmm_(
                active, weights.across
            )
            self._inner.append(y.unflatten(0, (-1, self.width)).unbind(1))
            y = row_of(self.before[:, self.nodes + k], row, weights.outer_row).unflatten(
                0, (-1, self.width)
            )
            self._outer.append((y if bias is None else y.add_(bias[:, 1])).unbind(1))

    def _put(self, slot: int, row: int, x: Tensor) -> Tensor:
        """Put the concatenated ELU of a row (B * W, width) of the stream above where convolutions
        read it; returns it."""
        active = F.elu_(torch.cat([x, -x], 1))
        self.above[:, slot, 1 + row, 1:-1] = active.unflatten(0, (-1, self.width))
        return active

    def _by_the_coarse(self, row: int, biases: Tensor | None) -> Tensor:
        """Open the row of the coarser resolution that begins at this one, if one does; what the row
        gets from there."""
        assert self.coarse is not None
        half, odd = divmod(row, 2)
        if not odd:
            y = row_of(self.above[:, self._bottom], row, self._shrink_above, stride=2)
            self.coarse.open(half, y, biases)
            y = row_of(self.before[:, self._bottom], row, self._shrink_before[0], stride=2)
            self._shrunk = y.unflatten(0, (-1, self.coarse.width)).unbind(1)
            self._deep: Row = self.coarse._slots[self.coarse.nodes - 1]
        else:
            self._deep = self.coarse.before[:, self.coarse.nodes - 1, 1 + half, 1:].unbind(1)
        self._grow_row = self._grow_before[odd]
        weight, bias = self._grow_above[odd]
        seen = self.coarse.above[:, self.coarse.nodes - 1, 1 + half : 2 + half, 1:-1].permute(
            0, 3, 1, 2
        )
        y = F.conv_transpose2d(seen, weight, bias, (1, 2))[
            ..., 1 : 1 + self.width
        ]  # (B, width, 1, W)
        return y.permute(0, 2, 3, 1).flatten(0, 2)

    # A pixel.

    def pixel(self, row: int, column: int, bias: Tensor, seen: Tensor, weight: Tensor) -> Tensor:
        """Compute the stream before at a pixel, which begins as bias + seen @ weight; returns what
        comes out, as convolutions read it, (B, 2 * width)."""
        torch.addmm(bias, seen, weight, out=self._x[0])
        self._activate(0, column)
        for k, weights in enumerate(self._weights):
            node, hidden = self._inputs[k], self.nodes + k
            if k == self._bottom and self.coarse is not None:
                if row % 2 == 0 and column % 2 == 0:
                    seen, half = self._windows[self._bottom][column], column // 2
                    self.coarse.pixel(
                        row // 2, half, self._shrunk[half], seen, self._shrink_before[1]
                    )
                torch.addmm(
                    self._grow_bias,
                    self._deep[column // 2],
                    self._grow_row[column % 2],
                    out=self._x[node],
                )
                self._activate(node, column)
            y = torch.addmm(
                self._inner[k][column],
                self._windows[node][column],
                weights.inner,
                out=self._x[hidden],
            )
            if self._shortcuts[k] >= 0:
                y.addmm_(self._slots[self._shortcuts[k]][column], weights.shortcut)
            self._activate(hidden, column)
            y = torch.addmm(
                self._outer[k][column], self._windows[hidden][column], weights.outer
            )  # (B, 2 * width)
            signal, gate = y.chunk(2, 1)
            torch.addcmul(self._x[node], signal, gate.sigmoid_(), out=self._x[node + 1])
            self._activate(node + 1, column)
        return self._slots[self.nodes - 1][column]

    def _activate(self, slot: int, column: int) -> None:
        """Put the concatenated ELU of `_x` where convolutions read it."""
        torch.neg(self._x[slot], out=self._minus[slot])
        F.elu_(self._slots[slot][column].copy_(self._own[slot]))

    def close(self, row: int) -> None:
        """Keep a row that is complete."""
        self.before[:, :, 1 + row] = self.lines
        if self.coarse is not None and row % 2 == 0:
            self.coarse.close(row // 2)

    # In parallel.

    def keep(self, part: nn.Module | None, features: tuple[Features, Features]) -> None:
        """Take over what a part of the network has made of a whole picture, or of its first rows.

        part: None for the beginning.
        """
        if part is None:
            self._keep(0, *(f.active for f in features))
        elif part in self.layers:
            k = self.layers.index(part)
            self._keep(self._inputs[k] + 1, *(f.active for f in features))
            self._keep(self.nodes + k, *(cast(Tensor, f.hidden) for f in features))
        elif part is self.grow:
            self._keep(self._bottom + 1, *(f.active for f in features))
        elif self.coarse is not None:
            self.coarse.keep(None if part is self.shrink else part, features)

    def _keep(self, slot: int, above: Tensor, before: Tensor) -> None:
        for buffer, active in ((self.above, above), (self.before, before)):
            buffer[:, slot, : active.shape[2]] = active.permute(0, 2, 3, 1)
