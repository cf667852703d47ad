"""Orders of generation: LongTensor (N,), order[i] = raster index of the i-th site."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

import torch
from torch import LongTensor, Tensor


def raster(height: int, width: int) -> LongTensor:
    """Left to right, top to bottom."""
    return cast(LongTensor, torch.arange(height * width))


def s_curve(height: int, width: int) -> LongTensor:
    """Row by row, every other row from right to left (boustrophedon)."""
    grid = torch.arange(height * width).view(height, width)
    grid[1::2] = grid[1::2].flip(1)
    return cast(LongTensor, grid.flatten())


def zigzag(height: int, width: int) -> LongTensor:
    """Along the anti-diagonals, alternating their direction, as JPEG scans a block."""
    site = torch.arange(height * width)
    row, column = site // width, site % width
    diagonal = row + column
    along = torch.where(diagonal % 2 == 0, column, row)
    return cast(LongTensor, (diagonal * max(height, width) + along).argsort())


def spiral(height: int, width: int) -> LongTensor:
    """From the middle outwards, clockwise."""
    row, column = (height - 1) // 2, (width - 1) // 2
    steps = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    found = [(row, column)]
    length = 1
    turn = 0
    while len(found) < height * width:
        for _ in range(2):
            for _ in range(length):
                row, column = row + steps[turn][0], column + steps[turn][1]
                if 0 <= row < height and 0 <= column < width:
                    found.append((row, column))
            turn = (turn + 1) % 4
        length += 1
    return cast(LongTensor, torch.tensor([r * width + c for r, c in found]))


def random(height: int, width: int, seed: int = 0) -> LongTensor:
    """A permutation drawn from the seed."""
    generator = torch.Generator().manual_seed(seed)
    return cast(LongTensor, torch.randperm(height * width, generator=generator))


def observed_first(known: Tensor, order: Tensor) -> LongTensor:
    """`order` with the known sites moved to the front,
    so that every site generated sees all the evidence.

    known: bool (height, width).
    """
    first = known.flatten()[order.cpu()]
    return cast(LongTensor, torch.cat([order.cpu()[first], order.cpu()[~first]]))


NAMES: dict[str, Callable[..., LongTensor]] = {
    "raster": raster,
    "s-curve": s_curve,
    "zigzag": zigzag,
    "spiral": spiral,
    "random": random,
}


def named(name: str, height: int, width: int, seed: int = 0) -> LongTensor:
    """The order of this name, one of `NAMES`; the random one comes from the seed."""
    return (
        random(height, width, seed)
        if name == "random"
        else cast(LongTensor, _regular(name, height, width).clone())
    )


def name_of(order: Tensor, height: int, width: int, seed: int = 0) -> str | None:
    """The name in `NAMES` that gives this order, with the seed where it is random;
    None where there is none."""
    for name in NAMES:
        if torch.equal(named(name, height, width, seed), order.cpu()):
            return name
    return None


def varied(height: int, width: int, generator: torch.Generator) -> LongTensor:
    """An order for one step of training a model that has to follow any: a permutation half of the
    time, and else one of the regular orders as seen from one of the eight sides of the picture.

    In half of both, the sites of a rectangle come first, as when a part of the picture is given.
    """

    def draw(count: int) -> int:
        return int(torch.randint(count, (), generator=generator))

    if draw(2):
        order = cast(LongTensor, torch.randperm(height * width, generator=generator))
    else:
        name = list(NAMES)[draw(len(NAMES) - 1)]
        order = _turned(name, height, width, draw(8))
    if draw(2):
        top, bottom = sorted((draw(height + 1), draw(height + 1)))
        left, right = sorted((draw(width + 1), draw(width + 1)))
        known = torch.zeros(height, width, dtype=torch.bool)
        known[top:bottom, left:right] = True
        order = observed_first(known, order)
    return order


def all_regular(height: int, width: int) -> list[LongTensor]:
    """Every regular order from each of the eight sides of the picture, side by side."""
    return [
        _turned(name, height, width, side)
        for side in range(8)
        for name in NAMES
        if name != "random"
    ]


@functools.lru_cache
def _regular(name: str, height: int, width: int) -> LongTensor:
    return NAMES[name](height, width)


def _turned(name: str, height: int, width: int, side: int) -> LongTensor:
    """A regular order on the picture turned and mirrored: `side` 0..7 says whether rows, columns or
    both run backwards, and whether rows and columns change places."""
    grid = torch.arange(height * width).view(height, width)
    grid = grid.flip([axis for axis in (0, 1) if side >> axis & 1])
    grid = grid.T if side & 4 else grid
    return cast(LongTensor, grid.flatten()[_regular(name, *grid.shape)])


def is_permutation(order: Tensor, sites: int) -> bool:
    """Whether an order names every site exactly once."""
    return order.shape == (sites,) and torch.equal(order.cpu().sort().values, torch.arange(sites))


_trusted: ContextVar[bool] = ContextVar("trusted", default=False)


@contextmanager
def trusted() -> Iterator[None]:
    """Orders that models are given meanwhile are known to be permutations, as those of a training
    are: to look at them would wait for the device."""
    token = _trusted.set(True)
    try:
        yield
    finally:
        _trusted.reset(token)


def is_trusted(order: Tensor) -> bool:
    """Whether an order is taken as it is; one on `meta` has nothing to look at."""
    return _trusted.get() or order.device.type == "meta"
