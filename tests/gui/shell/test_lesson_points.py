"""What a lesson points at is found by its name, framed, and followed wherever it goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.gui.shell.lesson_points import Frames, Names, Target, bring_into_sight
from studio.gui.widgets.controls import described
from studio.gui.widgets.scrolling import scrolled


class Window(QMainWindow):
    """A long page that scrolls, two docks and a menu."""

    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        column = QVBoxLayout(inside)
        self.top = QPushButton("&Play…")
        self.low = described(QLineEdit(), "Seed", "A number")
        self.label = QLabel("Seed")
        column.addWidget(self.label)
        column.addWidget(self.top)
        column.addSpacing(1500)
        column.addWidget(self.low)
        self.area: QScrollArea = scrolled(inside)
        self.setCentralWidget(self.area)
        self.docks = {title: QDockWidget(title, self) for title in ("Library", "Log")}
        for dock in self.docks.values():
            dock.setWidget(QLabel("inside"))
            self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        self.menuBar().addMenu("&View").addMenu("Overlay").addAction("Entropy")
        self.resize(600, 400)

    def found(self, name: str) -> Target | None:
        return Names(self, self.docks).target(name)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


@pytest.fixture
def frames(window: Window) -> Iterator[Frames]:
    frames = Frames(window)
    yield frames
    frames.clear()


def place(window: Window, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def around(frames: Frames) -> QRect:
    """Where the one frame is, without its margin."""
    QTest.qWait(30)
    (frame,) = frames.frames
    return frame.geometry().adjusted(4, 4, -4, -4) if frame.isVisible() else QRect()


def test_a_control_is_found_by_what_a_person_calls_it(window: Window) -> None:
    for name, widget in (
        ("Play", window.top),
        ("play…", window.top),
        ("Seed", window.low),
        ("library", window.docks["Library"]),
    ):
        found = window.found(name)
        assert found is not None
        assert found.widget is widget
    assert window.found("The moon") is None


def test_an_entry_of_a_menu_is_found_at_the_menu_that_it_is_in(window: Window) -> None:
    title = window.menuBar().actionGeometry(window.menuBar().actions()[0])
    for name in ("View", "Overlay", "Entropy"):
        found = window.found(name)
        assert found is not None
        assert (found.widget, found.part()) == (window.menuBar(), title)


def test_a_frame_follows_its_control_and_is_gone_where_it_is_not_seen(
    window: Window, frames: Frames
) -> None:
    frames.show([Target(window.top, window.top.rect)])
    assert around(frames) == place(window, window.top)
    window.resize(800, 500)
    QTest.qWait(30)
    assert around(frames) == place(window, window.top)
    window.area.verticalScrollBar().setValue(700)
    assert around(frames).isEmpty()
    window.area.verticalScrollBar().setValue(0)
    assert around(frames) == place(window, window.top)
    window.top.hide()
    assert around(frames).isEmpty()


def test_a_control_that_has_to_be_scrolled_to_is_brought_into_sight(
    window: Window, frames: Frames
) -> None:
    found = window.found("Seed")
    assert found is not None
    bring_into_sight(found)
    frames.show([found])
    assert around(frames) == place(window, window.low)
    assert window.area.geometry().contains(around(frames))


def test_a_frame_goes_with_a_dock_that_is_taken_out_of_the_window(
    window: Window, frames: Frames
) -> None:
    dock = window.docks["Log"]
    frames.show([Target(dock, dock.rect)])
    dock.setFloating(True)
    QTest.qWait(50)
    (frame,) = frames.frames
    assert frame.parentWidget() is dock
    dock.setFloating(False)
    QTest.qWait(50)
    assert frame.parentWidget() is window


def test_a_frame_takes_no_clicks(window: Window, frames: Frames, qtbot: QtBot) -> None:
    frames.show([Target(window.top, window.top.rect)])
    with qtbot.waitSignal(window.top.clicked, timeout=1000):
        qtbot.mouseClick(window.top, Qt.MouseButton.LeftButton)
    assert frames.frames[0].testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_a_control_that_goes_takes_its_frame_along(window: Window, frames: Frames) -> None:
    frames.show([Target(window.top, window.top.rect)])
    window.top.deleteLater()
    QTest.qWait(50)
    frames.clear()
    assert frames.frames == []
