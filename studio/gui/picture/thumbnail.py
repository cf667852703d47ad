"""`Thumbnail`: a small picture that can be pressed, and fills while it is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.gui.picture.site_colours import draw_sites
from studio.gui.widgets import theme
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.painted import painted

FRAME = 3  # pixels round the picture


class Thumbnail(QAbstractButton):
    """Checked, it has a frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._colours = np.zeros((28, 28), np.uint32)
        self.set_side(28)

    def show_colours(self, colours: NDArray[np.uint32]) -> None:
        """0xAARRGGBB of every site, (H, W), 0 where it is unknown."""
        other = colours.shape != self._colours.shape
        if other or not np.array_equal(colours, self._colours):
            self._colours = np.ascontiguousarray(colours)
            if other:
                self.set_side(self._side)
            self.update()

    def set_side(self, side: int) -> None:
        """The longer side of the picture has `side` pixels, or the whole sites that fit there."""
        self._side = side
        height, width = self._colours.shape
        zoom = max(1, side // max(height, width))
        shown = QSize(width, height) * zoom
        if max(height, width) > side:
            shown.scale(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        self._zoom, self._shown = zoom, shown
        self.setFixedSize(shown + QSize(2 * FRAME, 2 * FRAME))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        place = QRect(QPoint(FRAME, FRAME), self._shown)
        height, width = self._colours.shape
        whole = QRect(0, 0, width * self._zoom, height * self._zoom)
        painter.save()
        painter.translate(place.topLeft())
        painter.scale(place.width() / whole.width(), place.height() / whole.height())
        hatch = QBrush(hatch_pattern(self._zoom))
        draw_sites(painter, whole, whole, self._colours, self._zoom, hatch)
        painter.restore()
        if self.isChecked() or self.hasFocus() or (self.underMouse() and self.isEnabled()):
            colour = theme.colour("accent" if self.isEnabled() else "line")
            pen = QPen(colour, 2 if self.isChecked() else 1)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if self.hasFocus() and not self.isChecked():
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place.adjusted(-2, -2, 1, 1))
