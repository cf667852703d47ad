"""Small controls as the whole window uses them: each
with its name for screen readers and its tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QIcon,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QMainWindow,
    QMessageBox,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from studio.engine.runtime.texts import shortened
from studio.gui.widgets import theme, tips
from studio.gui.widgets.icons import icon
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import plain, tr

# property: further names by which a control is found, whatever it says just now
ALSO_CALLED = "also called"
_LONGEST_CHIP, _LONGEST_NAME = 40, 300  # characters
_ROUND_CHIP = (16, 8)  # pixels round its words, across and down
W = TypeVar("W", bound=QWidget)
if TYPE_CHECKING:
    _Control = QWidget
else:
    _Control = object


def icon_button(name: str, text: str, tip: str, checkable: bool = False) -> QToolButton:
    """A flat button that shows an icon."""
    button = QToolButton()
    button.setIcon(icon(name))
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    button.setObjectName(text)  # what it is called by in the settings, in any language
    button.setAccessibleName(tr(text))
    button.setToolTip(tr(tip))
    return button


class Chip(QToolButton):
    """A small button with words and an outline, which is filled while it is checked. It paints
    itself, so that it has the theme's colours."""

    def __init__(self, text: str, checkable: bool = True) -> None:
        super().__init__()
        # a single & would be taken for the mark of a key
        self.setText(shortened(text, _LONGEST_CHIP).replace("&", "&&"))
        self.setCheckable(checkable)

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return words + QSize(*_ROUND_CHIP)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        palette, enabled = self.palette(), self.isEnabled()
        outline, ground = theme.colour("line"), theme.colour("card")
        words = palette.color(palette.ColorRole.ButtonText)
        if self.isChecked():
            ground = palette.color(palette.ColorRole.Highlight) if enabled else outline
            words = palette.color(palette.ColorRole.HighlightedText) if enabled else words
            outline = ground
        elif not enabled:
            ground = QColor(Qt.GlobalColor.transparent)
        elif self.isDown():
            ground = outline
        lit = enabled and (self.underMouse() or self.hasFocus())
        thick = 2 if self.hasFocus() else 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent") if lit else outline, thick))
        painter.setBrush(ground)
        inset = thick / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, 4, 4)
        if self.hasFocus() and self.isChecked():  # the accent is too like the ground
            painter.setPen(words)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 2, 2)
        painter.setPen(words)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(self.rect(), flags, self.text())


def chip(text: str, tip: str) -> Chip:
    """A button of a group of which one is chosen."""
    button = Chip(text)
    button.setObjectName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
    named(button, tip)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def without_icons(box: QDialogButtonBox | QMessageBox) -> None:
    """Its buttons say what they do; some systems put pictures beside the words."""
    for button in box.buttons():
        button.setIcon(QIcon())


def named(control: QWidget, tip: str) -> None:
    """What a tooltip shows is what a screen reader says."""
    control.setAccessibleName(shortened(tip, _LONGEST_NAME))
    control.setToolTip(tips.plain(tip))


def described(widget: W, name: str, tip: str) -> W:
    """The same widget, with what a screen reader says and what a tooltip shows."""
    widget.setObjectName(widget.objectName() or name)
    widget.setAccessibleName(tr(name))
    widget.setToolTip(tr(tip))
    return widget


class WheelNeedsFocus(_Control):
    """Stands before a control of Qt's among the bases: the wheel changes it only while it has the
    focus, and else scrolls what it stands in."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceBox(WheelNeedsFocus, QComboBox):
    """A box to choose from, and, where it is editable, to write in."""

    def __init__(self, parent: QWidget | None = None, **properties: Any) -> None:
        super().__init__(parent, **properties)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel


class Slider(WheelNeedsFocus, QSlider):
    """A horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)


def give_keys_back(control: QWidget) -> None:
    """The keys go from a control to what stands in the middle of the window."""
    window = control.parentWidget()
    while window is not None and not isinstance(window, QMainWindow):
        window = window.parentWidget()
    control.clearFocus()
    if window is not None and (middle := window.centralWidget()) is not None:
        window.activateWindow()  # the control may be in a dock that floats
        middle.setFocus()


def has_keys_again(control: QWidget | None) -> bool:
    """Give the keys to what had them before; False where it is not seen any more, or has gone."""
    if control is None or not isValid(control) or not control.isVisible():
        return False
    control.setFocus()
    return True


def in_tab_order(before: QWidget, controls: Sequence[QWidget]) -> None:
    """Tab goes from `before` to these, one after the other: controls that are made later would else
    come after all others of the window."""
    for control in controls:
        QWidget.setTabOrder(before, control)
        before = control


def slider(name: str, tip: str, top: int, value: int, width: int) -> Slider:
    """A horizontal slider from 0 to `top`, so many pixels wide."""
    made = Slider()
    made.setRange(0, top)
    made.setValue(value)
    made.setAccessibleName(tr(name))
    made.setToolTip(tr(tip))
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
    tip = control.property("tip") if possible else tr(why_not)
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
    made = QAction(tr(text), owner)
    made.setObjectName(plain(text))  # what it is called by in the settings, in any language
    if name:
        made.setIcon(icon(name))
    if key is not None:
        made.setShortcut(QKeySequence(key))
        tip = f"{tr(tip or plain(text))} ({made.shortcut().toString()})"
    elif tip:
        tip = tr(tip)
    if tip:
        made.setToolTip(tip)
    if do is not None:
        made.triggered.connect(lambda _checked: do())
    owner.addAction(made)
    return made
