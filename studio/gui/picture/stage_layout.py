"""Where everything on the stage is: pictures in a grid,
each site a square of whole pixels. Free of widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QRegion

from studio.engine.editing.painting import Site

_ROOMY, _TIGHT = (6, 14), (2, 3)  # pixels between two pictures, and round all of them


@dataclass(frozen=True)
class Layout:
    """zoom: pixels a site.
    columns: pictures a row.
    rects: of the pictures.
    grid: round all of them."""

    space: tuple[int, int]
    zoom: int
    columns: int
    rects: tuple[QRect, ...]
    grid: QRect

    @property
    def rows(self) -> int:
        """How many rows of pictures there are."""
        return math.ceil(len(self.rects) / self.columns)

    @staticmethod
    def of(size: QSize, count: int, space: tuple[int, int], header: int = 0) -> Layout:
        """The largest zoom at which `count` pictures of (height, width) sites fit into a widget;
        at least 1.

        header: pixels to be left free over each picture.
        """
        columns = math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
        height, width = space

        def zoom_with(gap: int, margin: int) -> int:
            across = (size.width() - 2 * margin - gap * (columns - 1)) // (columns * width)
            down = (size.height() - 2 * margin - gap * (rows - 1) - header * rows) // (
                rows * height
            )
            return max(1, min(across, down))

        zoom, gap = zoom_with(*_ROOMY), _ROOMY[0]
        # where pictures are small, they matter more than the space between
        if zoom < 4 and zoom_with(*_TIGHT) > zoom:
            zoom, gap = zoom_with(*_TIGHT), _TIGHT[0]
        wide, high = width * zoom + gap, height * zoom + header + gap
        left, top = (
            (size.width() - columns * wide + gap) // 2,
            header + (size.height() - rows * high + gap) // 2,
        )
        places = [divmod(index, columns) for index in range(count)]
        rects = tuple(
            QRect(left + x * wide, top + y * high, width * zoom, height * zoom) for y, x in places
        )
        return Layout(
            space, zoom, columns, rects, QRect(left, top, columns * wide - gap, rows * high - gap)
        )

    def sites(self, index: int, first: Site, last: Site) -> QRect:
        """The rectangle from one site of a picture to another, both included."""
        corner, zoom = self.rects[index].topLeft(), self.zoom
        (top, left), (bottom, right) = first, last
        return QRect(
            corner.x() + left * zoom,
            corner.y() + top * zoom,
            (right - left + 1) * zoom,
            (bottom - top + 1) * zoom,
        )

    def strips(self, changed: NDArray[np.bool_], grow: int = 0) -> QRegion:
        """Where the sites of a mask (H, W) are, in all pictures: a strip across every row of
        pictures, for it is cheap."""
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        region = QRegion()
        if not len(rows):
            return region
        first, last = (int(rows[0]), int(columns[0])), (int(rows[-1]), int(columns[-1]))
        for row in range(self.rows):
            begin = row * self.columns
            end = min(begin + self.columns, len(self.rects)) - 1
            strip = self.sites(begin, first, last) | self.sites(end, first, last)
            region += strip.adjusted(-grow, -grow, grow, grow)
        return region

    def site_at(self, point: QPoint) -> tuple[int, Site] | None:
        """(picture, site) under a point; None beside the pictures."""
        inside = (index for index, rect in enumerate(self.rects) if rect.contains(point))
        index = next(inside, None)
        return None if index is None else (index, self.site_of(index, point))

    def site_of(self, index: int, point: QPoint) -> Site:
        """The site of one of the pictures under a point, which may lie outside it."""
        inner = point - self.rects[index].topLeft()
        return inner.y() // self.zoom, inner.x() // self.zoom
