"""A convolutional LSTM that goes over a picture line by line
(van den Oord et al. 2016a, section 3).

A *line* is what one step computes, all its cells at once: a row for the Row LSTM, a diagonal for
the Diagonal BiLSTM. What the input adds to the gates is known beforehand, for all lines; a step
adds what the line before gives, a product with the states of a few neighbours:

    [o, f, i, g] = sigmoid(gates + K * h_before),    c = f c_before + i (2 g - 1),    h = o tanh(c)
    (equation 3)

with 2 sigmoid(z) - 1 = tanh(z / 2) for the candidate: one sigmoid serves all four gates, which
costs a fifth of a tanh, and the half is the weights' to learn. The way back through the steps is
written out, since then they work in memory that is there already, and the gradient of the kernel is
one product over all lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from models.layers.tracing import traced


class Line(NamedTuple):
    """The sites of one step in the packed sequence, [first, last), and the cell that the first of
    them belongs to; the next one belongs to the next cell. A cell's sites lie in lines that follow
    each other without a gap."""

    first: int
    last: int
    cell: int


class ConvLSTM(nn.Module):
    """offsets: the cells of the line before that a cell looks at, relative to its own, in -1..1."""

    def __init__(self, hidden: int, offsets: tuple[int, ...]) -> None:
        super().__init__()
        self.offsets = offsets
        self.kernel = nn.Parameter(torch.empty(len(offsets) * hidden, 4 * hidden))
        bound = len(self.kernel) ** -0.5
        nn.init.uniform_(self.kernel, -bound, bound)

    def forward(self, gates: Tensor, lines: Sequence[Line]) -> tuple[Tensor, Tensor]:
        """gates (N, B, 4 * hidden), what the input adds at the N sites -> h and, apart from the
        graph, c: (N, B, hidden)."""
        if traced():
            return scanned(gates, self.kernel, lines, self.offsets)
        h, c = Scan.apply(gates, self.kernel.to(gates.dtype), lines, self.offsets)
        return h, c


def through_gates(gates: Tensor, c: Tensor, squashed: Tensor, h: Tensor) -> None:
    """The element-wise half of a step. gates (..., 4 * hidden): the gates before their sigmoid,
    which is taken in place.

    c (..., hidden) goes from the state before to the one after; sigmoid(2 c) and h are written into
    `squashed` and `h`.
    """
    o, f, i, g = gates.sigmoid_().chunk(4, -1)
    candidate = torch.sub(g, 0.5)  # half of it
    c.mul_(f).addcmul_(i, candidate, value=2)
    torch.mul(c, 2, out=squashed).sigmoid_()
    torch.addcmul(-o, o, squashed, value=2, out=h)


def scanned(
    gates: Tensor, kernel: Tensor, lines: Sequence[Line], offsets: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """What `Scan` computes, plainly: equation 3 line by line, each made of the one before."""
    batch, hidden = gates.shape[1], kernel.shape[1] // 4
    latest = gates.new_zeros(_cells(lines) + 2, batch, hidden)
    carried = latest[2:]
    states: list[tuple[Tensor, Tensor]] = []
    for first, last, cell in lines:
        end = cell + last - first
        near = torch.cat(_neighbours(latest, slice(cell, end), offsets), 2)
        o, f, i, g = (gates[first:last] + near @ kernel).sigmoid().chunk(4, 2)
        c = f * carried[cell:end] + i * (2 * g - 1)
        h = o * (2 * (2 * c).sigmoid() - 1)
        carried = torch.cat([carried[:cell], c, carried[end:]])
        latest = torch.cat([latest[: 1 + cell], h, latest[1 + end :]])
        states.append((h, c))
    h_of_lines, c_of_lines = zip(*states, strict=True)
    return torch.cat(h_of_lines), torch.cat(c_of_lines)


class Scan(torch.autograd.Function):
    """The steps over all lines, and the way back."""

    @staticmethod
    def forward(
        ctx: Any, gates: Tensor, kernel: Tensor, lines: Sequence[Line], offsets: tuple[int, ...]
    ) -> tuple[Tensor, Tensor]:
        inputs, hidden = kernel.shape[0], kernel.shape[1] // 4
        sites, batch = gates.shape[:2]
        opened = gates.new_empty(gates.shape)  # after their sigmoid
        # the states that a site looks at, side by side
        near = gates.new_empty(sites, batch, inputs)
        h, c, c_before, squashed = (gates.new_empty(sites, batch, hidden) for _ in range(4))
        # h of each cell, with an empty cell at both ends
        latest = gates.new_zeros(_cells(lines) + 2, batch, hidden)
        carried = gates.new_zeros(_cells(lines), batch, hidden)  # c of each cell
        for first, last, cell in lines:
            here, inside = slice(first, last), slice(cell, cell + last - first)
            for part, seen in zip(
                near[here].split(hidden, 2), _neighbours(latest, inside, offsets), strict=True
            ):
                part.copy_(seen)
            torch.addmm(
                gates[here].flatten(0, 1),
                near[here].flatten(0, 1),
                kernel,
                out=opened[here].flatten(0, 1),
            )
            c_before[here] = carried[inside]
            through_gates(opened[here], carried[inside], squashed[here], h[here])
            c[here] = carried[inside]
            latest[1 + cell : 1 + inside.stop] = h[here]
        ctx.save_for_backward(kernel, opened, near, squashed, c_before)
        ctx.lines, ctx.offsets = lines, offsets
        ctx.mark_non_differentiable(c)
        return h, c

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dh: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None]:
        kernel, opened, near, squashed, c_before = ctx.saved_tensors
        inputs, hidden = kernel.shape[0], kernel.shape[1] // 4
        grads = torch.empty_like(opened)  # of the gates before their sigmoid
        # what later lines ask of each cell's h
        latest = dh.new_zeros(_cells(ctx.lines) + 2, dh.shape[1], hidden)
        carried = dh.new_zeros(_cells(ctx.lines), dh.shape[1], hidden)  # and of its c
        back = kernel.T.contiguous()
        for first, last, cell in reversed(ctx.lines):
            here, inside = slice(first, last), slice(cell, cell + last - first)
            o, f, i, g = opened[here].chunk(4, 2)
            do, df, di, dg = grads[here].chunk(4, 2)
            s, asked = squashed[here], latest[1 + cell : 1 + inside.stop]
            d = dh[here] + asked
            asked.zero_()
            torch.addcmul(-d, d, s, value=2, out=do)  # h = o (2 s - 1)
            dc = carried[inside].addcmul_(d * o, s * (1 - s), value=4)  # s = sigmoid(2 c)
            torch.mul(dc, c_before[here], out=df)
            torch.addcmul(-dc, dc, g, value=2, out=di)
            torch.mul(dc, i, out=dg).mul_(2)
            dc.mul_(f)
            grads[here].mul_(opened[here]).addcmul_(grads[here], opened[here], value=-1)
            asks = torch.mm(grads[here].flatten(0, 1), back).view(-1, dh.shape[1], inputs)
            for part, seen in zip(
                asks.split(hidden, 2), _neighbours(latest, inside, ctx.offsets), strict=True
            ):
                seen.add_(part)
        return grads, near.flatten(0, 1).T @ grads.flatten(0, 1), None, None


def _cells(lines: Sequence[Line]) -> int:
    return max(cell + last - first for first, last, cell in lines)


def _neighbours(states: Tensor, cells: slice, offsets: tuple[int, ...]) -> list[Tensor]:
    """For each offset the states of these cells' neighbours;
    states have an empty cell at both ends."""
    return [states[1 + cells.start + offset : 1 + cells.stop + offset] for offset in offsets]
