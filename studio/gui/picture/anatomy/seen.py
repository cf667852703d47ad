"""The picture that is drawn meanwhile, as figures show it: small, with the site that comes next,
and what a kernel looks at from there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.ink import SMALL, picture_of, write
from studio.gui.widgets import theme

Site = tuple[int, int]
NO_PICTURE = "no picture is drawn"


class Canvas(NamedTuple):
    """Where the sites of a picture lie: the upper left corner, and the side of a site."""

    left: float
    top: float
    side: float
    space: tuple[int, int]

    @classmethod
    def within(cls, box: QRectF, space: tuple[int, int]) -> Canvas:
        """As large as a box lets it be, in its middle."""
        side = min(box.width() / space[1], box.height() / space[0])
        left = box.center().x() - side * space[1] / 2
        return cls(left, box.center().y() - side * space[0] / 2, side, space)

    @property
    def box(self) -> QRectF:
        return QRectF(self.left, self.top, self.side * self.space[1], self.side * self.space[0])

    def of(self, row: float, column: float, rows: int = 1, columns: int = 1) -> QRectF:
        """A site, or several."""
        corner = QPointF(self.left + self.side * column, self.top + self.side * row)
        return QRectF(corner.x(), corner.y(), self.side * columns, self.side * rows)

    def site(self, x: float, y: float) -> Site | None:
        """Which lies there."""
        if not self.box.contains(QPointF(x, y)):
            return None
        row, column = int((y - self.top) / self.side), int((x - self.left) / self.side)
        return min(row, self.space[0] - 1), min(column, self.space[1] - 1)

    def holds(self, row: int, column: int) -> bool:
        return 0 <= row < self.space[0] and 0 <= column < self.space[1]


def canvas_in(box: QRectF, seen: Question | None) -> Canvas | None:
    """Of the picture that is drawn; None where none is."""
    if seen is None or len(seen.space) != 2:
        return None
    return Canvas.within(box, (seen.space[0], seen.space[1]))


def next_site(seen: Question) -> Site:
    """The one that is drawn next, at the end the last."""
    row, column = divmod(seen.asked, seen.space[1])
    return row, column


def draw_picture(painter: QPainter, box: QRectF, seen: Question | None) -> Canvas | None:
    """What is there so far. Without a picture, words say so."""
    canvas = canvas_in(box, seen)
    if canvas is None or seen is None:
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        write(painter, box, NO_PICTURE, colour=theme.colour("muted"), size=SMALL)
        return None
    painter.drawImage(canvas.box, picture_of(_colours(seen)))
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(canvas.box)
    return canvas


def _colours(seen: Question) -> NDArray[np.uint32]:
    """0xAARRGGBB of each site, (H, W)."""
    values = seen.values if len(seen.values) == 3 else seen.values[:1].repeat(3, 0)
    red, green, blue = values.astype(np.uint32) * 255 // (seen.levels - 1)
    unknown = np.uint32(theme.colour("unknown").rgba())
    return np.where(seen.there, 0xFF000000 | (red << 16) | (green << 8) | blue, unknown)


def outline(
    painter: QPainter, canvas: Canvas, offsets: Iterable[Site], site: Site, colour: QColor
) -> None:
    """Sites by how far they are from one, filled faintly and with a line round all of them; what
    falls outside the picture is left out."""
    inside = {(site[0] + row, site[1] + column) for row, column in offsets}
    inside = {each for each in inside if canvas.holds(*each)}
    veil = QColor(colour)
    veil.setAlphaF(0.35)
    fill(painter, canvas, inside, veil)
    painter.setPen(QPen(colour, 1.5))
    for row, column in inside:
        place = canvas.of(row, column)
        sides = (
            ((row - 1, column), place.topLeft(), place.topRight()),
            ((row + 1, column), place.bottomLeft(), place.bottomRight()),
            ((row, column - 1), place.topLeft(), place.bottomLeft()),
            ((row, column + 1), place.topRight(), place.bottomRight()),
        )
        for beside, start, end in sides:
            if beside not in inside:
                painter.drawLine(start, end)


def fill(painter: QPainter, canvas: Canvas, sites: Iterable[Site], colour: QColor) -> None:
    """Sites in a colour, which may let what is below shine through, without seams."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for row, column in sites:
        painter.fillRect(canvas.of(row, column), colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def mark(painter: QPainter, canvas: Canvas, site: Site, colour: QColor) -> None:
    """One site, with a line round it."""
    painter.setPen(QPen(colour, 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(canvas.of(*site))


def where(row: int, column: int) -> str:
    """An offset in words."""
    parts = []
    if row:
        parts.append(f"{abs(row)} row{'s' * (abs(row) > 1)} {'down' if row > 0 else 'up'}")
    if column:
        side = "right" if column > 0 else "left"
        parts.append(f"{abs(column)} column{'s' * (abs(column) > 1)} {side}")
    return ", ".join(parts) or "the site itself"
