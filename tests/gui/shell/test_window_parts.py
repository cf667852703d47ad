"""Most of the window is made when it is first shown, and is then as if it had always been there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLineEdit, QMainWindow, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.picture.race_page import RacePage
from studio.gui.shell.docks import BOTTOM, LEFT, add_to, first_layout
from studio.gui.shell.late import Ahead
from studio.gui.shell.lessons import DOCK as LESSON
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from studio.gui.sound.takes_page import TakesPage
from studio.gui.widgets import motion
from tests.gui.windows import at_rest, open_window
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    keys = {"TakesPage/A/B": "Ctrl+Alt+1", "QPushButton/Start": "Ctrl+Alt+2"}
    QSettings().setValue("keys", json.dumps(keys))
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def test_what_was_not_seen_is_not_there_and_all_of_it_can_be_had(
    window: MainWindow, qtbot: QtBot
) -> None:
    there = {title for title, dock in window.docks.items() if dock.widget() is not None}
    assert there == {"Library", "Inspector"}
    assert window.pages.made == [window.drawing_page]
    assert window.pages.there(SoundPage) is None
    window.make_all()
    assert all(dock.widget() is not None for dock in window.docks.values())
    assert {type(page) for page in window.pages.made} >= {SoundPage, TakesPage, RacePage}
    at_rest(qtbot, window.session)


def test_the_rest_is_made_ahead_a_part_at_a_time(window: MainWindow, qtbot: QtBot) -> None:
    def made() -> int:
        empty = sum(dock.widget() is None for dock in window.docks.values())
        return len(window.pages.made) - empty

    ahead, counts = Ahead(window), [made()]
    ahead._timer.timeout.connect(lambda: counts.append(made()))
    ahead._timer.setInterval(1)
    qtbot.waitUntil(lambda: not ahead._timer.isActive(), timeout=30_000)
    assert all(dock.widget() is not None for dock in window.docks.values())
    assert len(window.pages.made) > 5
    assert {later - count for count, later in pairwise(counts)} == {0, 1}
    at_rest(qtbot, window.session)


def test_it_comes_with_the_keys_of_the_person_and_leaves_files_to_the_window(
    window: MainWindow,
) -> None:
    assert window.takes_page.switch_action.shortcuts() == [QKeySequence("Ctrl+Alt+1")]
    lines = window.training.findChildren(QLineEdit)
    assert lines
    assert not any(line.acceptDrops() for line in lines)


def test_docks_that_are_not_seen_have_no_tabs(window: MainWindow, qtbot: QtBot) -> None:
    fresh = QMainWindow()
    qtbot.addWidget(fresh)
    below = [(title, QWidget(), BOTTOM) for title in ("A", "B", "C", "D")]
    first_layout(fresh, add_to(fresh, ("Library", QWidget(), LEFT), *below))
    assert [bar.tabText(0) for bar in fresh.findChildren(QTabBar) if bar.count() > 1] == []
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    window.show_dock("Training")
    window.show_dock("Log")
    texts = [[bar.tabText(tab) for tab in range(bar.count())] for bar in bars]
    assert ["Training", "Log"] in texts


class Windows(QObject):
    """What comes up as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_nothing_comes_up_as_a_window_of_its_own_while_it_is_made(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    """It would flash, and take the keys."""
    windows = Windows()
    qapp.installEventFilter(windows)
    window = MainWindow(tiny_checkpoint(tmp_path))
    qtbot.addWidget(window)
    window.make_all()
    assert windows.shown == []
    qapp.removeEventFilter(windows)


class Places(QObject):
    """Where docks were when they were painted."""

    def __init__(self, docks: Iterable[QDockWidget]) -> None:
        super().__init__()
        self.of: dict[str, list[QRect]] = {}
        for dock in docks:
            dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QDockWidget):
            self.of.setdefault(watched.windowTitle(), []).append(watched.geometry())
        return False


def test_a_dock_is_where_it_belongs_when_it_is_first_painted(window: MainWindow) -> None:
    motion.reduce(True)  # else docks glide into their place
    places = Places(window.docks.values())
    for title in ("Log", "Insight", LESSON):
        places.of.clear()
        window.show_dock(title)
        QTest.qWait(60)
        assert {*map(repr, places.of[title])} == {repr(window.docks[title].geometry())}


def test_what_was_said_before_the_log_was_seen_is_in_it(window: MainWindow) -> None:
    window.logbook.add("early")
    window.show_dock("Log")
    window.logbook.add("late")
    said = window.log.text.toPlainText()
    assert said.index("early") < said.index("late")
