"""`TimePlot`: a widget along a `Timeline`: where things are, and how little is painted.

The part on the left, the gutter, stands still; the rest moves along with time. Where the part that
is seen moves by whole pixels, what is on the screen is moved as it is, and only what comes into
sight is painted.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.sound.timeline import Timeline
from studio.gui.widgets import theme
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

GUTTER = 56  # pixels
_HATCH = 8  # pixels: the side of the pattern of what is not there yet
_EDGES = 3  # pixels on either side that belong to a line
_TICK = 4  # pixels, of an axis in the gutter


class TimePlot(QWidget):
    """The base of `TimeView`: shows the sound of a `Timeline`, its selection and its playhead."""

    def __init__(
        self, timeline: Timeline, name: str, hint: str, parent: QWidget | None = None
    ) -> None:
        """name: for those who cannot see it.
        hint: what is said where there is no sound yet."""
        super().__init__(parent)
        self.timeline = timeline
        self.hint = tr(hint)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._seen = timeline.window  # what is on the screen
        self._playhead = timeline.playhead
        self._selection = timeline.selection
        timeline.begun.connect(self._begin)
        timeline.grown.connect(self._grow)
        timeline.moved.connect(self._move)
        timeline.playhead_moved.connect(self._move_playhead)
        timeline.selection_changed.connect(self._change_selection)
        timeline.take_changed.connect(self.update)
        for changed in (timeline.begun, timeline.take_changed, timeline.selection_changed):
            changed.connect(self._describe)
        self._describe()

    # ---- what a view of its own does -------------------------------------------------------------

    @property
    def _length(self) -> int:
        """How far there is something to show, in samples."""
        return self.timeline.length

    def _draw_sound(self, painter: QPainter, rect: QRect) -> None:
        """Paint a part of the plot where there is sound."""

    def _draw_gutter(self, painter: QPainter) -> None:
        """Paint what stands left of the plot."""

    # ---- where things are ------------------------------------------------------------------------

    @property
    def plot(self) -> QRect:
        """Where the sound is shown."""
        return QRect(GUTTER, 0, max(1, self.width() - GUTTER), self.height())

    def x_of(self, sample: float) -> int:
        """The pixel at which a sample is, which may lie outside the plot."""
        return GUTTER + self.timeline.window.x_of(sample)

    def sample_at(self, x: float) -> int:
        """The sample at a pixel."""
        return self.timeline.window.sample_at(x - GUTTER)

    def _between(self, start: int, stop: int, margin: int = 1) -> QRect:
        """The part of the plot from one sample to another."""
        left, right = self.x_of(start) - margin, self.x_of(stop) + margin
        return QRect(left, 0, right - left + 1, self.height()) & self.plot

    def _describe(self) -> None:
        """Say which take is heard and what is selected, for those who cannot see it."""
        timeline, parts = self.timeline, []
        if timeline.sound.takes > 1:
            parts.append(f"Take {timeline.take + 1} of {timeline.sound.takes} is heard")
        if timeline.selection is None:
            parts.append("Nothing is selected")
        else:
            start, stop = (f"{end / timeline.rate:.3f} s" for end in timeline.selection)
            parts.append(f"Selected from {start} to {stop}")
        self.setAccessibleDescription(". ".join(parts))

    # ---- what has changed ------------------------------------------------------------------------

    def _begin(self) -> None:
        timeline = self.timeline
        self._seen, self._playhead, self._selection = (
            timeline.window,
            timeline.playhead,
            timeline.selection,
        )
        self.update()

    def _grow(self, start: int, stop: int) -> None:
        if start == 0:
            self.update()  # there was nothing, or is nothing now
        else:
            self.update(self._between(start, stop))

    def _move(self) -> None:
        before, now = self._seen, self.timeline.window
        self._seen = now
        # on other screens a pixel of ours is no whole number of theirs
        whole = self.devicePixelRatioF().is_integer()
        if (before.step, before.width) == (now.step, now.width) and self._length and whole:
            self.scroll(before.first - now.first, 0, self.plot)
        else:
            self.update()

    def _move_playhead(self) -> None:
        before, self._playhead = self._playhead, self.timeline.playhead
        for sample in (before, self._playhead):
            self.update(self._between(sample, sample, _EDGES))

    def _change_selection(self) -> None:
        """Repaint between where an end was and where it is."""
        before, self._selection = self._selection, self.timeline.selection
        if before is None or self._selection is None:
            for selection in (before, self._selection):
                if selection is not None:
                    self.update(self._between(*selection, _EDGES))
            return
        for old, new in zip(before, self._selection, strict=True):
            if old != new:
                self.update(self._between(min(old, new), max(old, new), _EDGES))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.timeline.set_width(self.plot.width())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen = self.timeline.window

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # the window turns light or dark
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()

    # ---- painting it -----------------------------------------------------------------------------

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        plot = self.plot
        gutter = QRect(0, 0, GUTTER, self.height())
        if event.rect().intersects(gutter):
            painter.fillRect(gutter, self.palette().window())
            self._draw_gutter(painter)
        painter.setClipRect(plot, Qt.ClipOperation.IntersectClip)
        if not self._length:
            self._draw_nothing(painter)
            return
        for rect in event.region():  # type: ignore[attr-defined]
            shown = rect & plot
            if not shown.isEmpty():
                self._draw_plot(painter, shown)
        self._draw_marks(painter)

    def _draw_number(self, painter: QPainter, y: int, text: str) -> None:
        """A number of an axis in the gutter, and its tick."""
        line = self.fontMetrics().height()
        top = min(max(y - line // 2, 0), self.height() - line)
        painter.setPen(theme.colour("muted"))
        painter.drawLine(GUTTER - _TICK, y, GUTTER - 1, y)
        painter.drawText(
            QRect(0, top, GUTTER - _TICK - 3, line),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            text,
        )

    def _draw_nothing(self, painter: QPainter) -> None:
        painter.fillRect(self.plot, self.palette().base())
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            self.plot.adjusted(8, 0, -8, 0),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            self.hint,
        )

    def _draw_plot(self, painter: QPainter, rect: QRect) -> None:
        """The sound as far as there is any, and hatching from there on."""
        end = self.x_of(self._length - 1) + 1
        if rect.right() >= end:
            unknown = QRect(rect)
            unknown.setLeft(max(rect.left(), end))
            painter.setBrushOrigin(GUTTER - self.timeline.window.first % _HATCH, 0)
            painter.fillRect(unknown, QBrush(hatch_pattern(_HATCH)))
        if rect.left() < end:
            sound = QRect(rect)
            sound.setRight(min(rect.right(), end - 1))
            self._draw_sound(painter, sound)

    def _draw_marks(self, painter: QPainter) -> None:
        """What lies over the sound: the selection, the end
        of the beginning that is kept, the playhead."""
        timeline, height = self.timeline, self.height()
        if timeline.selection is not None:
            left, right = (self.x_of(end) for end in timeline.selection)
            accent = theme.colour("accent")
            painter.fillRect(left, 0, right - left, height, _faint(accent, 70))
            painter.setPen(QPen(accent, 1))
            painter.drawLine(left, 0, left, height)
            painter.drawLine(right, 0, right, height)
        if timeline.beginning:
            evidence, edge = theme.colour("evidence"), self.x_of(timeline.beginning)
            painter.fillRect(
                self._between(0, timeline.beginning, 0).adjusted(0, 0, 0, 3 - height), evidence
            )
            painter.setPen(QPen(evidence, 1))
            painter.drawLine(edge, 0, edge, height)
        for gap in timeline.filled:  # however short
            painter.fillRect(
                self._between(gap.begin, gap.end).adjusted(0, 0, 0, 3 - height),
                theme.colour("accent"),
            )
        x, cursor = self.x_of(timeline.playhead), theme.colour("cursor")
        painter.fillRect(x - _EDGES + 1, 0, 2 * _EDGES - 1, height, _faint(cursor, 70))
        painter.fillRect(x, 0, 1, height, cursor)


def _faint(colour: QColor, alpha: int) -> QColor:
    colour = QColor(colour)
    colour.setAlpha(alpha)
    return colour
