"""A presentation takes the whole screen, and leaves the window as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, open_window, press, run_xdotool, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


@pytest.fixture
def presenting(qtbot: QtBot, window: MainWindow) -> MainWindow:
    press("F11")
    until(qtbot, lambda: window.isFullScreen() and window.presentation.curtain.hasFocus())
    return window


def docks(window: MainWindow) -> dict[str, tuple[bool, int]]:
    return {title: (dock.isVisible(), dock.width()) for title, dock in window.docks.items()}


def red_at_the_pointer(window: MainWindow) -> bool:
    curtain = window.presentation.curtain
    shot = window.grab().toImage()
    spot = curtain.mapTo(window, curtain._spot)
    colour = shot.pixelColor(spot.x() + 6, spot.y())
    return colour.red() > colour.green() + 60


def test_only_what_the_model_makes_is_there(presenting: MainWindow) -> None:
    assert not any(dock.isVisible() for dock in presenting.findChildren(QDockWidget))
    bars = (presenting.menuBar(), presenting.statusBar(), presenting.drawing_page.tools)
    assert not any(bar.isVisible() for bar in bars)
    assert presenting.drawing_page.stage.isVisible()
    assert presenting.size() == presenting.screen().size()


def test_type_and_pointer_are_larger(window: MainWindow, qtbot: QtBot) -> None:
    usual = window.drawing_page.legend.fontMetrics().height()
    press("shift+F5")
    until(qtbot, lambda: window.presentation.running)
    assert window.drawing_page.legend.fontMetrics().height() > 1.3 * usual
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.pixmap().height() > 40


def test_escape_leaves_everything_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    window.show_dock("Log")
    window.resizeDocks([window.docks["Library"]], [350], Qt.Orientation.Horizontal)
    window.drawing_page.stage.setFocus()
    qtbot.wait(100)
    before = docks(window), window.geometry(), window.drawing_page.font().pointSizeF()
    press("F11")
    until(qtbot, lambda: window.isFullScreen() and window.presentation.curtain.hasFocus())
    press("Escape")
    until(qtbot, lambda: not window.isFullScreen() and window.geometry() == before[1])
    until(qtbot, lambda: docks(window) == before[0])
    assert window.drawing_page.font().pointSizeF() == before[2]
    assert window.menuBar().isVisible()
    assert window.statusBar().isVisible()
    assert window.drawing_page.stage.hasFocus()
    assert QApplication.overrideCursor() is None


def test_the_keys_of_a_presenter_go_step_by_step(qtbot: QtBot, presenting: MainWindow) -> None:
    session = presenting.session
    for key, position in (("Next", 1), ("Right", 2), ("Prior", 1)):
        press(key)
        until(qtbot, lambda position=position: session.latest.position == position)  # type: ignore
    at_rest(qtbot, session)


def test_the_keys_go_to_a_lesson_first(qtbot: QtBot, presenting: MainWindow) -> None:
    turned: list[int] = []
    presenting.presentation.take_turns(lambda by: not turned.append(by))  # type: ignore[func-returns-value]
    press("Next")
    press("Prior")
    until(qtbot, lambda: turned == [1, -1])
    assert presenting.session.latest.position == 0


def test_b_is_black_and_no_brush(qtbot: QtBot, presenting: MainWindow) -> None:
    press("b")
    until(qtbot, lambda: presenting.presentation.curtain.black)
    assert presenting.grab().toImage().pixelColor(400, 300).lightness() == 0
    press("b")
    until(qtbot, lambda: not presenting.presentation.curtain.black)


def test_the_laser_follows_the_pointer(qtbot: QtBot, presenting: MainWindow) -> None:
    press("l")
    until(qtbot, lambda: presenting.presentation.curtain.laser)
    curtain = presenting.presentation.curtain
    for place in ((300, 200), (500, 400)):
        run_xdotool("mousemove", str(place[0]), str(place[1]))
        until(qtbot, lambda place=place: curtain._spot.toTuple() == place)  # type: ignore[misc]
        assert red_at_the_pointer(presenting)
    cursor = QApplication.overrideCursor()
    assert cursor is not None
    assert cursor.shape() == Qt.CursorShape.BlankCursor
    press("l")
    until(qtbot, lambda: not presenting.presentation.curtain.laser)
    assert not red_at_the_pointer(presenting)


def test_a_click_on_the_stage_paints_and_leaves_the_keys_with_the_presenter(
    qtbot: QtBot, presenting: MainWindow
) -> None:
    click(presenting.drawing_page.stage)
    painting = presenting.session.painting
    assert painting is not None
    until(qtbot, lambda: not painting.empty)
    until(qtbot, presenting.presentation.curtain.hasFocus)


def test_a_window_that_is_closed_while_it_presents_opens_as_it_was_before(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    press("F11")
    until(qtbot, lambda: window.isFullScreen() and window.presentation.curtain.hasFocus())
    window.close()
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as other:
        assert not other.isFullScreen()
        assert other.docks["Library"].isVisible()
