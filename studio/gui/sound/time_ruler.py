"""The axis of time of the views of a sound, in seconds."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.sound.time_plot import GUTTER
from studio.gui.sound.time_view import TimeView
from studio.gui.sound.timeline import Timeline
from studio.gui.widgets import theme
from studio.gui.widgets.ticks import spacing, written

_APART = 84  # pixels between two numbers at least
_TICK, _SMALL_TICK = 7, 4  # pixels


class TimeRuler(TimeView):
    """Goes under, over or between the other views of its `Timeline`, and takes the mouse and the
    keys as they do."""

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(timeline, "Time", "", parent)
        self.setFixedHeight(self.fontMetrics().height() + _TICK + 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _draw_nothing(self, painter: QPainter) -> None:
        self._draw_plot(painter, self.plot)

    def _draw_plot(self, painter: QPainter, rect: QRect) -> None:
        """Ticks wherever there is room, even where there is no sound."""
        painter.fillRect(rect, self.palette().window())
        window, rate = self.timeline.window, self.timeline.rate
        step = spacing(_APART * window.step / rate)
        left, right = (
            (window.first + x - GUTTER) * window.step / rate / step
            for x in (rect.left() - _APART, rect.right())
        )
        # a number reaches into the columns after it
        for number in range(max(0, math.floor(left)), math.ceil(right) + 1):
            x = self.x_of(number * step * rate)
            painter.setPen(theme.colour("muted"))
            painter.drawLine(x, 0, x, _TICK)
            label = written(number * step, step)
            text = QRect(x - _APART // 2, _TICK, _APART, self.height() - _TICK)
            if not number:  # the gutter would hide half of it
                text.moveLeft(
                    x - (text.width() - painter.fontMetrics().horizontalAdvance(label)) // 2
                )
            painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, label)
            for part in range(1, 5):
                x = self.x_of((number + part / 5) * step * rate)
                painter.drawLine(x, 0, x, _SMALL_TICK)

    def _draw_gutter(self, painter: QPainter) -> None:
        painter.setPen(theme.colour("muted"))
        place = QRect(0, _TICK, GUTTER - 6, self.height() - _TICK)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "Seconds")
