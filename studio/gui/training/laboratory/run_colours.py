"""What tells the runs of a chart apart: a colour and a mark each.

Of eight colours with a contrast of 3 at least with the ground, these were found to be the furthest
apart in CIE L*a*b*, at the least favourable of four kinds of sight: the usual one, and without the
cones for red, green or blue (Machado, Oliveira and Fernandes 2009). Marks tell apart what colours
cannot.
"""

from __future__ import annotations

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPen, QPixmap

from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on

LIGHT = ("#0077aa", "#bb8800", "#770055", "#ee6677", "#000000", "#aa66ff", "#880000", "#2200aa")
DARK = ("#55bbee", "#ff8877", "#ccbb00", "#ffffff", "#cc1166", "#9900ff", "#776600", "#3366bb")
MARKS = ("o", "s", "t", "d", "p", "t1", "star", "+")  # the names that pyqtgraph has for them
MOST = len(MARKS)  # runs that a chart has
SWATCH = QSize(26, 14)  # pixels
_MARK = 8  # pixels


def colour_of(place: int) -> QColor:
    """The colour of the run at a place, 0 to `MOST` - 1, in the window as it is now."""
    return QColor((DARK if theme.is_dark() else LIGHT)[place])


def swatch(place: int | None) -> QIcon:
    """A piece of the line of the run at a place; of none an empty one as large."""
    icon = QIcon(_pixmap(place, QColor(Qt.GlobalColor.transparent)))
    # what is chosen has a ground that colours do not stand out from
    ground = QGuiApplication.palette().base().color()
    chosen = _pixmap(place, ground if place is not None else QColor(Qt.GlobalColor.transparent))
    icon.addPixmap(chosen, QIcon.Mode.Selected)
    return icon


def _pixmap(place: int | None, ground: QColor) -> QPixmap:
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    picture = QPixmap(SWATCH * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(ground)
    if place is not None:
        with painter_on(picture) as painter:
            draw_swatch(painter, QPointF(0, 0), place)
    return picture


def draw_swatch(painter: QPainter, corner: QPointF, place: int) -> None:
    """The same on something else; corner: its upper left one."""
    colour, middle = colour_of(place), SWATCH.height() / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(corner)
    painter.setPen(QPen(colour, 2))
    painter.drawLine(QPointF(1, middle), QPointF(SWATCH.width() - 1, middle))
    painter.translate(SWATCH.width() / 2, middle)
    drawSymbol(painter, MARKS[place], _MARK, QPen(Qt.PenStyle.NoPen), colour)
    painter.restore()
