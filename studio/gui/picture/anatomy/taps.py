"""A kernel as a grid of cells: what it looks at, shaded by the magnitude of its weights, and a
cross where it must not look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPen

from studio.gui.picture.anatomy.ink import LEFT, RIGHT, SMALL, shaded, write
from studio.gui.picture.anatomy.seen import Site
from studio.gui.widgets import theme

COLOURS = "viridis"


class TapGrid:
    """Cells from `first` (rows down, columns right of the site) on, so many rows and columns, in a
    box that they fill; the site is at (0, 0)."""

    def __init__(self, left: float, top: float, side: float, first: Site, size: Site) -> None:
        self.left, self.top, self.side, self.first, self.size = left, top, side, first, size

    @property
    def box(self) -> QRectF:
        rows, columns = self.size
        return QRectF(self.left, self.top, self.side * columns, self.side * rows)

    def cell(self, row: int, column: int, rows: int = 1, columns: int = 1) -> QRectF:
        """One, by how far it is from the site, or several."""
        x = self.left + self.side * (column - self.first[1])
        y = self.top + self.side * (row - self.first[0])
        return QRectF(x, y, self.side * columns, self.side * rows)

    def at(self, x: float, y: float) -> Site | None:
        """Which lies there."""
        if not self.box.contains(QPointF(x, y)):
            return None
        row, column = int((y - self.top) / self.side), int((x - self.left) / self.side)
        rows, columns = self.size  # the lower and the right edge are in the box too
        return self.first[0] + min(row, rows - 1), self.first[1] + min(column, columns - 1)

    def cells(self) -> list[Site]:
        rows, columns = self.size
        top, left = self.first
        return [(top + row, left + column) for row in range(rows) for column in range(columns)]


def draw_tap(
    painter: QPainter, grid: TapGrid, place: Site, share: float | None, crossed: bool = False
) -> None:
    """One cell: shaded where it is looked at, empty (None) or crossed where it is not."""
    cell = grid.cell(*place)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("card") if share is None else shaded(share, COLOURS))
    painter.drawRect(cell)
    if crossed:
        inset = 0.28 * grid.side
        cross = cell.adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(theme.colour("muted"), 1.4))
        painter.drawLine(cross.topLeft(), cross.bottomRight())
        painter.drawLine(cross.topRight(), cross.bottomLeft())


def ring(painter: QPainter, grid: TapGrid, place: Site, lit: bool = False) -> None:
    """A line round a cell: that of the site, or of what is under the pointer."""
    painter.setPen(QPen(theme.colour("accent" if lit else "cursor"), 2.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(grid.cell(*place))


def shares(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    """From 0 to the largest as 0..1."""
    return strength / max(float(strength.max(initial=0)), 1e-12)


def draw_scale(painter: QPainter, box: QRectF, most: float) -> None:
    """What the shades mean: from 0 to the largest mean magnitude."""
    bar = QRectF(box.left(), box.top(), box.width(), 8)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for share in np.linspace(0, 1, 9):
        gradient.setColorAt(float(share), shaded(float(share), COLOURS))
    painter.fillRect(bar, gradient)
    below = QRectF(box.left(), box.top() + 9, box.width(), 14)
    muted = theme.colour("muted")
    write(painter, below, "0", LEFT, muted, SMALL)
    write(painter, below, "mean |w|", colour=muted, size=SMALL)
    write(painter, below, f"{most:.2g}", RIGHT, muted, SMALL)
