"""A key that is held shows what would be if the pixel under the pointer were another value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.gui.shell.keys_dialog import show_keys
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import (
    at_rest,
    open_palette,
    open_window,
    press,
    run_xdotool,
    site,
    until,
    wait_for_place,
)
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Half of a picture is drawn, and the pointer is on a pixel of it."""
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        page = window.drawing_page
        page.drawing.step(32)
        at_rest(qtbot, window.session)
        wait_for_place(window)
        point(window, 0, 0)  # it may be where it is to be already, and then would not move
        point(window, 1, 3)
        until(qtbot, lambda: page.stage.pointed == (0, (1, 3)))
        yield window


def point(window: MainWindow, row: int, column: int) -> None:
    stage = window.drawing_page.stage
    there = stage.mapToGlobal(site(stage, row, column))
    run_xdotool("mousemove", str(there.x()), str(there.y()))


@contextmanager
def held(qtbot: QtBot, window: MainWindow) -> Iterator[None]:
    """With the key down, once the model has answered."""
    run_xdotool("keydown", "q")
    try:
        until(qtbot, lambda: window.session.insight.latest is not None)
        yield
    finally:
        run_xdotool("keyup", "q")


def test_it_is_there_as_long_as_the_key_is_held_and_nothing_moves(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    before, rect = stage.grab().toImage(), stage.picture_rect(0)
    with held(qtbot, window):
        until(qtbot, lambda: stage.layer is not None and stage.layer.answer.site == 8 + 3)
        assert stage.picture_rect(0) == rect
        assert stage.grab().toImage() != before
        point(window, 2, 5)
        until(qtbot, lambda: stage.layer is not None and stage.layer.answer.site == 2 * 8 + 5)
    until(qtbot, lambda: stage.overlay == "none")
    assert stage.layer is None
    assert stage.picture_rect(0) == rect


def test_what_was_on_comes_back_and_what_is_chosen_meanwhile_stays(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    stage.set_overlay("entropy")
    with held(qtbot, window):
        assert stage.overlay == "counterfactual"
        assert window.drawing_page.insight.isVisible()
    until(qtbot, lambda: stage.overlay == "entropy")
    with held(qtbot, window):
        stage.set_overlay("order")
    qtbot.wait(50)
    assert stage.overlay == "order"


def test_a_window_in_front_ends_it_and_so_does_a_second_time_without_a_key(
    window: MainWindow, qtbot: QtBot
) -> None:
    action, stage = window.drawing_page.peeking.action, window.drawing_page.stage
    action.trigger()
    assert stage.overlay == "counterfactual"
    action.trigger()
    assert stage.overlay == "none"
    run_xdotool("keydown", "q")
    until(qtbot, lambda: stage.overlay == "counterfactual")
    dialog = show_keys(window)
    until(qtbot, lambda: stage.overlay == "none")
    run_xdotool("keyup", "q")
    found = dialog.list.findItems(
        "What if it were another value", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    )
    assert [item.text(1) for item in found] == ["Q"], "the key is listed"
    dialog.close()


def test_from_the_list_of_commands_it_stays_until_it_is_chosen_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    palette = open_palette(qtbot, window)
    for overlay in ("counterfactual", "none"):
        run_xdotool("type", "what if it were")
        press("Return")
        until(qtbot, lambda: not palette.isVisible())
        assert stage.overlay == overlay
        open_palette(qtbot, window)
