"""What does not fit in a window: looked for in every control that can be seen.

As a program it opens the real window on screens of several sizes, which are in memory, and prints
what does not fit on any of them, as JSON: `python -m tests.gui.fits CHECKPOINT...`, a model of
pictures first. It has to be one, as screens are there before an application is.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMargins, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from studio.gui.instruments.screens import SCREENS, Screen, in_memory
from studio.gui.widgets.controls import Readout

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

_PATIENCE = 3.0  # seconds that a layout may take to settle
# a laptop's screen for people who need everything larger; of the last only the window is asked
LARGE, LARGEST = Screen(1366, 768, 1.5), Screen(1368, 768, 3.0)


def main() -> None:
    checkpoints = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(in_memory((*SCREENS, LARGE, LARGEST), Path(folder)))
        from studio.gui.shell.app import application

        app = application()
        found: dict[str, Any] = {}
        for screen in app.screens():
            # of the rest the layout is that of 1280 x 720, or nearly so
            all_of_them = screen.devicePixelRatio() == 1
            found |= _on(screen, checkpoints if all_of_them else checkpoints[:2])
    print(json.dumps(found))


def _on(screen: QScreen, checkpoints: list[Path]) -> dict[str, Any]:
    """The faults of every page on a screen, and of the curves."""
    from studio.gui.instruments.screenshot import settle, wait_for
    from studio.gui.shell.main_window import MainWindow

    QSettings().clear()
    window, found = MainWindow(checkpoints[0]), {}
    window.setScreen(screen)
    window.move(screen.availableGeometry().topLeft())
    window.show()

    def look(page: str) -> None:
        largest, deadline = screen.devicePixelRatio() == LARGEST.scale, time.monotonic() + _PATIENCE
        while True:  # a busy machine takes its time to lay things out
            settle(0.05)
            seen = outside(window) if largest else faults(window)
            if not seen or time.monotonic() > deadline:
                break
        found[f"{screen.name()}, {page}"] = seen

    wait_for(lambda: window.session.latest is not None)
    look("start page")
    for checkpoint in checkpoints:
        window.load(checkpoint)
        wait_for(partial(_shows, window, checkpoint))
        window.show_stage()
        look(checkpoint.stem)
    window.show_training()
    wait_for(lambda: window.training.form.choices is not None)
    look("form of a training")
    live = window.training.shown_live()
    window.training.left.hide()  # as it is while a training runs
    live.say("Training made on cpu")
    look("training")
    if live.curves.height() < 150:
        found[f"{screen.name()}, curves"] = [f"{live.curves.height()} pixels high"]
    if screen.devicePixelRatio() == 1:
        window.show_laboratory()
        wait_for(lambda: window.laboratory.room is not None)
        look("laboratory")
    window.close()
    return found


def faults(window: QWidget) -> list[str]:
    """A line for each control that is outside of the window, and for each text that is cut off."""
    found = outside(window)
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window and not _of_qt(widget):
            found += [f"{_called(widget)} {fault}" for fault in _faults(widget)]
    return found


def _shows(window: MainWindow, checkpoint: Path) -> bool:
    return window.session.checkpoint == checkpoint and window.session.latest is not None


def outside(window: QWidget) -> list[str]:
    """A line, where the window with its frame is not on the free part of its screen."""
    free, frame = window.screen().availableGeometry(), window.frameGeometry()
    if window.devicePixelRatio() != 1:
        free += QMargins(1, 1, 1, 1)  # a frame of one pixel of the panel is a fraction of ours
    return [] if free.contains(frame) else [f"the window is {frame.getRect()}"]


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
    """Whether it is a part of a list, a plot or a text, which scroll by themselves, or of a dock
    that lies under another; a tab bar for these, or a button of a dock's title."""
    if isinstance(widget, QTabBar) or widget.objectName().startswith("qt_dockwidget"):
        return True
    parent = widget
    while (above := parent.parentWidget()) is not None:
        parent = above
        if isinstance(parent, QDockWidget) and parent.visibleRegion().isEmpty():
            return True
        if isinstance(parent, QAbstractScrollArea) and not isinstance(parent, QScrollArea):
            return True
    return isinstance(widget, QDockWidget) and widget.visibleRegion().isEmpty()


def _called(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    words = widget.accessibleName() or (text() if callable(text) else "") or widget.objectName()
    return f"{type(widget).__name__} {words[:40]!r}"


if __name__ == "__main__":
    main()
