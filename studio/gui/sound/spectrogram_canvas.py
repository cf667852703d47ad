"""The canvas on which a spectrogram is painted: its cells in magma,
pitch upwards, time along a `Timeline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.demonstrations import VOCODER
from studio.engine.editing.spectrogram_painting import Cell, Region, Span, SpectrogramPainting
from studio.engine.media.colour_maps import colour_map
from studio.engine.media.mel import MelSpec, decibels, tops
from studio.gui.sound.spectrogram_view import MAP
from studio.gui.sound.time_plot import GUTTER
from studio.gui.sound.time_view import TimeView
from studio.gui.sound.timeline import Timeline

Hold = Literal["nothing", "inside", "end"]  # what of the selected region is under the pointer

_NOTHING = (
    "Nothing can be painted: the model takes no spectrogram as condition. Load one that does, such"
    f" as {VOCODER}."
)
_SILENT = (
    "Silence. Paint here what the model should say, or open a recording to"
    " start from its spectrogram."
)
_GRIP = 5  # pixels from the end of a region from which it is taken hold of
# frequencies that the axis may name
_HERTZ = (100, 200, 500, 1000, 2000, 3000, 4000, 6000, 8000, 12_000, 16_000, 24_000)
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SpectrogramCanvas(TimeView):
    """Shows a `SpectrogramPainting`, and says in cells what the mouse does; what comes of it is
    `SpectrogramTools`' part.

    Signals: pressed(frame, mel), dragged(frame, mel) and released() while a button is down, with
    the right one `erasing`, and with Ctrl `copying`; `held` says what of the selected region it
    took hold of. selected(): `region` is another. nudged(frames, mels) and lengthened(frames) by
    the arrows, the latter with Shift. The wheel, the middle button and the other keys are
    `TimeView`'s.
    """

    pressed = Signal(int, int)
    dragged = Signal(int, int)
    released = Signal()
    nudged = Signal(int, int)
    lengthened = Signal(int)
    selected = Signal()

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(timeline, "Painted spectrogram", _NOTHING, parent)
        self.setToolTip(
            "Paint with the left button, erase with the right one; the wheel zooms, with Shift it"
            " moves along"
        )
        self.setMinimumHeight(160)
        self.painting: SpectrogramPainting | None = None
        self.region: Region | None = None  # that is selected
        self.hover: Cell | None = None  # the cell under the pointer
        self.erasing = self.copying = False
        self.held: Hold = "nothing"
        self._spec = MelSpec()
        self._brush = 0  # cells across, 0 where the tool is none
        self._stroke = False
        self._empty = True

    # ---- what is shown ---------------------------------------------------------------------------

    def show_painting(self, painting: SpectrogramPainting | None, spec: MelSpec) -> None:
        """Another painting, of frames as `spec` has them, or none."""
        self.painting, self._spec = painting, spec
        self.hint = _NOTHING if painting is None else _SILENT
        self.select(None)
        self._fit()
        self.update()

    def refresh(self, span: Span) -> None:
        """Those frames of the painting are others, or there are more or fewer."""
        painting = self.painting
        assert painting is not None
        if painting.length * self._spec.hop != self.timeline.extent:
            self._fit()
            if self.region is not None and self.region.stop > painting.length:
                self.select(None)
        if painting.empty != self._empty:
            self._empty = painting.empty
            self.update()  # the hint comes or goes
        self.update(self._frames(span.start, span.stop))

    def select(self, region: Region | None) -> None:
        """Another region, or none; one without a cell is none."""
        if region is not None and (region.start == region.stop or region.low == region.high):
            region = None
        if region == self.region:
            return
        for each in (self.region, region):
            if each is not None:
                self.update(self.rect_of(each).adjusted(-1, -1, 1, 1))
        self.region = region
        self.selected.emit()

    def set_brush(self, size: int) -> None:
        """How large the outline under the pointer is, in cells; 0 for a tool that selects."""
        self._brush = size
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.update()

    def _fit(self) -> None:
        self._empty = self.painting is None or self.painting.empty
        self.timeline.set_extent(self._length)

    @property
    def _length(self) -> int:
        return 0 if self.painting is None else self.painting.length * self._spec.hop

    # ---- where it is -----------------------------------------------------------------------------

    def cell_at(self, point: QPoint) -> Cell:
        """The cell under a point, which may lie outside the picture."""
        window, mels = self.timeline.window, self._spec.mels
        frame = (window.first + point.x() - GUTTER + 0.5) * window.step // self._spec.hop
        return int(frame), mels - 1 - point.y() * mels // self.height()

    def rect_of(self, region: Region) -> QRect:
        """Where a region is."""
        hop, mels, height = self._spec.hop, self._spec.mels, self.height()
        left, right = self.x_of(region.start * hop), self.x_of(region.stop * hop)
        top, bottom = (-((mel - mels) * height // mels) for mel in (region.high, region.low))
        return QRect(left, top, right - left, bottom - top)

    @property
    def playhead_frame(self) -> int:
        """The frame of what sounds now."""
        return self.timeline.playhead // self._spec.hop

    def _frames(self, start: int, stop: int) -> QRect:
        return self._between(start * self._spec.hop, stop * self._spec.hop)

    # ---- painting it -----------------------------------------------------------------------------

    def _draw_sound(self, painter: QPainter, rect: QRect) -> None:
        """Each pixel the colour of the cell in which its middle lies, so that a part looks as it
        does in the whole."""
        painting, window, mels = self.painting, self.timeline.window, self._spec.mels
        assert painting is not None
        columns = window.first + np.arange(rect.left(), rect.right() + 1) - GUTTER + 0.5
        frames = (columns * window.step // self._spec.hop).astype(int).clip(0, painting.length - 1)
        rows = mels - 1 - np.arange(rect.top(), rect.bottom() + 1) * mels // self.height()
        levels = np.rint(painting.frames[frames] * 255).astype(np.uint8).T  # (mels, columns)
        pixels = colour_map(MAP).take(levels)[rows]
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        painter.drawImage(rect.topLeft(), image)

    def _draw_marks(self, painter: QPainter) -> None:
        if self._empty:
            # on the darkest colour of the map, whatever the window is
            painter.setPen(QColor("#e4e7ec"))
            where = self.plot & QRect(
                self.x_of(0), 0, self.x_of(self._length) - self.x_of(0), self.height()
            )
            painter.drawText(
                where.adjusted(8, 0, -8, 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.hint,
            )
        super()._draw_marks(painter)
        if self.region is not None:
            _outline(painter, self.rect_of(self.region), painter.drawRect, Qt.PenStyle.DashLine)
        if self.hover is not None and self._brush:
            _outline(
                painter,
                self.rect_of(self._under_brush(self.hover)),
                painter.drawEllipse,
                Qt.PenStyle.DotLine,
            )

    def _under_brush(self, cell: Cell) -> Region:
        low = (self._brush - 1) // 2
        start, bottom = cell[0] - low, cell[1] - low
        return Region(start, start + self._brush, bottom, bottom + self._brush)

    def _found(self, point: QPoint) -> str:
        assert self.painting is not None
        frame, mel = self.cell_at(point)
        frame = min(frame, self.painting.length - 1)  # the middle of the last pixel may lie behind
        return (
            f"{tops(self._spec)[mel]:.0f} Hz, {decibels(self.painting.frames[frame, mel]):.0f} dB"
        )

    def _draw_gutter(self, painter: QPainter) -> None:
        """The axis of frequency, which is even in mels and not in Hz."""
        if self.painting is None:
            return
        line, middles = self.fontMetrics().height(), tops(self._spec)
        below = self.height() + line
        for hertz in _HERTZ:
            mel = float(
                np.interp(hertz, middles, np.arange(len(middles)) + 0.5, left=np.nan, right=np.nan)
            )
            if (
                np.isnan(mel)
                or (y := round((1 - mel / len(middles)) * self.height())) > below - line
            ):
                continue
            below = y
            name = f"{hertz / 1000:g} kHz" if hertz >= 1000 else f"{hertz} Hz"
            self._draw_number(painter, y, name)

    # ---- the mouse and the keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if event.button() not in _BUTTONS:
            super().mousePressEvent(event)
        elif self.painting is not None and self.plot.contains(point) and not self._stroke:
            self._stroke = True
            self.timeline.follow(False)  # it must not move along under the brush
            self.erasing = event.button() == Qt.MouseButton.RightButton
            self.copying = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.held = self._hold(point)
            self.pressed.emit(*self.cell_at(point))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._stroke:
            self.dragged.emit(*self.cell_at(point))
        elif self._panned_from is not None:
            super().mouseMoveEvent(event)
        elif not self._brush:
            shapes = {"inside": Qt.CursorShape.SizeAllCursor, "end": Qt.CursorShape.SplitHCursor}
            self.setCursor(shapes.get(self._hold(point), Qt.CursorShape.CrossCursor))
        self._point_at(point)
        self._set_hover(
            self.cell_at(point) if self.painting is not None and self.plot.contains(point) else None
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() not in _BUTTONS:
            super().mouseReleaseEvent(event)
        elif self._stroke:
            self._stroke = False
            self.released.emit()
            self.erasing, self.held = False, "nothing"

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if self.region is None or (step is None and event.key() != Qt.Key.Key_Escape):
            super().keyPressEvent(event)
        elif step is None:
            self.select(None)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.lengthened.emit(step[0])
        else:
            self.nudged.emit(*step)

    def _hold(self, point: QPoint) -> Hold:
        if self.region is None:
            return "nothing"
        rect = self.rect_of(self.region)
        if abs(point.x() - rect.right()) <= _GRIP and rect.top() <= point.y() <= rect.bottom():
            return "end"
        return "inside" if rect.contains(point) else "nothing"

    def _set_hover(self, cell: Cell | None) -> None:
        before, self.hover = self.hover, cell
        if before == cell:
            return
        for each in (before, cell):
            if each is not None and self._brush:
                self.update(self.rect_of(self._under_brush(each)).adjusted(-2, -2, 2, 2))


def _outline(
    painter: QPainter, rect: QRect, draw: Callable[[QRect], None], style: Qt.PenStyle
) -> None:
    """Light on dark, so that it is seen on every colour of the map."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, line in (("black", Qt.PenStyle.SolidLine), ("white", style)):
        painter.setPen(QPen(QColor(colour), 1, line))
        draw(rect.adjusted(0, 0, -1, -1))
