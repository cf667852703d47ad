"""The spectrogram of the take that is heard, in magma:
worked out only where it is seen, a little at a time."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QImage, QPainter, QShowEvent
from PySide6.QtWidgets import QWidget

from studio.engine.audio.spectrogram import SoundSpectrogram
from studio.engine.media.colour_maps import colour_map
from studio.engine.media.mel import decibels
from studio.gui.sound.time_plot import GUTTER
from studio.gui.sound.time_view import TimeView
from studio.gui.sound.timeline import Timeline
from studio.gui.widgets.ticks import spacing, written

MAP = "magma"
_FRAMES = 400  # worked out at once: a few milliseconds
_APART = 2.2  # lines of text between two numbers of the axis at least
_KILOHERTZ_FROM = 2000  # Hz, of the highest frequency


class SpectrogramView(TimeView):
    """Shows the sound of a `Timeline`: see there for what is called and what is heard of, and
    `TimeView` for the mouse.

    The brightest colour is a sine as loud as can be, the darkest 80 dB less.
    settled: whether all that is seen is worked out.
    """

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(
            timeline, "Spectrogram", "The frequencies of the sound appear here", parent
        )
        self.setMinimumHeight(80)
        self.settled = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._work)
        timeline.take_changed.connect(self._begin)
        self._begin()

    def _begin(self) -> None:
        super()._begin()
        self._spectrogram = SoundSpectrogram(
            self.timeline.sound, self.timeline.take, self.timeline.rate
        )
        self._work()

    def _grow(self, start: int, stop: int) -> None:
        super()._grow(start, stop)
        self._spectrogram.forget(start)
        self._work()

    def _move(self) -> None:
        super()._move()
        self._work()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._work()

    def _work(self) -> None:
        """Work out some of what is missing, and the rest when the window has had time to live."""
        if not self.isVisible():
            self.settled = False
            return  # showEvent catches up
        window = self.timeline.window
        news = self._spectrogram.work_out(
            max(0, round(window.start)), max(0, round(window.stop)), _FRAMES
        )
        self.settled = news is None
        if news is not None:
            self.update(self._between(*news))
            self._timer.start()

    def _draw_sound(self, painter: QPainter, rect: QRect) -> None:
        window = self.timeline.window
        levels = self._spectrogram.columns(
            window.first + rect.left() - GUTTER, window.step, rect.width()
        )
        bins, columns = levels.shape
        if columns:
            pixels = colour_map(MAP).take(levels[::-1])  # low frequencies at the bottom
            image = QImage(pixels.data, columns, bins, 4 * columns, QImage.Format.Format_RGB32)
            painter.drawImage(QRect(rect.left(), 0, columns, self.height()), image)

    def _found(self, point: QPoint) -> str:
        window = self.timeline.window
        column = self._spectrogram.columns(window.first + point.x() - GUTTER, window.step, 1)[:, 0]
        part = 1 - point.y() / max(1, self.height() - 1)  # of the axis
        level = column[round(part * (len(column) - 1))] / 255
        return f"{part * self.timeline.rate / 2:.0f} Hz, {decibels(level):.0f} dB"

    def _draw_gutter(self, painter: QPainter) -> None:
        """The axis of frequency."""
        line, top = self.fontMetrics().height(), self.timeline.rate / 2
        step = spacing(_APART * line * top / self.height())
        unit, name = (1000, "kHz") if top >= _KILOHERTZ_FROM else (1, "Hz")
        for number in range(int(top / step) + 1):
            y = round((1 - number * step / top) * (self.height() - 1))
            text = f"{written(number * step / unit, step / unit)} {name}"
            self._draw_number(painter, y, text)
