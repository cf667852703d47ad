"""What does not fit in a window: looked for in every control that can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from studio.gui.widgets.controls import Readout


def faults(window: QWidget) -> list[str]:
    """A line for each control that is outside of the window, and for each text that is cut off."""
    found = [f"the window, {window.frameGeometry()}"] if not _on_screen(window) else []
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window and not _of_qt(widget):
            found += [f"{_called(widget)} {fault}" for fault in _faults(widget)]
    return found


def _on_screen(window: QWidget) -> bool:
    return window.screen().availableGeometry().contains(window.frameGeometry())


def _faults(widget: QWidget) -> Iterator[str]:
    place = QRect(widget.mapTo(_holder(widget), QPoint()), widget.size())
    room = _holder(widget).rect()
    if not room.contains(place) and not place.isEmpty():
        yield f"is at {place.getRect()}, outside of {room.getRect()}"
    if widget.objectName() == "qt_toolbar_ext_button":
        yield "hides the rest of a bar"
    wanted, there = _wanted(widget), widget.contentsRect()
    if wanted is not None and wanted > there.width():
        yield f"needs {wanted} pixels of width and has {there.width()}"
    if isinstance(widget, QScrollArea) and widget.horizontalScrollBar().maximum() > 0:
        yield f"has to be scrolled by {widget.horizontalScrollBar().maximum()} pixels to the side"
    if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
        if (height := widget.heightForWidth(widget.width())) > widget.height():
            yield f"needs {height} pixels of height and has {widget.height()}"
    elif (
        isinstance(widget, QLabel | QAbstractSpinBox | QComboBox | Readout)
        and (height := widget.minimumSizeHint().height()) > widget.height()
    ):
        yield f"needs {height} pixels of height and has {widget.height()}"


def _wanted(widget: QWidget) -> int | None:
    """The width in pixels that a control needs for its text; None where it has none."""
    if isinstance(widget, QLabel):
        plain = widget.text() and not widget.wordWrap() and "<" not in widget.text()
        return widget.fontMetrics().horizontalAdvance(widget.text()) if plain else None
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField
        )
        text = widget.fontMetrics().horizontalAdvance(widget.currentText())
        if not widget.itemIcon(widget.currentIndex()).isNull():
            text += widget.iconSize().width() + 4
        return text + widget.width() - field.width()
    worded = isinstance(widget, QAbstractButton) and widget.text() and not _only_icon(widget)
    if worded:
        return widget.minimumSizeHint().width()
    if isinstance(widget, QAbstractSpinBox | Readout):
        return widget.sizeHint().width() if isinstance(widget, Readout) else None
    return None


def _only_icon(button: QAbstractButton) -> bool:
    only = Qt.ToolButtonStyle.ToolButtonIconOnly
    return (
        isinstance(button, QToolButton)
        and button.toolButtonStyle() == only
        and not button.icon().isNull()
    )


def _holder(widget: QWidget) -> QWidget:
    """What a control has to be inside of: the window, or what is scrolled."""
    parent: QWidget | None = widget
    while parent is not None and not parent.isWindow():
        above = parent.parentWidget()
        area = above.parentWidget() if above is not None else None
        if isinstance(area, QScrollArea) and area.widget() is parent:
            return parent
        parent = above
    return widget.window()


def _of_qt(widget: QWidget) -> bool:
    """Whether it is a part of a list, a plot or a text, which scroll by themselves, or a tab bar
    that Qt keeps for docks beside the window, or a button of a dock's title."""
    if isinstance(widget, QTabBar) or widget.objectName().startswith("qt_dockwidget"):
        return True
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def _called(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    words = widget.accessibleName() or (text() if callable(text) else "") or widget.objectName()
    return f"{type(widget).__name__} {words[:40]!r}"
