"""Goes through the real window by the Tab key, page by page and dock by dock, on a small screen,
and notes what is missed, what does not show that it has the keys, and what has no name.

A program, as screens in memory are there before an application is: `python -m tests.gui.focus
CHECKPOINT...` prints JSON, {fault: [place: control, ...]}.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from studio.gui.instruments.screens import Screen, in_memory

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

SCREEN = Screen(1280, 720)
_CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTextEdit,
)
_MOST = 120  # times that the key is pressed
_ROW = 34  # pixels that controls of one row may lie higher or lower
NOT_REACHED, NO_MARK, NO_NAME, ORDER = "not reached", "no mark", "no name", "goes up"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(in_memory((SCREEN,), Path(folder)))
        from studio.gui.instruments.screenshot import settle, wait_for
        from studio.gui.shell.app import application
        from studio.gui.shell.main_window import MainWindow

        application()
        checkpoints = [Path(name) for name in sys.argv[1:]]
        window = MainWindow(checkpoints[0])
        window.show()
        wait_for(lambda: window.session.latest is not None)
        window.activateWindow()
        found: dict[str, list[str]] = defaultdict(list)

        def look(place: str, part: QWidget) -> None:
            settle(0.2)
            for fault, controls in _faults(window, part).items():
                found[fault] += [f"{place}: {_called(control)}" for control in controls]

        look("start page", window.start_page)
        for checkpoint in checkpoints:
            window.load(checkpoint)
            wait_for(partial(_shows, window, checkpoint))
            window.show_stage()
            look(checkpoint.stem, window.page)
            look(f"Inspector, {checkpoint.stem}", window.docks["Inspector"])
        look("Library", window.docks["Library"])
        window.show_laboratory()
        wait_for(lambda: window.laboratory.room is not None)
        look("Laboratory", window.laboratory)
        window.show_stage()
        window.show_training()
        wait_for(lambda: window.training.form.choices is not None)
        for title in ("Training", "Log", "Gallery"):
            window.show_dock(title)
            look(title, window.docks[title])
        window.close()
    print(json.dumps(found))


def _shows(window: MainWindow, checkpoint: Path) -> bool:
    return window.session.checkpoint == checkpoint and window.session.latest is not None


def _faults(window: QWidget, part: QWidget) -> dict[str, list[QWidget]]:
    reached: list[QWidget] = []
    unmarked = []
    for _ in range(_MOST):
        focus = QApplication.focusWidget()
        QTest.keyClick(focus if focus is not None else window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now in reached and reached.index(now) == 0:
            break
        if now is not None and now not in reached:
            reached.append(now)
            if part.isAncestorOf(now) and not _is_marked(now):
                unmarked.append(now)
    controls = [one for one in part.findChildren(QWidget) if _is_control(one)]
    reached = [one for one in reached if isValid(one)]
    there = [one for one in reached if part.isAncestorOf(one)]
    return {
        NOT_REACHED: [one for one in controls if one not in reached and not _by_arrows(one)],
        NO_MARK: unmarked,
        NO_NAME: [one for one in controls if not _name(one)],
        ORDER: _going_up(there, part),
    }


def _is_control(widget: QWidget) -> bool:
    if not widget.isVisible() or not widget.isEnabled() or isinstance(widget, QScrollBar):
        return False
    if widget.objectName().startswith("qt_") or widget.visibleRegion().isEmpty():
        return False
    whole = (QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView, QTextEdit)
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return not isinstance(widget.parent(), whole) and bool(isinstance(widget, _CONTROLS) or by_tab)


def _by_arrows(widget: QWidget) -> bool:
    """One of a group of which one is chosen: Tab goes to that one."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    return group is not None and group.exclusive() and group.checkedButton() is not None


def _is_marked(widget: QWidget) -> bool:
    """Whether some pixel of it says that it has the keys."""
    with_keys = widget.grab().toImage()
    widget.clearFocus()
    QApplication.processEvents()
    without = widget.grab().toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    return with_keys != without


def _going_up(reached: list[QWidget], part: QWidget) -> list[QWidget]:
    """Those that come after one in a row below them; the round may begin anywhere."""
    rounds = (reached[begin:] + reached[:begin] for begin in range(len(reached)))
    return min((_higher(each, part) for each in rounds), key=len, default=[])


def _higher(reached: list[QWidget], part: QWidget) -> list[QWidget]:
    lowest, found = -(10**6), []
    for widget in reached:
        top = widget.mapTo(part, QPoint()).y()
        if top < lowest - _ROW:
            found.append(widget)
        lowest = max(lowest, top)
    return found


def _name(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    own = text() if callable(text) and not isinstance(widget, QLineEdit) else ""
    return widget.accessibleName() or str(own)


def _called(widget: QWidget) -> str:
    return f"{type(widget).__name__} {(_name(widget) or widget.objectName())[:50]!r}"


if __name__ == "__main__":
    main()
