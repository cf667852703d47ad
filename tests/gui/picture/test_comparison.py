"""Two methods side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation
from studio.gui.picture.comparison import COUNT, Comparison, Side
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import (
    at_rest,
    change_model,
    click,
    draw,
    open_window,
    press,
    until,
    wait_for_place,
)
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """With something given low down, where methods differ."""
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.drawing_page.tools.size_box.setValue(1)
        draw(window.drawing_page.stage, (6, 1), (6, 5))
        at_rest(qtbot, window.session)
        yield window


def opened(qtbot: QtBot, window: MainWindow) -> Comparison:
    window.drawing_page.stage.setFocus()
    press("ctrl+m")
    until(qtbot, lambda: window.drawing_page.findChild(Comparison) is not None)
    dialog = window.drawing_page.findChild(Comparison)
    assert dialog is not None
    qtbot.waitExposed(dialog)
    wait_for_place(dialog)
    return dialog


def finished(qtbot: QtBot, dialog: Comparison) -> None:
    until(qtbot, lambda: all(side.place.text() == "Finished" for side in dialog.sides))


def given_in(side: Side) -> bool:
    """Whether its pictures have what is painted in row 2."""
    shown = side.view._snapshot
    return shown is not None and shown.known is not None and bool(shown.known[2, 1:6].all())


def closed(window: MainWindow) -> bool:
    return window.drawing_page.findChild(Comparison) is None


def test_each_side_draws_four_pictures_by_its_method_with_the_same_seed(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog, session = opened(qtbot, window), window.session
    finished(qtbot, dialog)
    assert isinstance(session.model, AutoregressiveModel)
    assert len({side.method for side in dialog.sides}) == 2
    for side in dialog.sides:
        options = replace(session.options, count=COUNT, method=side.method, seed=dialog.seed)
        drawn = Generation(session.model, options, window.drawing_page.drawing.given)
        drawn.step(drawn.length)
        shown = side.view._snapshot
        assert shown is not None
        assert np.array_equal(shown.values, drawn.values)
    assert session.latest.position == 0, "the stage is left alone"
    press("Escape")
    until(qtbot, lambda: closed(window))


def test_another_method_draws_its_side_anew(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(qtbot, window)
    finished(qtbot, dialog)
    side = dialog.sides[0]
    meaning = side.meaning.text()
    side.chosen.setFocus()
    press("Down")
    until(qtbot, lambda: side.meaning.text() != meaning)
    finished(qtbot, dialog)
    shown = side.view._snapshot
    assert shown is not None
    assert shown.options.method == side.method
    dialog.close()
    until(qtbot, lambda: closed(window))


def test_both_are_drawn_again_with_another_seed(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(qtbot, window)
    seed = dialog.seed
    click(dialog.again)
    until(qtbot, lambda: dialog.seed != seed)
    assert str(dialog.seed) in dialog.words.text()
    finished(qtbot, dialog)
    dialog.close()
    until(qtbot, lambda: closed(window))


def test_it_follows_what_is_painted(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(qtbot, window)
    finished(qtbot, dialog)
    window.session.edit(lambda painting: painting.line((2, 1), (2, 5), 1))
    until(qtbot, lambda: all(given_in(side) for side in dialog.sides))
    finished(qtbot, dialog)
    dialog.close()
    until(qtbot, lambda: closed(window))


def test_closing_frees_what_it_took(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(qtbot, window)
    players = [side.player._player for side in dialog.sides]
    dialog.close()
    until(qtbot, lambda: closed(window))
    assert all(player is not None and player.join(5) for player in players)


def test_it_goes_with_its_model(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    opened(qtbot, window)
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "made"))
    until(qtbot, lambda: closed(window))


def test_asked_for_twice_it_is_there_once(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(qtbot, window)
    window.drawing_page.compare.trigger()
    assert window.drawing_page.findChildren(Comparison) == [dialog]
    dialog.close()
    until(qtbot, lambda: closed(window))


def test_with_one_method_there_is_nothing_to_compare(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "gated-pixelcnn-map")) as window:
        window.drawing_page.compare.trigger()
        assert window.messages.label.text().startswith("This model has only one method")
        assert closed(window)
