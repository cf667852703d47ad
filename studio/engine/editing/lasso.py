"""`Lasso`: the part of a picture that a stroke marks, by going over it or by going round it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.engine.editing.painting import Site, brush_sites, line_sites

_CLOSED = 0.25  # of the way gone: a stroke that ends so near to its beginning goes round something


class Lasso:
    """A stroke of a round brush `size` sites wide over a picture of (height, width) `space`. Sites
    of it may lie outside."""

    def __init__(self, space: tuple[int, int], size: int = 1) -> None:
        self._size = size
        self._path: list[Site] = []
        self._way = 0.0
        self._swept = np.zeros(space, np.bool_)

    def go_to(self, site: Site) -> None:
        """Begin at a site, or go on to it."""
        last = self._path[-1] if self._path else site
        self._path.append(site)
        self._way += math.dist(last, site)
        height, width = self._swept.shape
        for row, column in line_sites(last, site):
            for y, x in brush_sites(row, column, self._size):
                if 0 <= y < height and 0 <= x < width:
                    self._swept[y, x] = True

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool (H, W): what the stroke went over; and what is inside of it, where it ends near
        where it began."""
        apart = math.dist(self._path[0], self._path[-1]) if self._path else 0.0
        if len(self._path) < 3 or apart > _CLOSED * self._way:
            return self._swept.copy()
        height, width = self._swept.shape
        inside = Image.new("1", (width, height))
        ImageDraw.Draw(inside).polygon([(x, y) for y, x in self._path], fill=1)
        return self._swept | np.asarray(inside, np.bool_)
