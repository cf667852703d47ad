"""The window turns light, dark or high in contrast at once, and keeps still where it is to."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import marks, motion, theme
from studio.gui.widgets.theme import Theme
from tests.gui.windows import open_window, until
from tests.tiny import tiny_checkpoint

MOST = 100  # ms of one turn of the event loop


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    palette, style = qapp.palette(), qapp.style().name()
    theme.apply(qapp)
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.show_training()
        until(qtbot, lambda: window.training.form.choices is not None)
        yield window
        theme.choose(Theme.SYSTEM)
        motion.reduce(False)
    qapp.setStyle(style)
    qapp.setPalette(palette)


def named(window: MainWindow, text: str) -> QAction:
    return next(one for one in window.findChildren(QAction) if one.text() == text)


def busy_for(do: Callable[[], object]) -> float:
    """Milliseconds that the processor took, however busy it is besides."""
    began = time.thread_time()
    do()
    return 1000 * (time.thread_time() - began)


def test_no_turn_of_the_event_loop_is_long_when_the_window_takes_another_look(
    window: MainWindow,
) -> None:
    for look in (Theme.DARK, Theme.HIGH_CONTRAST, Theme.LIGHT):
        took = [busy_for(lambda look=look: theme.choose(look))]  # type: ignore[misc]
        took += [busy_for(QApplication.processEvents) for _ in range(20)]
        assert max(took) < MOST


def test_no_widget_is_left_behind_in_the_look_before(window: MainWindow) -> None:
    window.make_all()
    roles = QPalette.ColorRole
    for look in (Theme.DARK, Theme.LIGHT, Theme.HIGH_CONTRAST, Theme.DARK):
        theme.choose(look)
        for _ in range(5):
            QApplication.processEvents()
        wanted, usable = theme.palette(look), QPalette.ColorGroup.Active
        for widget in window.findChildren(QWidget):
            if widget.testAttribute(Qt.WidgetAttribute.WA_SetPalette):
                continue  # has colours of its own
            for role in (roles.Window, roles.WindowText, roles.Base, roles.Text, roles.Button):
                assert widget.palette().color(usable, role) == wanted.color(usable, role), widget


def test_the_view_menu_chooses_a_theme(window: MainWindow) -> None:
    named(window, "High contrast").trigger()
    assert theme.look() is Theme.HIGH_CONTRAST
    named(window, "Light").trigger()
    assert theme.look() is Theme.LIGHT


def test_nothing_glows_where_motion_is_reduced(window: MainWindow) -> None:
    glowing = window.drawing_page.stage._glowing()[0].toImage()
    named(window, "Reduced motion").trigger()
    still = window.drawing_page.stage._glowing()[0].toImage()
    assert still.width() < glowing.width()
    assert marks.glow(10, still=True)[1] == 1


def test_the_docks_do_not_glide_where_motion_is_reduced(window: MainWindow) -> None:
    assert window.isAnimated()
    motion.reduce(True)
    assert not window.isAnimated()


def test_work_that_is_over_at_once_does_not_flash(qtbot: QtBot, window: MainWindow) -> None:
    shown: list[float] = []
    show = window.busy_bar.setVisible
    window.busy_bar.setVisible = lambda on: (shown.append(time.monotonic()), show(on))  # type: ignore
    for _ in range(40):
        window.session.busy.emit("Reading…")
        qtbot.wait(10)
        window.session.busy.emit("")
        qtbot.wait(10)
    assert all(later - earlier > 1 / 3 for earlier, later in itertools.pairwise(shown))


def test_nothing_runs_to_and_fro_where_motion_is_reduced(qtbot: QtBot, window: MainWindow) -> None:
    window.session.busy.emit("Reading…")
    qtbot.waitUntil(window.busy_bar.isVisible)
    motion.reduce(True)
    window.session.busy.emit("")
    window.session.busy.emit("Reading…")
    qtbot.waitUntil(lambda: not window.busy_bar.isVisible())
    assert window.busy_text.text() == "Reading…"
    window.session.busy.emit("")
