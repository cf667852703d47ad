"""Symbols as people draw them: strokes from place to place, no two alike."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.engine.data.drawings import Drawings, Picture
from studio.engine.editing.painting import Painting

SIDE = 28
Strokes = list[list[tuple[int, int]]]  # each a row of sites, (row, column), that lines go through
_CORNERS = {
    "triangle": [[(-1.0, 0.0), (0.8, 0.95), (0.8, -0.95), (-1.0, 0.0)]],
    "square": [[(-0.8, -0.8), (-0.8, 0.8), (0.8, 0.8), (0.8, -0.8), (-0.8, -0.8)]],
    "cross": [[(-0.9, -0.9), (0.9, 0.9)], [(-0.9, 0.9), (0.9, -0.9)]],
    "arrow": [[(0.0, -1.0), (0.0, 1.0)], [(-0.5, 0.4), (0.0, 1.0), (0.5, 0.4)]],
    "house": [
        [(0.9, -0.7), (0.9, 0.7), (-0.1, 0.7), (-0.1, -0.7), (0.9, -0.7)],
        [(-0.1, -0.9), (-1.0, 0.0), (-0.1, 0.9)],
    ],
    "H": [[(-0.9, -0.6), (0.9, -0.6)], [(-0.9, 0.6), (0.9, 0.6)], [(0.0, -0.6), (0.0, 0.6)]],
    "circle": [[(math.sin(a * math.pi / 6), math.cos(a * math.pi / 6)) for a in range(13)]],
    "heart": [
        [
            (-0.4, 0.0), (-0.8, -0.4), (-0.8, -0.7), (-0.4, -0.95), (0.0, -0.8), (0.9, 0.0),
            (0.0, 0.8), (-0.4, 0.95), (-0.8, 0.7), (-0.8, 0.4), (-0.4, 0.0),
        ]
    ],
}  # fmt: skip
NAMES = tuple(_CORNERS)


def strokes(name: str, random: np.random.Generator, side: int = SIDE) -> Strokes:
    """One of `NAMES` as somebody draws it: somewhere near the middle, of some size, turned a
    little, and no corner where it should be."""
    size = side * random.uniform(0.28, 0.36)
    middle = side / 2 + random.uniform(-0.07, 0.07, 2) * side
    turn = math.radians(random.uniform(-9, 9))
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    found = []
    for line in _CORNERS[name]:
        corners = np.array(line) + random.normal(0, 0.06, (len(line), 2))
        places = middle + size * corners @ rotation.T
        found.append([(round(row), round(column)) for row, column in places])
    return found


def picture(lines: Strokes, side: int = SIDE, brush: int = 2) -> Picture:
    """What they look like, 0 and 255 (side, side)."""
    painting = Painting(1, side, side, 2)
    for line in lines:
        for start, end in pairwise(line):
            painting.line(start, end, 1, brush)
    return painting.values[0] * np.uint8(255)


def pictures(name: str, count: int, seed: int, side: int = SIDE) -> NDArray[np.uint8]:
    """Several, (count, side, side)."""
    random = np.random.default_rng(seed)
    return np.stack([picture(strokes(name, random, side), side) for _ in range(count)])


def drawings(*names: str, count: int = 12, side: int = SIDE, seed: int = 0) -> Drawings:
    """A set with so many of each."""
    made = Drawings((side, side))
    for row, name in enumerate(names):
        made = made.with_name(name)
        for one in pictures(name, count, seed + row, side):
            made = made.with_picture(row, one)
    return made
