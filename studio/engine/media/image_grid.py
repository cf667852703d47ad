"""A batch of samples laid out in one grid, magnified by a whole number, every pixel crisp.

Unknown sites are hatched and the site that is being drawn is marked,
so that a grid can show work in progress.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

RGB = tuple[int, int, int]

GAP: RGB = (58, 62, 72)
HATCH: tuple[RGB, RGB] = (92, 98, 112), (116, 123, 138)
CURSOR: RGB = (255, 176, 0)
GUESS: RGB = (122, 79, 208)  # half of it is in the colour of what a later pass may change
MARKS = (GAP, *HATCH, CURSOR)  # every colour of a grid that is no level
_LARGEST = 640  # pixels of the longer side that a grid is magnified up to
_MOST = 10  # times that it is magnified at most


def usual_scale(count: int, height: int, width: int, columns: int | None = None) -> int:
    """How many times a grid of `count` pictures is magnified where nobody says."""
    columns, rows = grid(count, columns)
    return max(1, min(_MOST, _LARGEST // (columns * width), _LARGEST // (rows * height)))


def grid(count: int, columns: int | None = None) -> tuple[int, int]:
    """(columns, rows) of the smallest grid that holds `count` pictures, no wider than it must be;
    or as wide as is asked for."""
    columns = columns or math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)


def image_grid(
    values: NDArray[np.uint8],
    levels: int,
    scale: int | None = None,
    known: NDArray[np.bool_] | None = None,
    cursor: tuple[int, int] | None = None,
    settled: NDArray[np.bool_] | None = None,
    patch: tuple[int, int] = (1, 1),
    columns: int | None = None,
) -> NDArray[np.uint8]:
    """Levels (count, C, H, W), C = 1 or 3, as one picture, uint8 (height, width, 3).

    known: bool (H, W), False where the pictures are to be hatched (None: all is known).
    cursor: (row, column) of the site that is marked, which has the rows and columns of `patch`.
    settled: bool (count, H, W), False where a value is a guess (None: none is).
    columns: how many stand side by side (None: as many as below each other, about).
    """
    count, _, height, width = values.shape
    scale = scale or usual_scale(count, height, width, columns)
    columns, rows = grid(count, columns)
    gap = 0 if count == 1 else max(1, scale // 2)
    down, right = height * scale + gap, width * scale + gap  # from one picture to the next
    whole = np.empty((rows * down + gap, columns * right + gap, 3), np.uint8)
    whole[:] = GAP
    hatch = _hatch(height * scale, width * scale, scale)
    unknown = None if known is None else magnified(~known, scale)
    colours = _colours(values, levels)
    if settled is not None:
        guesses = (colours // 2 + np.array(GUESS, np.uint8) // 2).astype(np.uint8)
        colours = np.where(settled[..., None], colours, guesses)
    for i, picture in enumerate(colours):
        cell = magnified(picture, scale)
        if unknown is not None:
            cell[unknown] = hatch[unknown]
        if cursor is not None:
            row, column = cursor[0] * scale, cursor[1] * scale
            below, right_of = row + patch[0] * scale, column + patch[1] * scale
            cell[row:below, column:right_of] = CURSOR
        y, x = gap + i // columns * down, gap + i % columns * right
        whole[y : y + height * scale, x : x + width * scale] = cell
    return whole


def greys(values: NDArray[np.uint8], levels: int) -> NDArray[np.uint8]:
    """Levels 0..levels-1 as grey 0..255, rounded to the nearest."""
    return np.rint(np.minimum(values, levels - 1) * (255 / (levels - 1))).astype(np.uint8)


def _colours(values: NDArray[np.uint8], levels: int) -> NDArray[np.uint8]:
    """(count, C, H, W) levels -> (count, H, W, 3) colours."""
    last = greys(values, levels).transpose(0, 2, 3, 1)
    return np.repeat(last, 3, axis=3) if last.shape[3] == 1 else last


def magnified(picture: NDArray, scale: int) -> NDArray:
    """Every pixel of a picture (H, W, ...) as a square of `scale` pixels."""
    return picture.repeat(scale, 0).repeat(scale, 1)


def _hatch(height: int, width: int, scale: int) -> NDArray[np.uint8]:
    """Diagonal stripes, (height, width, 3), about one site wide."""
    stripe = max(2, scale // 2)
    y, x = np.indices((height, width))
    return np.array(HATCH, np.uint8)[(x + y) // stripe % 2]
