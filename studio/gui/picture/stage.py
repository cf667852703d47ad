"""The stage: the pictures, and what the pointer and the keys do on them.

A click on a finished picture chooses it, and so does a stroke, which says so. On the one that is
chosen the tool in hand works, always, as it does on all that are not finished: so nothing is undone
by accident.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.engine.editing.painting import Painting
from studio.engine.editing.patches import ONE_PIXEL
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import insights
from studio.gui.picture.choice import Choice
from studio.gui.picture.site_colours import levels_at, site_in_words
from studio.gui.picture.stage_view import Place, StageView
from studio.gui.widgets import tips

_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
_PAINT = "Paint with the left button, erase with the right one"
_FINISHED = "This picture is finished. Paint on it once more to change it, or press Restart."
_CHOOSE = "Click to choose this picture: then it can be enlarged, kept, saved or painted on"
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class Stage(StageView):
    """Signals: pressed(row, column), dragged(row, column) and released() while a button is down,
    erasing with the right one: see `erasing`, and `picture` for which of the pictures; hovered(what
    is under the pointer, in words, "" for nothing); pointed_at(), when that is another site, see
    `pointed`; overlay_changed(its name); choices_changed() in insights; chosen(Choice), when
    it is another; menu_wanted(row, column, where on the screen) of a finished picture;
    message(why a stroke did not paint).

    paints: whether the tool in hand paints, so that a finished picture has to be chosen first.
    yields: whether a stroke on a finished picture changes it all the same, and only a click chooses
    it: where the picture is finished again by itself.
    """

    pressed = Signal(int, int)
    dragged = Signal(int, int)
    released = Signal()
    hovered = Signal(str)
    overlay_changed = Signal(str)
    choices_changed = Signal()
    pointed_at = Signal()
    chosen = Signal(object)
    menu_wanted = Signal(int, int, QPoint)
    message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Stage")
        tips.beside(self, unless=lambda: self.overlay != "none")  # the line below says what it is
        self.erasing = False
        self.paints = True
        self.yields = False
        self.picture = 0
        self._stroke: tuple[int, Qt.MouseButton] | None = None  # the picture, and what is down
        self._chose_at: QPoint | None = None  # where the last click was, if it chose
        self._pick_up()

    # ---- what is shown ---------------------------------------------------------------------------

    def show_painting(self, painting: Painting | None) -> None:
        """Another painting, which ends a stroke, or another state of it."""
        if painting is not self._painting:
            self._end_stroke()
            self._choose(Choice())
        if painting is not None and painting.space != self.space:
            self._set_hover(None)  # until the pointer moves
        super().show_painting(painting)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Another moment; a stroke on a picture that is gone ends."""
        if snapshot is not None and (
            snapshot.length * math.prod(snapshot.patch) != math.prod(self.space)
        ):
            snapshot = None  # of a model that is no longer, or not yet, in use
        self._choose(self.choice.at(snapshot))
        count = 1 if snapshot is None else snapshot.count
        if self._stroke is not None and self._stroke[0] >= count:
            self._end_stroke()
        self.picture = min(self.picture, count - 1)
        super().show_snapshot(snapshot)
        if self._hover is not None:
            if self._hover[0] - self._first not in range(self.count):
                self._set_hover(None)
            elif snapshot is not None and not snapshot.playing:
                self._tell()

    def value_at(self, row: int, column: int) -> tuple[int, ...] | None:
        """The levels, one a channel, that the picture last pressed on shows at a pixel; None where
        nothing is there."""
        return levels_at(self._snapshot, self._painting, self.picture, (row, column))

    def set_overlay(self, name: str) -> None:
        """One of `insights()` over the chosen picture (the first, without one), or "none"."""
        assert name == "none" or name in insights()
        if name != self.overlay:
            self.overlay = name
            self._refresh()
            self.overlay_changed.emit(name)

    def set_choice(self, name: str, number: int) -> None:
        """Of the insights that have it, such as the layer whose attention is shown."""
        if self.choices.get(name, 0) != number:
            self.choices = {**self.choices, name: number}
            self._refresh()
            self.choices_changed.emit()

    @property
    def pointed(self) -> Place | None:
        """The picture and the pixel under the pointer."""
        return self._hover

    # ---- choosing --------------------------------------------------------------------------------

    def choose(self, picture: int | None) -> None:
        """Choose one of the pictures, or none."""
        self._choose(self.choice.of(picture))

    def enlarge(self, large: bool) -> None:
        """Show the chosen picture alone, or all of them again."""
        if self._snapshot is not None and self._snapshot.count > 1:
            picture = self.choice.picture
            if picture is not None:
                self._choose(Choice(picture, large, self.choice.finished))

    def _choose(self, choice: Choice) -> None:
        before, self.choice = self.choice, choice
        if choice != before:
            if choice.alone != before.alone:
                self._hover = None
                self._end_stroke()
            self._refresh()
            self.update()
            self._pick_up()
            self.chosen.emit(choice)

    def _pick_up(self) -> None:
        """The pointer and the tip say what a click does."""
        under = None if self._hover is None else self._hover[0]
        holds = self.paints and self.choice.finished
        chooses = holds and (under is None or self.choice.protects(under))
        cursor = Qt.CursorShape.PointingHandCursor if chooses else Qt.CursorShape.CrossCursor
        if self.cursor().shape() != cursor or not self.toolTip():
            self.setCursor(cursor)
            self.setToolTip(_CHOOSE if chooses else _PAINT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, choice = event.key(), self.choice
        if key == Qt.Key.Key_Escape and choice.picture is not None:
            self.enlarge(False) if choice.large else self.choose(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and choice.picture is not None:
            self.enlarge(not choice.large)
        elif key in _ARROWS and self._snapshot is not None and not self._captions:
            self._choose_beside(*_ARROWS[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def _choose_beside(self, down: int, right: int) -> None:
        """The next picture in a direction; the first, where none is chosen."""
        assert self._snapshot is not None
        picture, count = self.choice.picture, self._snapshot.count
        step = right if self.choice.large else down * self._layout.columns + right
        self.choose(0 if picture is None else min(max(picture + step, 0), count - 1))

    # ---- the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found, button = self.site_at(event.position().toPoint()), event.button()
        if button not in (_LEFT, _RIGHT) or self._stroke is not None:
            return
        self._chose_at = None
        if found is None:
            self.choose(None)
        elif self.paints and self.choice.protects(found[0]):
            self._chose_at = event.position().toPoint()
            self.choose(found[0])
            if button == _RIGHT:
                self.menu_wanted.emit(*found[1], event.globalPosition().toPoint())
        else:
            self._begin_stroke(found, button)

    def _begin_stroke(self, found: Place, button: Qt.MouseButton) -> None:
        if self._captions and found[0]:
            return  # what the model gave back is nothing to paint on
        self._stroke = found[0], button
        self.erasing = button == _RIGHT
        self.picture = found[0]
        self.pressed.emit(*found[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The first click has chosen a finished picture: the second enlarges it. Where the first
        was a stroke, or there is nothing to enlarge, the second is one too."""
        chose, self._chose_at = self._chose_at is not None, None
        several = self._snapshot is not None and self._snapshot.count > 1
        if chose and several and event.button() == _LEFT:
            self.enlarge(not self.choice.large)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._chose_at is not None and event.buttons() & _LEFT:
            way = (point - self._chose_at).manhattanLength()
            if way >= QApplication.startDragDistance():  # it was meant to paint
                found, self._chose_at = self.site_at(self._chose_at), None
                if not self.yields:
                    self.message.emit(_FINISHED)
                elif found is not None:
                    self._begin_stroke(found, _LEFT)
        if self._stroke is not None:
            picture, button = self._stroke
            if event.buttons() & button:
                self.dragged.emit(*self._layout.site_of(picture - self._first, point))
            else:  # it was let go where nobody saw it
                self._end_stroke()
        self._set_hover(self.site_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None and event.button() == self._stroke[1]:
            self._end_stroke()

    def _end_stroke(self) -> None:
        if self._stroke is not None:
            self._stroke = None
            self.released.emit()
            self.erasing = False

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(None)

    def _set_hover(self, found: Place | None) -> None:
        before, self._hover = self._hover, found
        if before == found:
            return
        self._tell()
        self.pointed_at.emit()
        reach = self._brush + 1
        for place in (before, found):
            if place is not None:
                picture, (row, column) = place
                for index in self._with_brush(picture):
                    self.update(
                        self._layout.sites(
                            index, (row - reach, column - reach), (row + reach, column + reach)
                        )
                    )
                self._update_patch(place)
        if (before and before[0]) != (found and found[0]):
            self._pick_up()
            if self.choice.finished:
                self.update()  # the frame of the one that a click would choose

    def _update_patch(self, place: Place) -> None:
        """The outline of the patch under the pointer."""
        index, (row, column) = place[0] - self._first, place[1]
        if self._patch != ONE_PIXEL and 0 <= index < self.count:
            site = row // self._patch[0], column // self._patch[1]
            self.update(self.site_rect(index, site).adjusted(-2, -2, 2, 2))

    def _tell(self) -> None:
        self.hovered.emit(
            ""
            if self._hover is None
            else site_in_words(self._snapshot, self._painting, self._levels, *self._hover)
        )
