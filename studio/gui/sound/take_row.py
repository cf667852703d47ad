"""`TakeRow`: one of the takes of sound that are compared: its title, how loud it is, its waveform,
and how far it is heard. A click lets it be heard."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.scenes.takes import Take, figures_of
from studio.gui.widgets import theme, tips
from studio.gui.widgets.painted import painted

_HIGH, _WORDS = 92, 24  # pixels
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TakeRow(QWidget):
    """Signal: chosen(share): from which part of it on it is to be heard."""

    chosen = Signal(float)

    def __init__(self, take: Take, letter: str) -> None:
        super().__init__()
        self.take = take
        self._words = f"{letter}   {take.title}"
        self._place: float | None = None
        self.setMinimumHeight(_HIGH)
        self.setMaximumHeight(2 * _HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        said = take.sentence or figures_of(take)
        self.setAccessibleName(f"{self._words}. {said}")
        self.setToolTip(tips.plain(f"{take.title}. {said}", "Hear it from here (Enter)"))

    def sizeHint(self) -> QSize:
        return QSize(300, _HIGH)

    @property
    def heard(self) -> bool:
        """Whether it is the one that is heard."""
        return self._place is not None

    def show_place(self, share: float | None) -> None:
        """How far it is heard; None while another one is."""
        if share != self._place:
            self._place = share
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.take.samples.size:
            place = self._waveform
            self.chosen.emit(
                min(max((event.position().x() - place.left()) / max(1, place.width()), 0.0), 1.0)
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS and self.take.samples.size:
            self.chosen.emit(0.0)
        else:
            super().keyPressEvent(event)

    @property
    def _waveform(self) -> QRect:
        return self.rect().adjusted(12, _WORDS, -12, -6)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        place, palette = self._waveform, self.palette()
        painter.fillRect(self.rect().adjusted(4, 0, -4, -2), theme.colour("card"))
        line = QRect(place.left(), 2, place.width(), _WORDS - 2)
        figures = figures_of(self.take)
        metrics = painter.fontMetrics()
        room = line.width() - metrics.horizontalAdvance(figures) - 12
        words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        painter.setPen(palette.text().color())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(theme.colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figures)
        if self.take.samples.size:
            self._draw_waveform(painter, place)
        else:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place, flags, self.take.sentence)
        if self._place is not None:
            painter.setPen(QPen(theme.colour("accent"), 2))
            x = place.left() + round(self._place * place.width())
            painter.drawLine(x, place.top(), x, place.bottom())
        if self._place is not None or self.hasFocus():
            pen = QPen(theme.colour("accent"), 1)
            pen.setStyle(Qt.PenStyle.SolidLine if self._place is not None else Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(4, 0, -5, -3))

    def _draw_waveform(self, painter: QPainter, place: QRect) -> None:
        """The lowest and the highest sample of every column of pixels."""
        samples, width = self.take.samples, max(1, place.width())
        edges = np.linspace(0, len(samples), width, endpoint=False).astype(int)
        lows, highs = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
        middle, half = place.center().y(), place.height() / 2
        painter.setPen(theme.colour("muted"))
        for column, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
            x = place.left() + column
            painter.drawLine(x, round(middle - high * half), x, round(middle - low * half))
