"""Boxes for numbers, in which a number can be typed as anybody writes it.

What is being typed is left alone until Enter, Tab or a click elsewhere takes it over; Escape takes
it back. A decimal point and a decimal comma are the same in every locale, and digits are digits in
every script. Enter, Escape, the space bar and a click elsewhere give the keys back to the stage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QValidator, QWindow
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox

from studio.engine.runtime.typed import SIGNS
from studio.gui.widgets.controls import WheelNeedsFocus, give_keys_back

_LONGEST = 30  # characters that a number may have
if TYPE_CHECKING:
    _AnyBox = Any  # what both of Qt's have is not in their common base
else:
    _AnyBox = object
_LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class _NumberBox(WheelNeedsFocus, _AnyBox):
    """What both kinds of box have in common; stands before a box of Qt's among the bases."""

    _typing = False  # whether there is something that is not taken over yet
    _watched: QWindow | None = None
    _pattern = ""  # of what can become a number

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel
        self.lineEdit().textEdited.connect(self._edited)

    def _edited(self) -> None:
        self._typing = True

    # ---- what is a number ------------------------------------------------------------------------

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        special = self.specialValueText()
        if special and text != special and (rest := text.strip(special)):
            text, position = rest, min(position, len(rest))  # typed beside a word such as "all"
        body = self._body(text)
        if special and body == special:
            state = QValidator.State.Acceptable
        elif special and not body.strip(special):
            state = QValidator.State.Intermediate
        elif len(body) > _LONGEST or not re.fullmatch(self._pattern, body):
            state = QValidator.State.Invalid
        elif re.search(r"\d", body):
            state = QValidator.State.Acceptable  # one out of range becomes the nearest within
        else:
            state = QValidator.State.Intermediate
        return state, text, position

    def _body(self, text: str) -> str:
        """The text without what stands before and after the number, its signs those of Python."""
        text = text.removeprefix(self.prefix()).removesuffix(self.suffix())
        return text.translate(SIGNS).strip()

    # ---- what is being typed stays ---------------------------------------------------------------

    @contextmanager
    def _keeping_what_is_typed(self) -> Iterator[None]:
        line, typing = self.lineEdit(), self._typing
        text, place = line.text(), line.cursorPosition()
        yield
        if typing and line.text() != text:
            line.setText(text)
            line.setCursorPosition(place)

    def setValue(self, value: Any) -> None:
        with self._keeping_what_is_typed():
            super().setValue(value)

    def setMaximum(self, value: Any) -> None:
        with self._keeping_what_is_typed():
            super().setMaximum(value)

    def stepBy(self, steps: int) -> None:
        self._typing = False
        super().stepBy(steps)

    # ---- where it ends ---------------------------------------------------------------------------

    def take_over(self) -> None:
        """What is typed becomes the value; what is no number goes."""
        self._typing = False
        self.interpretText()

    def take_back(self) -> None:
        """What is typed goes, and the value shows again."""
        self._typing = False
        self.setValue(self.value())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _LEAVE:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.take_back()
        else:
            self.take_over()
        give_keys_back(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._watch(self.window().windowHandle())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._watch(None)
        if self._typing:
            self.take_over()
        super().focusOutEvent(event)

    def _watch(self, window: QWindow | None) -> None:
        """Hear of clicks in the window, for most buttons leave the focus where it is; and of the
        keys before they are typed."""
        for each in (self, self._watched):
            if each is not None:
                each.removeEventFilter(self)
        self._watched = window
        for each in (self, window):
            if each is not None and window is not None:
                each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._elsewhere(event) or _is_space(event):
            self.take_over()
            give_keys_back(self)
        # what is ignored here is no text for the line, and so plays
        return _is_space(event)

    def _elsewhere(self, event: QEvent) -> bool:
        """Whether a button of the mouse is pressed outside."""
        if event.type() != QEvent.Type.MouseButtonPress or not isinstance(event, QMouseEvent):
            return False
        return not self.rect().contains(self.mapFromGlobal(event.globalPosition().toPoint()))


def _is_space(event: QEvent) -> bool:
    """Whether the space bar, which is no part of a number, is about to be typed."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Space
    )


class WholeBox(_NumberBox, QSpinBox):
    """A whole number."""

    _pattern = r"-?\d*"

    def valueFromText(self, text: str) -> int:
        body = self._body(text)
        wanted = self.minimum() if body == self.specialValueText() else int(body)
        return min(max(wanted, self.minimum()), self.maximum())


class RealBox(_NumberBox, QDoubleSpinBox):
    """A number with a decimal sign, rounded to as many decimals as the box has."""

    _pattern = r"-?\d*\.?\d*"

    def valueFromText(self, text: str) -> float:
        wanted = round(float(self._body(text)), self.decimals())
        return min(max(wanted, self.minimum()), self.maximum())


class NumberLine(QLineEdit):
    """A line for a number, or several, that is read as a whole when it is needed."""

    def __init__(self) -> None:
        super().__init__()
        self._before = ""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._before = self.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in _LEAVE:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
        give_keys_back(self)
