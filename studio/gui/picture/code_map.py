"""The codes of one picture as a small map that fills while they are drawn, and the colour that a
code has there.

Codes are names: which colours lie near each other says nothing, and equal colours are equal codes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.editing.painting import Site
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.site_colours import draw_sites
from studio.gui.widgets import motion, theme
from studio.gui.widgets.marks import evidence_marks, glow, hatch_pattern
from studio.gui.widgets.painted import painted

SIDE = 152  # pixels of the longer side, about: whole pixels a code
ROUND = 6  # pixels round it, for the glow
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_TIP = "The codes that stand for the picture: click one to go back to when it was drawn (Enter)"


def code_colours(codes: NDArray[np.uint8], count: int) -> NDArray[np.uint32]:
    """0xAARRGGBB of some of `count` codes."""
    place = codes.astype(np.int64) * 255 // max(1, count - 1)
    return colour_map("viridis").astype(np.uint32)[place.clip(0, 255)]


@dataclass(frozen=True, eq=False)
class Shown:
    """codes: (h, w). count: how many there are. there, given: bool (h, w).
    changed: raster indices of those that were set by hand. cursor: which comes next."""

    codes: NDArray[np.uint8]
    count: int
    there: NDArray[np.bool_]
    given: NDArray[np.bool_]
    changed: tuple[int, ...] = ()
    cursor: Site | None = None


class CodeMap(QWidget):
    """Signals: pointed(site, or None for none), by the pointer or the arrow keys; pressed(site)."""

    pointed = Signal(object)
    pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: Shown | None = None
        self._colours = np.zeros((1, 1), np.uint32)
        self._marked: Site | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Codes of the picture")
        self.setToolTip(_TIP)
        self._fit((1, 1))
        motion.follow(self, self._follow_look)

    # ---- what is shown ---------------------------------------------------------------------------

    def show_codes(self, shown: Shown) -> None:
        """Another moment, or another picture."""
        before, self._shown = self._shown, shown
        colours = code_colours(shown.codes, shown.count)
        colours = np.ascontiguousarray(np.where(shown.there, colours, 0), np.uint32)
        if colours.shape != self._colours.shape:
            self._colours = colours
            self._fit((colours.shape[0], colours.shape[1]))
        elif before is None or not np.array_equal(before.given, shown.given):
            self._marks = evidence_marks(shown.given, None, self._zoom)
        self._colours = colours
        self.update()

    def mark(self, site: Site | None) -> None:
        """Outline a code; None for none."""
        if site != self._marked:
            self._marked = site
            self.update()

    @property
    def space(self) -> Site:
        """Rows and columns of codes."""
        return self._colours.shape[0], self._colours.shape[1]

    def _fit(self, space: Site) -> None:
        self._zoom = max(2, SIDE // max(space))
        self.setFixedSize(QSize(space[1], space[0]) * self._zoom + QSize(2 * ROUND, 2 * ROUND))
        self._follow_look()

    def _follow_look(self) -> None:
        """Draw once what every moment shows again."""
        self._hatch = QBrush(hatch_pattern(self._zoom))
        self._glow, self._reach = glow(self._zoom, motion.reduced())
        given = None if self._shown is None else self._shown.given
        self._marks = None if given is None else evidence_marks(given, None, self._zoom)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._follow_look()

    # ---- where it is -----------------------------------------------------------------------------

    @property
    def place(self) -> QRect:
        """Of the map in the widget."""
        return self.rect().adjusted(ROUND, ROUND, -ROUND, -ROUND)

    def rect_of(self, site: Site) -> QRect:
        """Where a code is."""
        corner = self.place.topLeft() + QPoint(site[1], site[0]) * self._zoom
        return QRect(corner, QSize(self._zoom, self._zoom))

    def site_at(self, point: QPoint) -> Site | None:
        """The code under a point; None beside the map."""
        if not self.place.contains(point):
            return None
        inner = point - self.place.topLeft()
        return inner.y() // self._zoom, inner.x() // self._zoom

    # ---- pointer and keys ------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self.site_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(None)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        site = self.site_at(event.position().toPoint())
        if site is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(site)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, marked = event.key(), self._marked
        if key in _ARROWS:
            (down, right), (rows, columns) = _ARROWS[Qt.Key(key)], self.space
            row, column = (0, 0) if marked is None else (marked[0] + down, marked[1] + right)
            self.pointed.emit((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and marked is not None:
            self.pressed.emit(marked)
        else:
            super().keyPressEvent(event)

    # ---- painting it -----------------------------------------------------------------------------

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        shown, place = self._shown, self.place
        if shown is None:
            return
        whole = QRect(QPoint(), place.size())
        draw_sites(painter, place, whole, self._colours, self._zoom, self._hatch)
        if self._marks is not None:
            painter.drawPixmap(place.topLeft(), self._marks)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("changed"), 2))
        for site in shown.changed:
            painter.drawRect(self.rect_of(divmod(site, self.space[1])).adjusted(1, 1, -1, -1))
        if shown.cursor is not None:
            reach = QPoint(self._reach, self._reach)
            painter.drawPixmap(self.rect_of(shown.cursor).topLeft() - reach, self._glow)
        if self._marked is not None:
            for name, thick in (("card", 3), ("accent", 1)):  # seen on any colour
                painter.setPen(QPen(theme.colour(name), thick))
                painter.drawRect(self.rect_of(self._marked).adjusted(0, 0, -1, -1))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
