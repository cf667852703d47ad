"""Convolutions that are causal in an order of lines, be they rows or anti-diagonals.

Whether a neighbour comes earlier depends on nothing but its offset and the *way* in which the line
is travelled. Raster order has one way; in zigzag order the anti-diagonals take turns in two. So a
convolution has one matrix for each way, over exactly those taps that come earlier, and a site uses
the one of its own line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import orders
from models.anatomy import Figure, MaskedKernel, magnitudes

Offset = tuple[int, int]  # rows down, columns to the right

# Of each way, when a site comes: (line, place on the line), linear in (row, column). Site (r, c)
# goes way (r + c) % ways.
WAYS: dict[str, tuple[Callable[[int, int], tuple[int, int]], ...]] = {
    "raster": (lambda row, column: (row, column),),
    "zigzag": (lambda row, column: (row + column, column), lambda row, column: (row + column, row)),
}


def earlier(order: str, reach: int, itself: bool) -> list[list[Offset]]:
    """Of each way the offsets, at most `reach` rows and columns, of what comes earlier, and of the
    site itself if wanted."""
    near = range(-reach, reach + 1)
    return [
        [
            (row, column)
            for row in near
            for column in near
            if when(row, column) < (0, 0) or (itself and row == column == 0)
        ]
        for when in WAYS[order]
    ]


def ways(order: str, height: int, width: int) -> Tensor:
    """Which way each site goes, int64 (height, width)."""
    return (torch.arange(height)[:, None] + torch.arange(width)) % len(WAYS[order])


class TapConv2d(nn.Linear):
    """A convolution with any taps; its weight (outputs,
    taps * inputs) has no entries but theirs."""

    places: Tensor

    def __init__(self, inputs: int, outputs: int, taps: list[Offset]) -> None:
        super().__init__(len(taps) * inputs, outputs)
        self.taps = taps
        rows, columns = zip(*taps, strict=True)
        self.top, self.left, bottom, self.right = (
            -min(rows),
            -min(columns),
            max(*rows, 0),
            max(*columns, 0),
        )
        self.bottom = bottom
        self.box = self.top + 1 + bottom, self.left + 1 + self.right
        places = [(self.top + row) * self.box[1] + self.left + column for row, column in taps]
        self.register_buffer("places", torch.tensor(places), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, H, W, inputs) -> (B, H, W, outputs)."""
        x = F.pad(x, (0, 0, self.left, self.right, self.top, self.bottom)).permute(0, 3, 1, 2)
        return F.conv2d(x, self.kernel(), self.bias).permute(0, 2, 3, 1)

    def kernel(self) -> Tensor:
        """The weight, with zeros where the box round the taps holds none:
        (outputs, inputs, rows, columns)."""
        weight = self.weight.unflatten(1, (len(self.taps), -1))
        box = weight.new_zeros(self.out_features, self.box[0] * self.box[1], weight.shape[2])
        return box.index_copy(1, self.places, weight).unflatten(1, self.box).permute(0, 3, 1, 2)


class OrderedConv2d(nn.Module):
    """A convolution over the neighbours that come earlier in an order,
    and the site itself if wanted.

    order: one of `WAYS`.
    space: (height, width) of the pictures.
    reach: how many rows and columns away it looks.
    """

    way: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        order: str,
        space: tuple[int, int],
        reach: int,
        itself: bool,
    ) -> None:
        super().__init__()
        self.order, self.space = order, space
        self.ways = nn.ModuleList(
            TapConv2d(inputs, outputs, taps) for taps in earlier(order, reach, itself)
        )
        self.register_buffer("way", ways(order, *space)[..., None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, H, W, inputs) -> (B, H, W, outputs)."""
        first, *second = (cast(Tensor, way(x)) for way in self.ways)
        # `where` takes twice as long
        return torch.lerp(first, second[0], self.way.to(first.dtype)) if second else first

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        """Of one way, the square of a masked kernel; of several, a box for each."""
        if len(self.ways) > 1:
            yield self.ways
            return
        (only,) = (cast(TapConv2d, way) for way in self.ways)
        reach = max(only.top, only.left, only.right)
        below, above = reach - only.bottom, reach - only.top
        around = (reach - only.left, reach - only.right, above, below)
        kernel = F.pad(only.kernel(), around)
        mask = torch.zeros(only.box).flatten()
        mask[only.places.cpu()] = 1
        itself = (0, 0) in only.taps
        yield MaskedKernel(
            kind="B" if itself else "A",
            inputs=kernel.shape[1],
            outputs=kernel.shape[0],
            mask=F.pad(mask.view(only.box), around).bool().numpy(),
            strength=magnitudes(kernel),
        )


class OrderedConv2dStep:
    """The same for one site: a product with the window round it, gathered from what is kept of
    every site by rank."""

    def __init__(self, convolution: OrderedConv2d) -> None:
        space = convolution.space
        order, way = orders.NAMES[convolution.order](*space), ways(convolution.order, *space)
        each = [cast(TapConv2d, tap) for tap in convolution.ways]
        # (H, W, ways, taps)
        windows = torch.stack([_ranks(order.argsort().view(space), tap.taps) for tap in each], 2)
        windows = windows.take_along_dim(way[..., None, None], 2).flatten(0, 2)[order]
        self._windows = windows.to(each[0].weight.device).unbind(0)
        matrices = [(tap.bias.detach(), tap.weight.detach().T.contiguous()) for tap in each]
        self._matrices = [matrices[i] for i in way.flatten()[order].tolist()]

    def window(self, kept: Tensor, t: int) -> Tensor:
        """kept (B, N + 1, inputs), by rank, the last one
        being what is outside -> (B, taps * inputs)."""
        return kept.index_select(1, self._windows[t]).flatten(1)

    def product(self, window: Tensor, t: int) -> Tensor:
        """(B, outputs) for the site of rank t."""
        bias, weight = self._matrices[t]
        return torch.addmm(bias, window, weight)


def _ranks(rank: Tensor, taps: list[Offset]) -> Tensor:
    """What taps fall on, (H, W, taps), where rank is (H, W); H * W where that is outside."""
    (height, width), far = rank.shape, max(max(abs(row), abs(column)) for row, column in taps)
    padded = F.pad(rank, (far,) * 4, value=rank.numel())
    return torch.stack(
        [padded[far + row :, far + column :][:height, :width] for row, column in taps], 2
    )
