"""A part of a picture's sites as cells, which moves with the site that is drawn; its rows may be
skewed, each moved further than the one above."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.states import State

Pixel = tuple[int, int]


class Lattice(NamedTuple):
    """left, top: its upper left corner; side: of a cell.
    first, size: the first pixel that is drawn, and how many rows and columns.
    skew: columns by which each row is moved to the right against the one above.
    """

    left: float
    top: float
    side: float
    first: Pixel
    size: Pixel
    skew: int = 0

    def cell(self, row: int, column: int) -> QRectF:
        moved = self._moved(row - self.first[0])
        x = self.left + self.side * (column - self.first[1] + moved)
        return QRectF(x, self.top + self.side * (row - self.first[0]), self.side, self.side)

    def _moved(self, row: int) -> int:
        """To the right; rows that are skewed to the left begin where the last one has room."""
        return self.skew * row if self.skew >= 0 else -self.skew * (self.size[0] - 1 - row)

    def middle(self, row: int, column: int) -> QPointF:
        return self.cell(row, column).center()

    def pixels(self) -> list[Pixel]:
        (top, left), (rows, columns) = self.first, self.size
        return [(top + row, left + column) for row in range(rows) for column in range(columns)]

    def holds(self, pixel: Pixel) -> bool:
        row, column = pixel[0] - self.first[0], pixel[1] - self.first[1]
        return 0 <= row < self.size[0] and 0 <= column < self.size[1]

    def at(self, x: float, y: float) -> Pixel | None:
        """Which pixel's cell lies there."""
        row = int((y - self.top) // self.side)
        column = int((x - self.left) // self.side) - self._moved(row)
        pixel = self.first[0] + row, self.first[1] + column
        return pixel if self.holds(pixel) else None


def pixel_of(seen: Question | None, columns: int, usual: Pixel) -> Pixel:
    """Which is drawn next, at the end the last; without a picture `usual`."""
    if seen is None or len(seen.space) != 2:
        return usual
    row, column = divmod(seen.asked, columns)
    return row, column


def window(now: Pixel, rows: int, columns: int, whole: int) -> Pixel:
    """The first pixel of a part of so many rows and columns in which one lies with what is above
    it; the picture has `whole` columns."""
    row, column = now
    return max(0, row - rows + 2), min(max(0, column - columns // 2), max(0, whole - columns))


def in_raster(pixel: Pixel, now: Pixel) -> State:
    """Of what is computed pixel by pixel and kept."""
    if pixel == now:
        return State.NOW
    return State.KEPT if pixel < now else State.LATER
