"""The staging strip: eight completions to choose from, drawn beside the stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation
from studio.gui.picture.staging import COUNT, Staging
from studio.gui.shell.main_window import MainWindow
from tests.gui.fits import faults
from tests.gui.windows import at_rest, click, draw, open_window, press, until, wait_for_place
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """With a stroke, and the strip open beside it."""
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        page = window.drawing_page
        page.tools.size_box.setValue(1)
        draw(page.stage, (3, 1), (3, 5))
        page.stage.setFocus()
        press("c")
        until(qtbot, page.staging.isVisible)
        yield window


def filled(strip: Staging) -> int:
    return sum(values is not None for values in strip._values)


def completion(strip: Staging, number: int) -> np.ndarray:
    """One that is finished, (C, H, W)."""
    values = strip._values[number]
    assert values is not None
    return values


def all_there(qtbot: QtBot, window: MainWindow) -> Staging:
    strip = window.drawing_page.staging
    until(qtbot, lambda: filled(strip) == COUNT)
    at_rest(qtbot, window.session)
    return strip


def test_it_is_hidden_until_it_is_asked_for_and_then_remembered(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        strip = window.drawing_page.staging
        assert not strip.isVisible()
        window.drawing_page.stage.setFocus()
        press("c")
        until(qtbot, strip.isVisible)
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert window.drawing_page.staging.isVisible()
        click(window.drawing_page.staging.close_button)
        until(qtbot, lambda: not window.drawing_page.staging.isVisible())
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert not window.drawing_page.staging.isVisible()


def test_it_draws_eight_seeds_one_after_the_other_and_leaves_the_stage_alone(
    window: MainWindow, qtbot: QtBot
) -> None:
    strip, session = all_there(qtbot, window), window.session
    assert session.latest.position == 0, "nothing was drawn on the stage"
    assert isinstance(session.model, AutoregressiveModel)
    assert strip.seeds == list(range(session.options.seed, session.options.seed + COUNT))
    given = window.drawing_page.drawing.given
    for number, seed in enumerate(strip.seeds):
        drawn = Generation(session.model, replace(session.options, seed=seed), given)
        drawn.step(drawn.length)
        assert np.array_equal(completion(strip, number), drawn.values[0])


def test_a_click_brings_a_completion_onto_the_stage_as_it_is(
    window: MainWindow, qtbot: QtBot
) -> None:
    strip = all_there(qtbot, window)
    click(strip.thumbnails[5])
    until(qtbot, lambda: window.session.latest.position == SIZE * SIZE)
    at_rest(qtbot, window.session)
    assert window.session.latest.count == 1
    assert np.array_equal(window.session.latest.values[0], completion(strip, 5))
    assert strip.thumbnails[5].isChecked()
    assert filled(strip) == COUNT, "the others are still there to choose"


def test_accepted_it_is_given_and_undone_at_once(window: MainWindow, qtbot: QtBot) -> None:
    strip, painting = all_there(qtbot, window), window.session.painting
    assert painting is not None
    before, values = painting.known.copy(), completion(strip, 2)
    click(strip.thumbnails[2])
    click(strip.accept)
    until(qtbot, lambda: bool(painting.known.all()))
    assert np.array_equal(painting.values, values)
    assert strip.words.isVisible(), "there is nothing to complete"
    press("ctrl+z")
    until(qtbot, lambda: np.array_equal(painting.known, before))


def test_without_a_chosen_one_there_is_nothing_to_accept(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.drawing_page.staging
    window.session.change(seed=500)
    assert not strip.accept.isEnabled()
    assert strip.accept.toolTip().startswith("Choose a completion first")


def test_a_stroke_makes_them_anew(window: MainWindow, qtbot: QtBot) -> None:
    strip = all_there(qtbot, window)
    draw(window.drawing_page.stage, (6, 1), (6, 5))
    until(qtbot, lambda: filled(strip) == 0)
    all_there(qtbot, window)
    assert all((values[0, 6, 1:6] == 1).all() for values in strip._values if values is not None)


def test_it_waits_while_the_stage_draws(window: MainWindow, qtbot: QtBot) -> None:
    page = window.drawing_page
    page.transport.choose_speed(10)
    page.drawing.play()
    until(qtbot, lambda: page.drawing.playing)
    qtbot.wait(300)
    before = filled(page.staging)
    qtbot.wait(1000)
    assert filled(page.staging) == before
    page.drawing.pause()
    all_there(qtbot, window)


def test_hidden_it_frees_what_it_took(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.drawing_page.staging
    until(qtbot, lambda: strip._player._player is not None)
    click(strip.close_button)
    until(qtbot, lambda: not strip.isVisible())
    assert strip._player._player is None
    at_rest(qtbot, window.session)


def test_the_dice_draws_eight_others(window: MainWindow, qtbot: QtBot) -> None:
    strip = all_there(qtbot, window)
    before = strip.seeds
    click(strip.others)
    until(qtbot, lambda: not set(before) & set(strip.seeds))
    all_there(qtbot, window)


def test_it_fits_beside_everything_else(window: MainWindow, qtbot: QtBot) -> None:
    for width in (1366, 1280):
        window.resize(width, 720)
        wait_for_place(window)
        assert not faults(window)


def test_a_model_that_only_gives_back_has_none(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "autoencoder")) as window:
        assert not window.drawing_page.staging.toggle.isEnabled()
        assert not window.drawing_page.staging.isVisible()


def test_where_all_is_predicted_at_once_eight_come_in_few_steps_and_one_on_the_stage_as_it_is(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "ardm")) as window:
        session, page = window.session, window.drawing_page
        draw(page.stage, (3, 1), (3, 5))
        page.stage.setFocus()
        press("c")
        strip = all_there(qtbot, window)
        assert session.options.steps == 0, "the stage is left as it was set"
        assert "in 50 steps" in strip.thumbnails[3].toolTip()
        click(strip.thumbnails[3])
        until(qtbot, lambda: session.latest.position == SIZE * SIZE)
        at_rest(qtbot, session)
        assert session.options.steps == 50
        assert np.array_equal(session.latest.values[0], completion(strip, 3))
        assert filled(strip) == COUNT, "the others are still there to choose"
        session.change(steps=10)
        until(qtbot, lambda: "in 10 steps" in strip.thumbnails[0].toolTip())
