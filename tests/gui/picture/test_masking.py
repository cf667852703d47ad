"""Masks from the menu: what they hide becomes unknown, and is there again when it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.engine.editing.masks import SHAPES, read_mask, save_mask, shaped
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs
from tests.gui.windows import at_rest, draw, open_window, press, run_xdotool, until
from tests.tiny import SIZE, tiny_checkpoint

SPACE = (SIZE, SIZE)
TEXTS = (
    "Give the top half",
    "Give the bottom half",
    "Give the left half",
    "Give the right half",
    "Hide a box in the middle",
    "Hide half of the pixels at random",
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


@pytest.fixture
def finished(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A picture that was drawn to its end."""
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: window.session.latest.position == SIZE * SIZE)
    at_rest(qtbot, window.session)
    return window


def known(window: MainWindow) -> np.ndarray:
    assert window.session.painting is not None
    return window.session.painting.known


def entry(window: MainWindow, text: str) -> QAction:
    return next(one for one in window.drawing_page.masks if one is not None and one.text() == text)


@pytest.mark.parametrize(("text", "name"), list(zip(TEXTS, SHAPES, strict=True)))
def test_a_shape_hides_a_part_of_a_finished_picture_and_is_undone_at_once(
    finished: MainWindow, qtbot: QtBot, text: str, name: str
) -> None:
    session = finished.session
    values = session.latest.values[0]
    entry(finished, text).trigger()
    assert np.array_equal(known(finished), shaped(name, SPACE, session.options.seed))
    assert session.painting is not None
    at = known(finished)
    assert np.array_equal(session.painting.values[:, at], values[:, at])
    until(qtbot, lambda: session.latest.position < SIZE * SIZE)
    finished.drawing_page.stage.setFocus()
    press("ctrl+z")
    until(qtbot, lambda: session.latest.position == SIZE * SIZE)
    assert not known(finished).any()


def test_the_menu_is_worked_by_keys(finished: MainWindow, qtbot: QtBot) -> None:
    run_xdotool("key", "alt+m")
    until(qtbot, lambda: any(menu.isVisible() for menu in finished.menuBar().findChildren(QMenu)))
    run_xdotool("key", "Down", "key", "Return")
    until(qtbot, lambda: np.array_equal(known(finished), shaped("top", SPACE)))


def test_masks_one_after_the_other_are_put_on_the_same_picture(finished: MainWindow) -> None:
    values = finished.session.latest.values[0]
    for text, name in (("Give the top half", "top"), ("Give the left half", "left")):
        entry(finished, text).trigger()
        assert np.array_equal(known(finished), shaped(name, SPACE))
    assert finished.session.painting is not None
    left = shaped("left", SPACE)
    assert np.array_equal(finished.session.painting.values[:, left], values[:, left])


def test_inverted_what_was_hidden_is_given(finished: MainWindow) -> None:
    entry(finished, "Give the top half").trigger()
    entry(finished, "Invert the mask").trigger()
    assert np.array_equal(known(finished), shaped("bottom", SPACE))


def test_a_mask_is_put_on_the_picture_that_was_chosen(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.change(count=4)
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: session.latest.count == 4 and session.latest.finished)
    at_rest(qtbot, session)
    window.drawing_page.stage.choose(2)
    until(qtbot, lambda: session.latest.chosen == 2)
    values = session.latest.values[2]
    entry(window, "Give the top half").trigger()
    assert session.painting is not None
    assert np.array_equal(session.painting.values[:, : SIZE // 2], values[:, : SIZE // 2])


def test_without_a_picture_it_says_what_to_do(window: MainWindow, qtbot: QtBot) -> None:
    at_rest(qtbot, window.session)
    entry(window, "Give the top half").trigger()
    assert window.messages.label.text().startswith("There is no picture to mask yet")


def test_where_nothing_is_under_the_mask_inverting_says_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    draw(window.drawing_page.stage, (1, 1), (1, 4))
    at_rest(qtbot, window.session)
    before = known(window).copy()
    entry(window, "Invert the mask").trigger()
    assert window.messages.label.text().startswith("Nothing is under the mask yet")
    assert np.array_equal(known(window), before)


def test_a_mask_of_another_size_is_brought_to_size_with_a_word(
    finished: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_mask(tmp_path / "mask.png", shaped("right", (32, 16)))
    monkeypatch.setattr(file_dialogs, "ask_open_picture", lambda *_: tmp_path / "mask.png")
    entry(finished, "Load a mask…").trigger()
    until(qtbot, lambda: np.array_equal(known(finished), shaped("right", SPACE)))
    assert finished.messages.label.text() == (
        "mask.png was resized from 16 × 32 pixels to 8 × 8 pixels."
    )


def test_what_is_no_mask_is_refused_in_a_sentence(
    finished: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mask.png").write_text("no picture")
    monkeypatch.setattr(file_dialogs, "ask_open_picture", lambda *_: tmp_path / "mask.png")
    entry(finished, "Load a mask…").trigger()
    until(qtbot, lambda: "is not a picture that can be read" in finished.messages.label.text())
    assert not known(finished).any()


def test_the_mask_is_saved_as_it_is(
    finished: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mask.png"
    monkeypatch.setattr(file_dialogs, "ask_save_mask", lambda *_: path)
    entry(finished, "Save the mask…").trigger()
    assert finished.messages.label.text().startswith("Nothing is given")
    entry(finished, "Hide half of the pixels at random").trigger()
    entry(finished, "Save the mask…").trigger()
    until(qtbot, path.exists)
    at_rest(qtbot, finished.session)
    assert np.array_equal(read_mask(path, SPACE)[0], known(finished))


def test_the_model_draws_what_a_mask_hides_by_itself_where_that_is_on(
    finished: MainWindow, qtbot: QtBot
) -> None:
    finished.drawing_page.completion.switch.setChecked(True)
    entry(finished, "Give the bottom half").trigger()
    until(qtbot, lambda: finished.session.latest.position < SIZE * SIZE)
    until(qtbot, lambda: finished.session.latest.position == SIZE * SIZE)


def test_on_the_start_page_there_are_no_masks(window: MainWindow) -> None:
    menu = next(one for one in window.menuBar().actions() if one.text() == "&Mask")
    assert menu.isEnabled()
    window.pages.setCurrentWidget(window.start_page)
    assert not menu.isEnabled()
