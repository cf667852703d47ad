"""Takes of sound compared in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.engine import checkpoints
from studio.engine.audio.rendering import as_audio_model
from studio.engine.media.levels import level
from studio.engine.media.recordings import read_recording
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.takes_page import TakesPage
from studio.gui.widgets import file_dialogs
from tests.gui.windows import click, press, until


@pytest.fixture
def takes(window: MainWindow, qtbot: QtBot) -> TakesPage:
    """The page, with two takes that have been made."""
    page = window.takes_page
    window.session.look()
    press("ctrl+m")
    until(qtbot, page.isVisible)
    until(qtbot, lambda: page.axis.chosen == "temperature")
    click(page.make)
    until(qtbot, lambda: len(page.rows) == 2)
    return page


def test_two_takes_are_made_equally_loud_and_as_long(takes: TakesPage, voice: Path) -> None:
    first, second = (row.take for row in takes.rows)
    rate = as_audio_model(checkpoints.load(voice)).sample_rate

    assert [first.title, second.title] == ["temperature 0.8", "temperature 1"]
    assert len(first.samples) == len(second.samples) == 2 * rate
    assert abs(first.level - second.level) < 0.5
    assert max(float(np.abs(take.samples).max()) for take in (first, second)) < 1
    assert "dBFS" in takes.rows[0].accessibleName()


def test_they_are_heard_in_turn(takes: TakesPage, qtbot: QtBot) -> None:
    click(takes.play_button)

    until(qtbot, lambda: takes.rows[0].heard)
    until(qtbot, lambda: takes.rows[1].heard)
    assert not takes.rows[0].heard
    until(qtbot, lambda: not takes.output.playing)


def test_the_key_goes_on_with_the_other_at_the_same_place(takes: TakesPage, qtbot: QtBot) -> None:
    click(takes.play_button)
    until(qtbot, lambda: takes.output.position > 4000)

    press("a")

    until(qtbot, lambda: takes.rows[1].heard)
    assert takes._begin > 4000
    press("space")
    until(qtbot, lambda: takes.output.paused)


def test_hidden_it_is_silent(takes: TakesPage, window: MainWindow, qtbot: QtBot) -> None:
    click(takes.play_button)
    until(qtbot, lambda: takes.output.playing)

    window.show_stage()

    assert not takes.output.playing
    assert window.sound_page.isVisible()


def test_they_are_saved_one_after_the_other(
    takes: TakesPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, said = tmp_path / "both.wav", list[str]()
    takes.done.connect(said.append)
    monkeypatch.setattr(file_dialogs, "ask_save_sound", lambda page, name: out)

    click(takes.save_button)

    until(qtbot, lambda: bool(said))
    samples = read_recording(out).samples
    assert abs(level(samples[:16_000]) - level(samples[-16_000:])) < 0.5


def test_stopped_there_are_none(window: MainWindow, qtbot: QtBot) -> None:
    page = window.takes_page
    window.compare()
    until(qtbot, lambda: page.axis.chosen == "temperature")
    page.make.click()
    page.make.click()

    assert page.make.text() == "Make"
    until(qtbot, lambda: not window.session.polling)
    assert page.rows == []
