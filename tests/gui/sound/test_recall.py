"""A sound that is dropped on the window brings back what it was made of, and is made again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from studio.engine.media.recordings import read_recording
from studio.engine.scenes.carried import carried_in, save_scene
from studio.engine.scenes.scene import Sound
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from tests.gui.dragging import drag, shown_desktop
from tests.gui.windows import at_rest, change_model, until
from tests.tiny import tiny_voice


def made(window: MainWindow, qtbot: QtBot, length: int) -> np.ndarray:
    player = window.sound_page.playback.player
    assert player is not None
    until(qtbot, lambda: player.codes().shape[-1] == length)
    at_rest(qtbot, window.session)
    return player.codes()


def test_a_take_after_a_beginning_comes_back(
    window: MainWindow, page: SoundPage, qtbot: QtBot, tmp_path: Path
) -> None:
    beginning = np.random.default_rng(0).integers(100, 150, 800).astype(np.uint8)
    page.set_beginning(beginning)
    window.session.change(count=2, seed=5)
    page.transport.seconds.setValue(0.5)
    page.finish()
    codes = made(window, qtbot, 4800)
    page.timeline.choose_take(1)
    latest = page.playback.latest
    assert latest is not None
    with qtbot.waitSignal(page.files.done):
        page.files.saver(latest, 1, ())(tmp_path / "second.wav")
    window.session.change(count=1, seed=6)
    page.forget()
    page.transport.seconds.setValue(1.0)
    at_rest(qtbot, window.session)

    drag(window, shown_desktop(qtbot), tmp_path / "second.wav")

    until(qtbot, lambda: window.session.options.seed == 5)
    np.testing.assert_array_equal(made(window, qtbot, 4800), codes)
    until(qtbot, lambda: page.timeline.take == 1)
    assert page.transport.seconds.value() == 0.5
    assert page.timeline.beginning == 800
    scene = carried_in(tmp_path / "second.wav")
    assert scene is not None
    assert scene.position == len(read_recording(tmp_path / "second.wav").samples)


def test_the_spectrogram_of_a_vocoder_comes_back(
    window: MainWindow, page: SoundPage, qtbot: QtBot, tmp_path: Path
) -> None:
    change_model(qtbot, window, tiny_voice(tmp_path, "wavenet-mel"))
    frames = np.random.default_rng(0).random((40, 6)).astype(np.float32)
    page.editor.set_frames(frames)
    page.finish()
    codes = made(window, qtbot, 400)
    scene = window.session.scenes.now()
    assert scene is not None
    save_scene(scene, tmp_path / "said.scene.json")
    page.editor.set_frames(np.zeros((10, 6), np.float32))
    at_rest(qtbot, window.session)

    window.open_file(tmp_path / "said.scene.json")

    np.testing.assert_array_equal(made(window, qtbot, 400), codes)
    np.testing.assert_array_equal(page.editor.frames, frames)


def test_a_spectrogram_of_other_frames_is_told(
    window: MainWindow, page: SoundPage, qtbot: QtBot, tmp_path: Path
) -> None:
    change_model(qtbot, window, tiny_voice(tmp_path, "wavenet-mel"))
    scene = window.session.scenes.now()
    assert scene is not None
    other = replace(scene, sound=Sound(spectrogram=np.zeros((9, 5), np.float32)))

    window.session.scenes.show(other)

    until(qtbot, window.messages.isVisible)
    assert "for a model with other frames" in window.messages.label.text()
