"""What figures are drawn with: words, arrows, and cells shaded by a number; all in the figure's own
units and the colours of the theme."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QPolygonF,
)

from studio.engine.media.colour_maps import colour_map
from studio.gui.widgets import theme

SMALL, USUAL = 10, 12  # heights of letters
_HEAD = 6.0  # of an arrow
Align = Qt.AlignmentFlag
CENTRE = Align.AlignCenter
LEFT = Align.AlignLeft | Align.AlignVCenter
RIGHT = Align.AlignRight | Align.AlignVCenter


def text_colour() -> QColor:
    return QGuiApplication.palette().color(QPalette.ColorRole.WindowText)


def write(
    painter: QPainter,
    box: QRectF,
    words: str,
    align: Qt.AlignmentFlag = CENTRE,
    colour: QColor | None = None,
    size: int = USUAL,
    bold: bool = False,
) -> None:
    """Words in a box; what does not fit is cut off with an ellipsis."""
    font = QFont(painter.font())
    font.setPixelSize(size)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(text_colour() if colour is None else colour)
    lines = [
        painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, math.ceil(box.width()))
        for line in words.split("\n")
    ]
    painter.drawText(box, int(align), "\n".join(lines))


def width_of(painter: QPainter, words: str, size: int) -> float:
    """How wide words are that `write` writes."""
    font = QFont(painter.font())
    font.setPixelSize(size)
    font.setBold(False)
    return QFontMetricsF(font).horizontalAdvance(words)


def wrapped(painter: QPainter, box: QRectF, words: str, colour: QColor, size: int) -> None:
    """A sentence on as many lines as it takes."""
    font = QFont(painter.font())
    font.setPixelSize(size)
    font.setBold(False)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, int(Qt.TextFlag.TextWordWrap | Align.AlignLeft | Align.AlignTop), words)


def frame(painter: QPainter, box: QRectF, lit: bool = False, round_by: float = 6) -> None:
    """A card that a figure, or a part of one, stands on."""
    painter.setPen(QPen(theme.colour("accent" if lit else "line"), 2 if lit else 1))
    painter.setBrush(theme.colour("card"))
    painter.drawRoundedRect(box, round_by, round_by)


def arrow(
    painter: QPainter,
    *points: tuple[float, float],
    colour: QColor | None = None,
    thick: float = 1.5,
) -> None:
    """A line from point to point, with a head at its end."""
    colour = theme.colour("muted") if colour is None else colour
    painter.setPen(QPen(colour, thick, c=Qt.PenCapStyle.FlatCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    before, end = QPointF(*points[-2]), QPointF(*points[-1])
    way = end - before
    length = max(math.hypot(way.x(), way.y()), 1e-6)
    along = way / length
    neck, across = end - along * _HEAD, QPointF(-along.y(), along.x()) * (_HEAD / 2)
    painter.drawPolyline(QPolygonF([*(QPointF(*point) for point in points[:-1]), neck]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([end, neck + across, neck - across]))


def shaded(share: float, colours: str = "viridis") -> QColor:
    """The colour of a number in 0..1."""
    return QColor.fromRgb(int(colour_map(colours)[round(255 * min(max(share, 0.0), 1.0))]))


def ink_on(ground: QColor) -> QColor:
    """Black or white, whichever is read better there."""
    return QColor("#000000" if ground.lightnessF() > 0.55 else "#ffffff")


def picture_of(colours: NDArray[np.uint32]) -> QImage:
    """An image of colours 0xAARRGGBB, (rows, columns)."""
    colours = np.ascontiguousarray(colours, np.uint32)
    rows, columns = colours.shape
    image = QImage(colours.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
    return image.copy()  # which keeps its own bytes


def two_coloured(mask: NDArray[np.bool_], on: QColor, off: QColor) -> QImage:
    """A mask (rows, columns) as a picture."""
    return picture_of(np.where(mask, np.uint32(on.rgba()), np.uint32(off.rgba())))
