"""How much is made, how fast, in how many takes;
what is shown of it meanwhile, and what is saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from studio.gui.widgets import file_dialogs
from tests.gui.sound.voices import another, made, make_all, same, shown
from tests.gui.windows import click, press, until
from tests.tiny import tiny_checkpoint, tiny_voice


def test_what_is_made_unheard_says_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow, page: SoundPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.transport.seconds.setValue(600)
    window.session.change(count=4)
    press("End")
    until(qtbot, lambda: page.transport.position.text().startswith("generated "))
    assert "/ 600.0 s" in page.transport.position.text()
    assert page.transport.make.accessibleName() == "Stop"
    click(page.transport.make)
    until(qtbot, lambda: not window.session.polling)
    latest = window.session.latest
    assert latest is not None
    assert 0 < latest.position < latest.length
    assert page.transport.make.accessibleName() == "Generate all"
    assert page.transport.position.text().startswith("0.0 / ")


def test_where_it_is_slow_all_of_it_can_be_made_first(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    page.playback.play()
    until(qtbot, lambda: page.timeline.playhead > 1000)
    latest = window.session.latest
    assert latest is not None
    window.session.reading.emit(
        replace(latest, playing=True, pauses=True, samples_per_second=2400.0)
    )
    assert "(0.3 × real time)" in window.messages.label.text()
    click(window.messages.button)
    until(qtbot, lambda: page.playback.playing and page.timeline.length == 16_000)
    page.output.stop()


def test_while_sound_waits_to_be_heard_without_a_break_the_time_left_is_seen(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    make_all(qtbot, page)
    until(qtbot, lambda: not window.session.polling)
    latest, position = window.session.latest, page.transport.position
    assert latest is not None
    for waits, words in ((3.2, "Starts in 3 s"), (150.0, "Starts in 2 min"), (None, "Getting rea")):
        window.session.reading.emit(
            replace(latest, playing=True, waiting=True, starts_in=waits, position=100)
        )
        assert position.text().startswith(words)
    window.session.reading.emit(latest)
    assert position.text() == "0.0 / 2.0 s"


def test_a_long_sound_is_shown_a_part_at_a_time(
    qtbot: QtBot, page: SoundPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.gui.sound.sound_page._AT_ONCE", 3000)
    grown: list[int] = []
    page.timeline.grown.connect(lambda start, stop: grown.append(stop - start))
    page.set_beginning(np.full(20_000, 130, np.uint8))
    until(qtbot, lambda: page.timeline.length >= 20_000)
    assert max(size for size in grown if size < 20_000) <= 3000


def test_all_that_is_to_be_made_is_seen_and_what_is_no_more_is_not_looked_at(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    page.transport.seconds.setValue(12)
    until(qtbot, lambda: page.timeline.window.stop >= 12 * 8000)
    make_all(qtbot, page, 12 * 8000)
    page.timeline.show(60_000, 90_000)
    page.timeline.set_playhead(80_000)
    window.session.change(temperature=0.5)
    until(qtbot, lambda: page.timeline.length == 0)
    assert page.timeline.playhead == 0
    assert page.timeline.window.first == 0
    until(qtbot, lambda: not window.session.polling)


def test_takes_lie_above_each_other_and_the_chosen_one_is_saved(
    qtbot: QtBot, window: MainWindow, page: SoundPage, voice: Path, tmp_path: Path
) -> None:
    window.session.change(count=4, seed=7)
    until(qtbot, lambda: page.timeline.sound.takes == 4)
    make_all(qtbot, page)
    expected = made(voice, SamplingOptions(count=4, seed=7))
    assert all(same(shown(page, take), expected[take]) for take in range(4))
    page.timeline.choose_take(2)
    assert page.playback.latest is not None
    page.files.saver(page.playback.latest, page.timeline.take, ())(tmp_path / "take.wav")
    until(qtbot, (tmp_path / "take.wav").exists)
    with soundfile.SoundFile(tmp_path / "take.wav") as file:
        assert "Model: tiny-wavenet; Seed: 7; Temperature: 1.0; Take: 3" in file.comment
        assert np.abs(file.read() - expected[2]).max() < 1e-4
    until(qtbot, lambda: not window.session.polling)


def test_a_sound_is_saved_though_a_model_of_pictures_comes_while_it_is_asked_where(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_all(qtbot, page)
    expected = shown(page, 0).copy()
    other = tiny_checkpoint(tmp_path, "made")

    def ask(*about: object) -> Path:
        window.load(other)
        until(qtbot, lambda: window.session.checkpoint == other)
        return tmp_path / "said.wav"

    monkeypatch.setattr(file_dialogs, "ask_save_sound", ask)
    with qtbot.waitSignal(page.files.done):
        page.ask_to_save()
    with soundfile.SoundFile(tmp_path / "said.wav") as file:
        assert "Model: tiny-wavenet" in file.comment
        assert same(expected, file.read())


def test_the_take_that_is_marked_is_the_one_that_is_heard_after_another_voice_is_loaded(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    window.session.change(count=4)
    until(qtbot, lambda: page.timeline.sound.takes == 4)
    page.timeline.choose_take(2)
    other = tiny_voice(another(tmp_path), sample_rate=8000)
    window.load(other)
    until(
        qtbot,
        lambda: window.session.checkpoint == other and window.session.latest is not None,
    )
    assert window.session.latest is not None
    assert page.timeline.take == window.session.latest.take == 0
    until(qtbot, lambda: not window.session.polling)
