"""`TimeView`: what the mouse and the keys do in a widget along a `Timeline`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.gui.sound.time_plot import GUTTER, TimePlot
from studio.gui.sound.timeline import Timeline
from studio.gui.widgets import tips

# pixels that the pointer has to go before a click becomes a selection;
# an edge is taken hold of from as near
_DRAG = 4
_NOTCH, _ZOOM = 120, 1.25  # what one notch of a wheel is, and by how much it zooms
_PAN_SHARE = 0.1  # of the width, for a key or a notch
_SELECT_STEP = 8  # pixels, for a key
_HINT = (
    "Click to play from there, drag to select; the wheel zooms, with Shift or the right button it"
    " moves"
)


class TimeView(TimePlot):
    """The base of the views of a `Timeline`, which hears
    of everything the person does here; see there.

    Mouse: a click seeks, and takes the selection away; dragging selects, or moves an end of the
    selection; the wheel zooms about the pointer; Shift and the wheel, a wheel that tilts, or
    dragging with the right or middle button move along. Keys: left and right move, and with Shift
    select from the playhead on, or move the end of the selection that was moved last; + and - zoom
    about the playhead; up and down choose the take; Escape takes the selection away.

    Signal: pointed(text), what is under the pointer, "" when there is nothing.
    """

    pointed = Signal(str)

    def __init__(
        self, timeline: Timeline, name: str, hint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(timeline, name, hint, parent)
        self.setToolTip(_HINT)
        tips.beside(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._anchor: int | None = None  # the sample at the other end of what is being selected
        self._pressed = QPoint()
        self._dragging = False
        self._panned_from: int | None = None

    # ---- what a view of its own does -------------------------------------------------------------

    def _found(self, point: QPoint) -> str:
        """What is under a point of the plot where there is something to show, beside when it is."""
        return ""

    def _clicked(self, point: QPoint) -> None:
        """The person clicked, in the plot or in the gutter."""

    # ---- the mouse and the keys ------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._panned_from = point.x()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pressed = point
            if point.x() >= GUTTER and self.timeline.length:
                held = self._edge_at(point.x())
                self._dragging = held is not None
                self._anchor = self.sample_at(point.x()) if held is None else held

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        x = point.x()
        self._point_at(point)
        if self._panned_from is not None:
            self.timeline.pan(self._panned_from - x)
            self._panned_from = x
        elif self._anchor is not None:
            self._dragging = self._dragging or abs(x - self._pressed.x()) >= _DRAG
            if self._dragging:
                inside = min(max(x, GUTTER), self.plot.right() + 1)
                self.timeline.select(self._anchor, self.sample_at(inside))
        else:
            on_edge = x >= GUTTER and self._edge_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if on_edge else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit("")

    def _point_at(self, point: QPoint) -> None:
        sample = self.sample_at(point.x())
        if self.plot.contains(point) and 0 <= sample < self._length:
            parts = [f"{sample / self.timeline.rate:.3f} s", self._found(point)]
            self.pointed.emit(", ".join(part for part in parts if part).replace("-", "−"))
        else:
            self.pointed.emit("")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            self._panned_from = None
            return
        if not self._dragging:
            self._clicked(self._pressed)
            if self._anchor is not None:
                self.timeline.unselect()
                self.timeline.seek(self._anchor)
        self._anchor, self._dragging = None, False

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, up = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across, up = across or up, 0
        if across:
            self.timeline.pan(-round(across / _NOTCH * _PAN_SHARE * self.plot.width()))
        if up:
            self.timeline.zoom(_ZOOM ** (-up / _NOTCH), max(0.0, event.position().x() - GUTTER))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        timeline, pan = self.timeline, round(_PAN_SHARE * self.plot.width())
        head = min(max(timeline.window.x_of(timeline.playhead), 0), timeline.window.width)
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            way = 1 if key == Qt.Key.Key_Right else -1
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                timeline.extend(way * _SELECT_STEP)
            else:
                timeline.pan(way * pan)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and timeline.sound.takes > 1:
            take = timeline.take + (1 if key == Qt.Key.Key_Down else -1)
            timeline.choose_take(min(max(take, 0), timeline.sound.takes - 1))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            timeline.zoom(_ZOOM if key == Qt.Key.Key_Minus else 1 / _ZOOM, head)
        elif key == Qt.Key.Key_Escape and timeline.selection is not None:
            timeline.unselect()
        else:
            super().keyPressEvent(event)

    def _edge_at(self, x: int) -> int | None:
        """The other end of the selection where x is on one of its ends."""
        if self.timeline.selection is None:
            return None
        start, stop = self.timeline.selection
        if abs(x - self.x_of(stop)) <= _DRAG:
            return start
        return stop if abs(x - self.x_of(start)) <= _DRAG else None
