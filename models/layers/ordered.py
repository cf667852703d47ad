"""Convolutions that are causal in an order of lines, be they rows or anti-diagonals.

Along a line it depends on nothing but the offset to a neighbour, and on the *way* in which the line is travelled, whether the
neighbour comes earlier. Raster order has one way; in zigzag order the anti-diagonals take turns in two. So a convolution has
one matrix for each way, over exactly those taps that come earlier, and a site uses the one of its own line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Offset = tuple[int, int]  # rows down, columns to the right

# Of each way, when a site comes: (line, place on the line), both linear in (row, column). Site (r, c) goes way (r + c) % ways.
WAYS: dict[str, tuple[Callable[[int, int], tuple[int, int]], ...]] = {
    "raster": (lambda row, column: (row, column),),
    "zigzag": (lambda row, column: (row + column, column), lambda row, column: (row + column, row)),
}


def earlier(order: str, reach: int, itself: bool) -> list[list[Offset]]:
    """Of each way the offsets, at most `reach` rows and columns, of what comes earlier, and of the site itself if wanted."""
    near = range(-reach, reach + 1)
    return [
        [(row, column) for row in near for column in near if when(row, column) < (0, 0) or (itself and row == column == 0)]
        for when in WAYS[order]
    ]


def ways(order: str, height: int, width: int) -> Tensor:
    """Which way each site goes, int64 (height, width)."""
    return (torch.arange(height)[:, None] + torch.arange(width)) % len(WAYS[order])


class TapConv2d(nn.Linear):
    """A convolution with any taps; its weight (outputs, taps * inputs) has no entries but theirs."""

    def __init__(self, inputs: int, outputs: int, taps: list[Offset]) -> None:
        super().__init__(len(taps) * inputs, outputs)
        self.taps = taps
        rows, columns = zip(*taps, strict=True)
        self.top, self.left, self.bottom, self.right = -min(rows), -min(columns), max(*rows, 0), max(*columns, 0)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, H, W, inputs) -> (B, H, W, outputs)."""
        x = F.pad(x, (0, 0, self.left, self.right, self.top, self.bottom)).permute(0, 3, 1, 2)
        return F.conv2d(x, self._kernel(), self.bias).permute(0, 2, 3, 1)

    def _kernel(self) -> Tensor:
        """The weight with zeros where the box round the taps has none, (outputs, inputs, rows, columns)."""
        rows, columns = self.top + 1 + self.bottom, self.left + 1 + self.right
        places = [(self.top + row) * columns + self.left + column for row, column in self.taps]
        weight = self.weight.unflatten(1, (len(places), -1))
        box = weight.new_zeros(self.out_features, rows * columns, weight.shape[2])
        box = box.index_copy(1, torch.tensor(places, device=weight.device), weight)
        return box.unflatten(1, (rows, columns)).permute(0, 3, 1, 2)


class OrderedConv2d(nn.Module):
    """A convolution over the neighbours that come earlier in an order, and the site itself if wanted.

    order: one of `WAYS`.  space: (height, width) of the pictures.  reach: how many rows and columns away it looks.
    """

    way: Tensor

    def __init__(self, inputs: int, outputs: int, order: str, space: tuple[int, int], reach: int, itself: bool) -> None:
        super().__init__()
        self.ways = nn.ModuleList(TapConv2d(inputs, outputs, taps) for taps in earlier(order, reach, itself))
        self.register_buffer("way", ways(order, *space)[..., None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, H, W, inputs) -> (B, H, W, outputs)."""
        first, *second = (cast(Tensor, way(x)) for way in self.ways)
        return torch.lerp(first, second[0], self.way.to(first.dtype)) if second else first  # `where` takes twice as long

    def neighbours(self, rank: Tensor) -> Tensor:
        """The ranks of what each site's taps fall on, (N, taps), sites by raster index; N for a tap outside the picture.

        rank: of every site, (H, W).
        """
        (height, width), outside = rank.shape, rank.numel()
        found = []
        for taps in (cast(TapConv2d, way).taps for way in self.ways):
            far = max(max(abs(row), abs(column)) for row, column in taps)
            padded = F.pad(rank, (far,) * 4, value=outside)
            shifted = [padded[far + row :, far + column :][:height, :width] for row, column in taps]
            found.append(torch.stack(shifted, 2))
        return torch.stack(found, 2).take_along_dim(self.way[..., None], 2).flatten(0, 2)
