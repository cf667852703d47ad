"""Several takes are tried before a sound is heard, and the best is played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.audio.best_takes import best_first
from studio.engine.audio.rendering import Rendering, as_audio_model
from studio.engine.checkpoints import load
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from tests.gui.sound.voices import SECONDS, made, same, shown
from tests.gui.windows import click, until


def choose(page: SoundPage, takes: int) -> None:
    """As a person does by the keyboard."""
    box = page.transport.best
    while box.currentData() != takes:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentData() < takes else Qt.Key.Key_Up)


def ranking(voice: Path, takes: int, seed: int = 0) -> tuple[int, ...]:
    options = SamplingOptions(count=takes, seed=seed)
    rendering = Rendering(as_audio_model(load(voice)), options, scored=True)
    return tuple(each.take for each in best_first(rendering, round(SECONDS * 8000)))


def test_the_best_of_four_is_played_and_made_to_the_end(
    qtbot: QtBot, window: MainWindow, page: SoundPage, voice: Path
) -> None:
    choose(page, 4)
    click(page.transport.play)
    until(qtbot, lambda: page.playback.playing)
    best = ranking(voice, 4)
    assert window.session.options.chosen_takes == best
    assert f"Take {best[0] + 1} is the best of 4" in window.messages.label.text()
    until(qtbot, lambda: page.timeline.length == 16_000)
    page.playback.stop()
    assert same(shown(page), made(voice, SamplingOptions(chosen_takes=best))[0])
    choose(page, 1)
    assert window.session.options.chosen_takes == ()


def test_another_beginning_is_another_search_and_play_ends_it(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    choose(page, 2)
    click(page.transport.make)
    until(qtbot, lambda: page.timeline.length == 16_000)
    before = window.session.options.chosen_takes
    assert sorted(before) == [0, 1]
    page.transport.seconds.setValue(120)
    page.set_beginning(np.full(400, 120, np.uint8))
    until(qtbot, lambda: page.timeline.beginning == 400)
    choose(page, 8)
    click(page.transport.play)
    until(qtbot, lambda: page.transport.position.text().startswith("trying takes: "))
    click(page.transport.play)
    assert page.transport.position.text() == ""
    until(qtbot, lambda: not window.session.polling)
    assert window.session.options.chosen_takes == before
    assert not page.playback.playing


def test_another_temperature_is_another_search(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    said: list[str] = []
    page.best.message.connect(said.append)
    choose(page, 2)
    for temperature, searches in ((0.9, 1), (0.9, 1), (0.4, 2)):
        window.session.change(temperature=temperature)
        click(page.transport.make)
        until(qtbot, lambda: page.timeline.length == 16_000 and not window.session.polling)
        assert len(said) == searches


def test_what_a_scene_says_of_its_takes_is_not_searched_for_again(
    qtbot: QtBot, window: MainWindow, page: SoundPage, voice: Path
) -> None:
    scene = window.session.scenes.now()
    assert scene is not None
    choose(page, 4)
    window.session.scenes.show(scene.with_options(chosen_takes=(3,)))
    click(page.transport.make)
    until(qtbot, lambda: page.timeline.length == 16_000)
    assert same(shown(page), made(voice, SamplingOptions(chosen_takes=(3,)))[0])
    window.session.change(seed=5)
    assert window.session.options.chosen_takes == (), "they were those of another seed"
    until(qtbot, lambda: not window.session.polling)
