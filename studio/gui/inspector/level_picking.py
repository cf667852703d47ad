"""`LevelPicking`: what the pointer and the keys do with the bars of the next site.

One is taken by a click or by Enter. Of a colour, one that is pointed at is supposed, so that the
other channels are shown after it, and with Shift it is held.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from studio.engine.generation.next_site import NextSite, Supposed, Why


class LevelPicking(QWidget):
    """probabilities: of the levels (C, K), None where there are none.
    upcoming: the same site with its reasons, None where nobody knows them.

    Signals: taken(channel, level), the person wants that one, see `set_taking`; supposed(levels or
    None), the other channels are to be shown after these, see `NextSite`.
    """

    taken = Signal(int, int)
    supposed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.probabilities: NDArray[np.float32] | None = None
        self.upcoming: NextSite | None = None
        self._taking = False
        self._marked: tuple[int, int] | None = None  # channel and level, under the pointer or so
        self._held: dict[int, int] = {}  # levels of channels
        self._asked: tuple[int, Supposed | None] = (-1, None)  # what was supposed last, and where
        self._wanted: tuple[int, int] | None = None  # is taken when what it leads to is known
        self.setMouseTracking(True)

    def set_taking(self, taking: bool) -> None:
        """Whether a bar can be taken for the next site."""
        self._taking = taking
        self._held.clear()
        self._asked, self._wanted = (-1, None), None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if taking else Qt.FocusPolicy.NoFocus)
        self._mark(None)

    def places(self) -> list[QRectF]:
        """Of the bars of each channel."""
        raise NotImplementedError

    def _follow(self, probabilities: NDArray[np.float32] | None, upcoming: NextSite | None) -> None:
        """Another moment is shown."""
        if _position(upcoming) != _position(self.upcoming):
            self._held.clear()
            self._wanted = None
        self.probabilities, self.upcoming = probabilities, upcoming
        if self._marked is not None and not self._exists(*self._marked):
            self._mark(None)
        self._suppose()
        self._take_wanted()

    def bar(self, channel: int, level: int) -> QRectF:
        """Where a bar can be clicked; the levels are there."""
        assert self.probabilities is not None
        place, levels = self.places()[channel], self.probabilities.shape[1]
        width = place.width() / levels
        return QRectF(place.left() + level * width, place.top(), width, place.height())

    def _exists(self, channel: int, level: int) -> bool:
        found = self.probabilities
        return found is not None and channel < len(found) and level < found.shape[1]

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        for channel, place in enumerate(self.places() if self._taking else []):
            if place.contains(point) and self.probabilities is not None:
                levels = self.probabilities.shape[1]
                return channel, min(levels - 1, int(point.x() / place.width() * levels))
        return None

    def _mark(self, place: tuple[int, int] | None) -> None:
        if place != self._marked:
            self._marked = place
            self._suppose()
            self.update()
        cursor = Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(cursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mark(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._mark(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._mark(found)
            self._choose(found, event.modifiers())

    def _choose(self, place: tuple[int, int], modifiers: Qt.KeyboardModifier) -> None:
        """Take a level, or with Shift hold it, or let it go."""
        channel, level = place
        if not modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._wanted = place
            self._suppose()
            self._take_wanted()
        elif self._depends:
            if self._held.get(channel) == level:
                del self._held[channel]
            else:
                self._held[channel] = level
            self._suppose()
            self.update()

    @property
    def _depends(self) -> bool:
        """Whether there are other channels to be shown after a level."""
        site = self.upcoming
        if not self._taking or site is None or len(site.sampled) == 1:
            return False
        return site.value is not None or site.why is not Why.NOISE  # else there was no time

    def _suppose(self) -> None:
        """Ask for the other channels after what is held and pointed at, once for every site."""
        if not self._depends or self.upcoming is None:
            return
        levels, pointed = dict(self._held), self._wanted or self._marked
        if pointed is not None:
            levels.update([pointed])
        channels = range(len(self.upcoming.sampled))
        supposed = tuple(levels.get(channel) for channel in channels) if levels else None
        asked = _position(self.upcoming), supposed
        if asked != self._asked and (supposed is not None or self._asked[1] is not None):
            self._asked = asked
            self.supposed.emit(supposed)

    def _take_wanted(self) -> None:
        """Of a colour when what the other channels come to is known."""
        if self._wanted is None:
            return
        (channel, level), site = self._wanted, self.upcoming
        known = site is not None and site.supposed == self._asked[1]
        if known or not self._depends:
            self._wanted = None
            self.taken.emit(channel, level)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key, found = Qt.Key(event.key()), self.probabilities
        if not self._taking or found is None:
            super().keyPressEvent(event)
        elif key in steps:
            channel, level = self._marked or (0, int(found[0].argmax()) - steps[key][1])
            down, right = steps[key]
            self._mark(
                (
                    min(max(channel + down, 0), len(found) - 1),
                    min(max(level + right, 0), found.shape[1] - 1),
                )
            )
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._marked is not None:
            self._choose(self._marked, event.modifiers())
        else:
            super().keyPressEvent(event)


def _position(site: NextSite | None) -> int:
    return -1 if site is None else site.position
