"""Small controls as the whole window uses them: each
with its name for screen readers and its tip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolButton, QWidget

from studio.gui.widgets.icons import icon
from studio.gui.widgets.painted import painted

W = TypeVar("W", bound=QWidget)


def icon_button(name: str, text: str, tip: str, checkable: bool = False) -> QToolButton:
    """A flat button that shows an icon."""
    button = QToolButton()
    button.setIcon(icon(name))
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button


def chip(text: str, tip: str) -> QToolButton:
    """A button of a group of which one is chosen."""
    button = QToolButton()
    button.setProperty("chip", True)  # the theme knows what that looks like
    button.setText(text.replace("&", "&&"))  # a single one would be taken for the mark of a key
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
    named(button, tip)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def named(control: QWidget, tip: str) -> None:
    """What a tooltip shows is what a screen reader says."""
    control.setAccessibleName(tip)
    control.setToolTip(tip)


def described(widget: W, name: str, tip: str) -> W:
    """The same widget, with what a screen reader says and what a tooltip shows."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip)
    return widget


def slider(name: str, tip: str, top: int, value: int, width: int) -> QSlider:
    """A horizontal slider from 0 to `top`, so many pixels wide."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, top)
    made.setValue(value)
    made.setAccessibleName(name)
    made.setToolTip(tip)
    made.setFixedWidth(width)
    return made


class Readout(QWidget):
    """A line of text that changes often: unlike a label's, its place is laid out once, for the
    longest text it will have."""

    def __init__(
        self, longest: str, tip: str, alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        super().__init__()
        self._longest, self._alignment = longest, alignment | Qt.AlignmentFlag.AlignVCenter
        self._text = ""
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance(self._longest), self.fontMetrics().height()
        )

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), self._alignment, self._text)


def offer(control: QWidget | QAction, possible: bool, why_not: str) -> None:
    """Enable a control, or disable it with a tip that says why."""
    if control.property("tip") is None:
        control.setProperty("tip", control.toolTip())
    tip = control.property("tip") if possible else why_not
    if control.isEnabled() != possible or control.toolTip() != tip:
        control.setEnabled(possible)
        control.setToolTip(tip)


def action(
    owner: QWidget,
    text: str,
    do: Callable[[], object] | None = None,
    key: str | QKeySequence.StandardKey | None = None,
    name: str = "",
    tip: str = "",
) -> QAction:
    """An action with its key and icon, added to its owner, so that the key works."""
    made = QAction(text, owner)
    if name:
        made.setIcon(icon(name))
    if key is not None:
        made.setShortcut(QKeySequence(key))
        tip = f"{tip or text} ({made.shortcut().toString()})"
    if tip:
        made.setToolTip(tip)
    if do is not None:
        made.triggered.connect(lambda _checked: do())
    owner.addAction(made)
    return made
