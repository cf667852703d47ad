"""The waveform of a sound while it is made: a lane for each take,
the one that is heard in colour."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.engine.media.colour_maps import colour_map
from studio.gui.sound.time_plot import GUTTER
from studio.gui.sound.time_view import TimeView
from studio.gui.sound.timeline import Timeline
from studio.gui.widgets import theme

_SHADES = 128  # of a pixel that the waveform covers in part
_TINT = 40  # of 255: how much of the colour of evidence is in the ground of what is kept
_DOTS_FROM = 6  # pixels between two samples: from here on each has a dot
_COUNTS = 12  # pixels: how high the band is of what counts
COUNTS_MAP = "viridis"
_ROOM_FOR_LEVELS = 70  # pixels: in a lane that is as high, the ends are written


class WaveformView(TimeView):
    """Shows the sound of a `Timeline`: see there for what is called and what is heard of, and
    `TimeView` for the mouse.

    A click into another lane, or on its name, chooses that take (`Timeline.take_changed`). What is
    kept as the beginning is tinted, what is not made yet hatched.
    """

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(
            timeline,
            "Waveform",
            "Nothing to hear yet: press Play (Space), or drop a recording here",
            parent,
        )
        self.setMinimumHeight(80)
        # of which samples it is said how much they count, from which one on
        self._counts: tuple[int, NDArray[np.float32]] | None = None

    def lane(self, take: int) -> QRect:
        """Where a take is shown."""
        takes, height = self.timeline.sound.takes, self.height()
        top, bottom = take * height // takes, (take + 1) * height // takes
        return QRect(GUTTER, top, self.plot.width(), bottom - top)

    def show_counts(self, first: int, counts: NDArray[np.float32] | None) -> None:
        """How much samples count for one that comes after them, as a band below the take that is
        heard: float (n,) in 0..1 from the sample `first` on, NaN where nothing is said; None for no
        band."""
        before, self._counts = self._counts, None if counts is None else (first, counts)
        for each in (before, self._counts):
            if each is not None:
                self.update(self._between(each[0], each[0] + len(each[1])))

    def counts_rect(self) -> QRect:
        """Where the band lies, as far as it is seen; empty without one."""
        if self._counts is None:
            return QRect()
        first, counts = self._counts
        said = np.flatnonzero(np.isfinite(counts))
        if not len(said):
            return QRect()
        lane = self.lane(self.timeline.take)
        left, right = self.x_of(first + int(said[0])), self.x_of(first + len(counts))
        height = min(_COUNTS, lane.height() // 3)
        return QRect(left, lane.bottom() + 1 - height, max(1, right - left), height) & self.plot

    def _draw_marks(self, painter: QPainter) -> None:
        rect = self.counts_rect()
        if self._counts is not None and not rect.isEmpty():
            first, counts = self._counts
            edges = [self.sample_at(rect.left() + column) - first for column in range(rect.width())]
            colours = _strongest(counts, np.array(edges))
            image = QImage(colours.data, len(colours), 1, QImage.Format.Format_RGB32)
            painter.drawImage(rect, image)
            painter.fillRect(rect.adjusted(0, -1, 0, -rect.height()), self.palette().base())
        super()._draw_marks(painter)

    def _take_at(self, point: QPoint) -> int:
        takes = range(self.timeline.sound.takes)
        return next((take for take in takes if point.y() <= self.lane(take).bottom()), takes[-1])

    def _clicked(self, point: QPoint) -> None:
        self.timeline.choose_take(self._take_at(point))

    def _found(self, point: QPoint) -> str:
        sample = self.sample_at(point.x())
        found = self.timeline.sound.samples(self._take_at(point), sample, sample + 1)
        return f"{found[0]:.3f}" if len(found) else ""  # it may just have been forgotten

    def _draw_gutter(self, painter: QPainter) -> None:
        takes = self.timeline.sound.takes
        right = Qt.AlignmentFlag.AlignRight
        for take in range(takes):
            lane, chosen = self.lane(take), take == self.timeline.take
            place = QRect(0, lane.top(), GUTTER - 6, lane.height())
            if takes > 1:
                font = self.font()
                font.setBold(chosen)
                painter.setFont(font)
                painter.setPen(
                    self.palette().windowText().color() if chosen else theme.colour("muted")
                )
                painter.drawText(place, right | Qt.AlignmentFlag.AlignVCenter, f"Take {take + 1}")
                if chosen:
                    painter.fillRect(0, lane.top(), 3, lane.height(), theme.colour("accent"))
            if self.height() // takes >= _ROOM_FOR_LEVELS:
                painter.setFont(self.font())
                painter.setPen(theme.colour("muted"))
                painter.drawText(place, right | Qt.AlignmentFlag.AlignTop, "1")
                painter.drawText(place, right | Qt.AlignmentFlag.AlignBottom, "−1")
                if takes == 1:
                    painter.drawText(place, right | Qt.AlignmentFlag.AlignVCenter, "0")

    def _draw_sound(self, painter: QPainter, rect: QRect) -> None:
        timeline = self.timeline
        takes = range(timeline.sound.takes)
        for take in takes:
            lane = self.lane(take)
            painter.fillRect(
                rect & lane,
                self.palette().base() if take == timeline.take else self.palette().window(),
            )
            painter.setPen(theme.colour("line"))
            middle = lane.center().y()
            painter.drawLine(rect.left(), middle, rect.right(), middle)
            if take:
                painter.drawLine(rect.left(), lane.top(), rect.right(), lane.top())
        for part, given in self._parts(rect):
            if given:
                tint = theme.colour("evidence")
                tint.setAlpha(_TINT)
                painter.fillRect(part, tint)
            lines = timeline.window.step < 1
            lows, highs = timeline.sound.columns(
                timeline.window.first + part.left() - GUTTER, timeline.window.step, part.width()
            )
            for take in takes:
                colour = theme.colour("evidence" if given else "accent")
                if take != timeline.take:
                    colour = theme.colour("muted")
                    colour.setAlpha(150)
                if lines:
                    self._draw_samples(painter, part, take, colour)
                elif len(lows[take]):
                    lane = self.lane(take)
                    painter.drawImage(
                        part.left(),
                        lane.top(),
                        _band(lows[take], highs[take], lane.height(), colour),
                    )

    def _parts(self, rect: QRect) -> Iterator[tuple[QRect, bool]]:
        """The parts of a rectangle with what is kept,
        True, and those with what was made, False."""
        edges = [GUTTER]
        for start, stop in self.timeline.given:
            edges += [self.x_of(start) if start else GUTTER, self.x_of(stop)]
        edges.append(rect.right() + 1)
        for number, (left, right) in enumerate(pairwise(edges)):
            part = QRect(left, rect.top(), right - left, rect.height()) & rect
            if right > left and not part.isEmpty():
                yield part, number % 2 == 1

    def _draw_samples(self, painter: QPainter, rect: QRect, take: int, colour: QColor) -> None:
        """So near that there are more pixels than samples: a line from each to the next, and where
        there is room a dot."""
        window, lane = self.timeline.window, self.lane(take)
        first = max(0, self.sample_at(rect.left()) - 1)
        last = min(self.sample_at(rect.right() + 1) + 2, self.timeline.length)
        if first >= last:
            return
        x = GUTTER - window.first + np.arange(first, last) / window.step
        y = lane.top() + (1 - self.timeline.sound.samples(take, first, last)) / 2 * (
            lane.height() - 1
        )
        points = [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.3))
        painter.drawPolyline(points)
        if window.step * _DOTS_FROM <= 1:
            painter.setPen(QPen(colour, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(points)
        painter.restore()


def _strongest(counts: NDArray[np.float32], edges: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The colour of each column of pixels: of the sample in it that counts most.

    edges: the sample, of `counts`, with which each column begins.
    """
    filled = np.nan_to_num(counts)
    starts = edges.clip(0, len(filled) - 1)
    most = np.maximum.reduceat(filled, starts)  # of one sample, where a column has less
    return colour_map(COUNTS_MAP)[(most.clip(0, 1) * 255).round().astype(np.int64)]


def _band(
    lows: NDArray[np.float32], highs: NDArray[np.float32], height: int, colour: QColor
) -> QImage:
    """What lies between the lowest and the highest level of each column, -1..1, as an image as high
    as a lane; at least as thick as a pixel, with soft ends."""
    half, most = (height - 1) / 2, _SHADES - 1
    top, bottom = (1 - highs) * half, (1 - lows) * half + 1  # at least a row apart
    first, last = top.astype(np.int16), bottom.astype(np.int16)  # rows that are covered in part
    rows, columns = np.arange(height, dtype=np.int16)[:, None], np.arange(len(lows))
    shades = ((rows > first) & (rows < last)).view(np.uint8) * np.uint8(most)  # (height, columns)
    shades[first, columns] = (first + 1 - top) * most
    inside = last < height
    shades[last[inside], columns[inside]] = ((bottom - last) * most)[inside]
    image = QImage(shades.data, len(lows), height, len(lows), QImage.Format.Format_Indexed8)
    alpha, rgb = colour.alpha(), colour.rgb() & 0xFFFFFF
    image.setColorTable([(alpha * shade // most) << 24 | rgb for shade in range(_SHADES)])
    return image.copy()  # its own: the array goes
