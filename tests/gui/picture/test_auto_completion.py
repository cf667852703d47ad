"""Completion that begins by itself: when it does, when it does not, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from studio.gui.picture.auto_completion import PAUSE_MILLISECONDS
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, drag, draw, open_window, press, site, until
from tests.tiny import SIZE, tiny_checkpoint

LONGER = 2 * PAUSE_MILLISECONDS


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        click(window.drawing_page.transport.switch)
        until(qtbot, window.drawing_page.completion.switch.isChecked)
        window.drawing_page.tools.size_box.setValue(1)
        window.drawing_page.stage.setFocus()
        yield window


def position(window: MainWindow) -> int:
    latest = window.session.latest
    assert latest is not None
    return latest.position


def whole(window: MainWindow) -> bool:
    return position(window) == SIZE * SIZE


def known(window: MainWindow) -> np.ndarray:
    assert window.session.painting is not None
    return window.session.painting.known


def painted() -> tuple[np.ndarray, np.ndarray]:
    """Four pixels of row 2."""
    known = np.zeros((SIZE, SIZE), bool)
    known[2, 1:5] = True
    return known[None].astype(np.uint8), known


def stroke(window: MainWindow, row: int) -> None:
    draw(window.drawing_page.stage, (row, 1), (row, 4))


def test_it_begins_when_a_stroke_pauses(window: MainWindow, qtbot: QtBot) -> None:
    stroke(window, 2)
    until(qtbot, lambda: whole(window))
    at_rest(qtbot, window.session)
    assert (window.session.latest.values[0, 0, 2, 1:5] == 1).all()


def test_a_stroke_while_it_draws_wins(window: MainWindow, qtbot: QtBot) -> None:
    page = window.drawing_page
    page.transport.choose_speed(10)
    stroke(window, 2)
    until(qtbot, lambda: page.drawing.playing and position(window) > 2)
    stroke(window, 0)
    assert not whole(window)
    page.transport.choose_speed(None)
    until(qtbot, lambda: whole(window))
    at_rest(qtbot, window.session)
    latest = window.session.latest
    assert np.array_equal(latest.known, known(window))
    assert (latest.values[0, 0, [0, 2], 1:5] == 1).all()


def test_it_can_be_interrupted(window: MainWindow, qtbot: QtBot) -> None:
    drawing = window.drawing_page.drawing
    window.drawing_page.transport.choose_speed(10)
    stroke(window, 2)
    until(qtbot, lambda: drawing.playing)
    press("space")
    until(qtbot, lambda: not drawing.playing)
    qtbot.wait(LONGER)
    assert not drawing.playing


def test_nothing_begins_while_the_person_goes_step_by_step(
    window: MainWindow, qtbot: QtBot
) -> None:
    press("period")
    until(qtbot, lambda: position(window) == 1)
    stroke(window, 6)
    qtbot.wait(LONGER)
    assert position(window) <= 1
    press("space")
    until(qtbot, lambda: whole(window))


def test_nothing_begins_after_an_undo(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit(lambda painting: painting.replace(*painted()))
    stroke(window, 4)
    press("ctrl+z")
    until(qtbot, lambda: known(window).sum() == 4)
    qtbot.wait(LONGER)
    assert not whole(window)
    assert not window.drawing_page.drawing.playing


def test_switched_off_it_waits_for_play_and_the_next_window_remembers(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.drawing_page.stage.setFocus()
        press("a")
        until(qtbot, window.drawing_page.completion.switch.isChecked)
        press("a")
        until(qtbot, lambda: not window.drawing_page.completion.switch.isChecked())
        stroke(window, 2)
        qtbot.wait(LONGER)
        assert not whole(window)
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert not window.drawing_page.completion.switch.isChecked()
        window.drawing_page.completion.switch.trigger()
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert window.drawing_page.completion.switch.isChecked()


def test_a_stroke_on_what_it_finished_paints_and_a_click_chooses(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    stroke(window, 2)
    until(qtbot, lambda: whole(window))
    at_rest(qtbot, window.session)
    drag(stage, [site(stage, 6, 6)])
    until(qtbot, lambda: stage.choice.picture == 0)
    assert known(window).sum() == 4
    drag(stage, [QPoint(3, 3)])
    until(qtbot, lambda: stage.choice.picture is None)
    qtbot.wait(600)  # what comes sooner is a double click
    stroke(window, 5)
    until(qtbot, lambda: bool(known(window)[5, 1:5].all()))


def test_what_is_all_given_or_all_erased_is_left_alone(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit(lambda painting: painting.replace(np.ones((1, SIZE, SIZE), np.uint8)))
    window.drawing_page.completion.stroke()
    qtbot.wait(LONGER)
    assert not window.drawing_page.drawing.playing
    window.session.edit(lambda painting: painting.clear())
    window.drawing_page.completion.stroke()
    qtbot.wait(LONGER)
    assert position(window) == 0


def test_of_strokes_that_contradict_each_other_the_last_one_counts(
    window: MainWindow, qtbot: QtBot
) -> None:
    stroke(window, 2)
    until(qtbot, lambda: whole(window))
    at_rest(qtbot, window.session)
    window.drawing_page.tools.ink.swap()
    stroke(window, 2)
    until(qtbot, lambda: bool(known(window)[2, 1:5].all()) and whole(window))
    at_rest(qtbot, window.session)
    until(qtbot, lambda: (window.session.latest.values[0, 0, 2, 1:5] == 0).all())
    assert not window.messages.isVisible()
