"""A part of a result is drawn anew: the lasso, and a picture that is opened to erase a part."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from studio.gui.picture.stage import Stage
from studio.gui.picture.stage_view import Place
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs
from tests.gui.windows import (
    LEFT,
    at_rest,
    click,
    draw,
    open_window,
    press,
    run_xdotool,
    site,
    until,
    wait_for_place,
)
from tests.tiny import SIZE, squares, tiny_checkpoint

LOOP = ((1, 1), (1, 4), (4, 4), (4, 1), (2, 1))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.drawing_page.tools.size_box.setValue(1)
        window.drawing_page.stage.setFocus()
        yield window


def finish(window: MainWindow, qtbot: QtBot) -> None:
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: window.session.latest.position == SIZE * SIZE)
    at_rest(qtbot, window.session)


def circle(qtbot: QtBot, stage: Stage, picture: int = 0) -> None:
    """Go round `LOOP` with the button down, and wait at each corner until the stage has seen it:
    on a busy machine the pointer would else be seen to jump from the first to the last."""
    wait_for_place(stage.window())
    for number, corner in enumerate(LOOP):
        point = stage.mapToGlobal(site(stage, *corner, picture=picture))
        run_xdotool("mousemove", str(point.x()), str(point.y()))
        until(qtbot, partial(is_at, stage, (picture, corner)))
        if number == 0:
            run_xdotool("mousedown", LEFT)
    run_xdotool("mouseup", LEFT)


def is_at(stage: Stage, place: Place) -> bool:
    return stage._hover == place


def known(window: MainWindow) -> np.ndarray:
    assert window.session.painting is not None
    return window.session.painting.known


def test_what_is_circled_is_drawn_anew_with_all_else_given_and_undone_at_once(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, tools = window.session, window.drawing_page.tools
    finish(window, qtbot)
    before, seed = session.latest.values[0].copy(), session.options.seed
    press("r")
    until(qtbot, lambda: tools.tool == "lasso")
    circle(qtbot, window.drawing_page.stage)
    until(qtbot, lambda: bool(known(window).any()))
    part = np.zeros((SIZE, SIZE), bool)
    part[1:5, 1:5] = True
    assert np.array_equal(known(window), ~part)
    assert session.options.seed != seed, "the same noise would draw the same again"
    until(qtbot, lambda: session.latest.position == SIZE * SIZE)
    at_rest(qtbot, session)
    assert np.array_equal(session.latest.values[0][:, ~part], before[:, ~part])
    press("ctrl+z")
    until(qtbot, lambda: session.options.seed == seed)
    at_rest(qtbot, session)
    assert not known(window).any()
    assert np.array_equal(session.latest.values[0], before)


def test_what_is_painted_over_is_drawn_anew(window: MainWindow, qtbot: QtBot) -> None:
    finish(window, qtbot)
    click(button_of(window, "Redraw a part"))
    draw(window.drawing_page.stage, (6, 1), (6, 6))
    until(qtbot, lambda: bool(known(window).any()))
    assert not known(window)[6, 1:7].any()
    assert known(window).sum() == SIZE * SIZE - 6


def test_it_is_the_picture_under_the_lasso_that_is_kept(window: MainWindow, qtbot: QtBot) -> None:
    window.session.change(count=4)
    until(qtbot, lambda: window.session.latest.count == 4)
    finish(window, qtbot)
    values = window.session.latest.values[3].copy()
    press("r")
    until(qtbot, lambda: window.drawing_page.tools.tool == "lasso")
    circle(qtbot, window.drawing_page.stage, picture=3)
    until(qtbot, lambda: bool(known(window).any()))
    painting = window.session.painting
    assert painting is not None
    at = known(window)
    assert np.array_equal(painting.values[:, at], values[:, at])


def test_what_is_given_can_be_drawn_anew_too(window: MainWindow, qtbot: QtBot) -> None:
    draw(window.drawing_page.stage, (3, 2), (3, 3))
    until(qtbot, lambda: bool(known(window).any()))
    finish(window, qtbot)
    press("r")
    until(qtbot, lambda: window.drawing_page.tools.tool == "lasso")
    circle(qtbot, window.drawing_page.stage)
    until(qtbot, lambda: bool(known(window)[7, 7]))
    assert not known(window)[3, 2:4].any()


def test_where_nothing_is_drawn_it_says_so(window: MainWindow, qtbot: QtBot) -> None:
    press("r")
    until(qtbot, lambda: window.drawing_page.tools.tool == "lasso")
    circle(qtbot, window.drawing_page.stage)
    until(qtbot, window.messages.isVisible)
    assert window.messages.label.text().startswith("Nothing is drawn there yet")
    assert not known(window).any()


def test_a_picture_that_goes_while_it_is_marked_is_left_alone(
    window: MainWindow, qtbot: QtBot
) -> None:
    finish(window, qtbot)
    window.drawing_page.drawing.redraw(np.ones((SIZE, SIZE), bool), picture=3)
    assert not known(window).any()


def test_the_part_is_seen_while_it_is_marked(window: MainWindow, qtbot: QtBot) -> None:
    finish(window, qtbot)
    press("r")
    until(qtbot, lambda: window.drawing_page.tools.tool == "lasso")
    stage, inside = window.drawing_page.stage, site(window.drawing_page.stage, 3, 3)
    plain = stage.grab().toImage().pixelColor(inside)
    seen: list[QColor] = []
    stage.dragged.connect(
        lambda row, column: seen.append(stage.grab().toImage().pixelColor(inside))
    )
    circle(qtbot, stage)
    until(qtbot, lambda: bool(known(window).any()))
    assert seen[0] == plain
    assert seen[-1] != plain
    assert stage._region is None


def test_a_model_that_gives_back_has_no_lasso(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "autoencoder")) as window:
        assert not window.drawing_page.tools.lasso.isEnabled()


def test_a_picture_is_opened_and_the_part_that_is_erased_is_drawn(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(squares(1)[0]).save(tmp_path / "square.png")
    monkeypatch.setattr(file_dialogs, "ask_open_picture", lambda *_: tmp_path / "square.png")
    page = window.drawing_page
    page.completion.switch.setChecked(True)
    page.erase.trigger()
    until(qtbot, lambda: bool(known(window).all()))
    assert page.tools.tool == "eraser"
    draw(page.stage, (5, 1), (5, 6))
    until(qtbot, lambda: known(window).sum() == SIZE * SIZE - 6)
    until(qtbot, lambda: window.session.latest.position < SIZE * SIZE)
    until(qtbot, lambda: window.session.latest.position == SIZE * SIZE)
    at_rest(qtbot, window.session)
    expected = squares(1)[0] // 255
    at = known(window)
    assert np.array_equal(window.session.latest.values[0, 0][at], expected[at])


def button_of(window: MainWindow, name: str) -> QToolButton:
    tools = window.drawing_page.tools
    return next(one for one in tools.findChildren(QToolButton) if one.accessibleName() == name)
