"""The window fits: on the screens that people have, whatever it shows, and however it was left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.controls import action
from studio.gui.widgets.scrolling import Pages
from studio.gui.widgets.wrapping_bar import WrappingBar
from tests.gui.fits import outside
from tests.gui.windows import change_model, open_window, wait_for_place
from tests.thorough import THOROUGH
from tests.tiny import tiny_checkpoint, tiny_voice


def test_nothing_is_cut_off_on_any_screen_that_people_have(tmp_path: Path) -> None:
    checkpoints = [
        tiny_checkpoint(tmp_path),
        tiny_voice(tmp_path),
        tiny_voice(tmp_path, "wavenet-mel"),
        tiny_checkpoint(tmp_path, "gated-pixelcnn-class"),
        tiny_checkpoint(tmp_path, "ardm-class"),
        tiny_checkpoint(tmp_path, "autoencoder"),
    ][:: 1 if THOROUGH else 2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.fits", *map(str, checkpoints)],
        stdout=subprocess.PIPE,
        env=os.environ,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    assert len(found) > (20 if THOROUGH else 10)
    assert not {place: faults for place, faults in found.items() if faults}


@contextmanager
def opened(qtbot: QtBot, checkpoint: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, checkpoint) as window:
        wait_for_place(window)
        yield window


def test_a_window_that_was_left_on_a_larger_screen_fits_this_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(2600, 1500)
        window.resizeDocks([window.docks["Library"]], [1200], Qt.Orientation.Horizontal)
    QSettings().setValue("screen", QSize(3840, 2160))
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert not outside(window)
        assert window.docks["Library"].width() < 400


def test_a_layout_stays_as_it_was_left_on_the_same_screen(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resizeDocks([window.docks["Library"]], [410], Qt.Orientation.Horizontal)
        QTest.qWait(50)
        left = window.docks["Library"].width()
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert window.docks["Library"].width() == left


def test_a_dock_that_floated_beside_a_screen_that_is_gone_is_seen_above_the_window(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.docks["Library"].setFloating(True)
        window.docks["Library"].setGeometry(1500, 900, 500, 1200)
        QTest.qWait(50)
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        library = window.docks["Library"]
        assert library.isFloating()
        wait_for_place(window)
        assert not outside(library)
        above, below = library.windowHandle(), window.windowHandle()
        assert above.transientParent() is below  # which window managers keep it over


def test_a_page_that_wants_much_room_does_not_get_it_from_the_window(qtbot: QtBot) -> None:
    window, pages = QMainWindow(), Pages()
    qtbot.addWidget(window)
    large = QLabel("page")
    large.setMinimumSize(3000, 2000)
    pages.addWidget(large)
    window.setCentralWidget(pages)
    window.resize(500, 400)
    with qtbot.waitExposed(window):
        window.show()
    assert (window.width(), window.height()) == (500, 400)
    assert pages.currentWidget() is large


def test_a_bar_goes_on_in_another_line(qtbot: QtBot) -> None:
    bar = WrappingBar("Tools")
    qtbot.addWidget(bar)
    for number in range(10):
        action(bar, f"Tool {number}", name="brush")
    one_line = bar.sizeHint()
    assert bar.heightForWidth(one_line.width()) == one_line.height()
    width = 6 * one_line.width() // 10
    bar.resize(width, bar.heightForWidth(width))
    with qtbot.waitExposed(bar):
        bar.show()
    assert_two_lines(bar)


def test_a_bar_above_a_page_is_given_as_many_lines_as_it_needs(qtbot: QtBot) -> None:
    page, bar = QWidget(), WrappingBar("Tools")
    qtbot.addWidget(page)
    for number in range(10):
        action(bar, f"Tool {number}", name="brush")
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(bar)
    column.addWidget(QWidget(), 1)
    page.resize(6 * bar.sizeHint().width() // 10, 300)
    with qtbot.waitExposed(page):
        page.show()
    assert_two_lines(bar)
    assert bar.height() == bar.heightForWidth(bar.width()), "and no more"


def assert_two_lines(bar: WrappingBar) -> None:
    buttons = bar.findChildren(QToolButton)
    assert len({button.y() for button in buttons}) == 2
    assert all(bar.rect().contains(button.geometry()) for button in buttons)


def test_the_rows_of_the_inspector_keep_their_place_from_model_to_model(
    qtbot: QtBot, tmp_path: Path
) -> None:
    others = [
        tiny_checkpoint(tmp_path, "gated-pixelcnn-class"),
        tiny_checkpoint(tmp_path, "ardm"),
        tiny_voice(tmp_path),
    ]
    with opened(qtbot, tiny_checkpoint(tmp_path)) as window:
        inspector = window.inspector
        rows = (
            inspector.seed,
            inspector.temperature,
            inspector.method,
            inspector.overlay,
            inspector.completion.bounds.said,
        )

        def places() -> list[QPoint]:
            QTest.qWait(50)
            return [row.mapTo(inspector, QPoint()) for row in rows]

        before = places()
        for checkpoint in others:
            change_model(qtbot, window, checkpoint)
            assert places() == before
        assert not inspector.method.isEnabled()
