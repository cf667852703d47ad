"""What a model said after each epoch is heard from the strip of samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.gui.audio.sound_output import SoundOutput
from studio.gui.training.sample_strip import SampleStrip
from tests.gui.sound_server import SoundServer, choose
from tests.gui.windows import until


@pytest.fixture
def strip(qtbot: QtBot, sound: SoundServer, speaker: str, tmp_path: Path) -> SampleStrip:
    """Two epochs of a voice, played on an output that was chosen before."""
    for number in (1, 2):
        picture = tmp_path / f"epoch-00{number}.png"
        Image.new("L", (60, 20)).save(picture)
        tone = 0.3 * np.sin(2 * np.pi * 200 * number * np.arange(4000) / 8000)
        soundfile.write(picture.with_suffix(".wav"), tone, 8000)
    choose(qtbot, SoundOutput(), speaker)
    strip = SampleStrip()
    qtbot.addWidget(strip)
    strip.show()
    qtbot.waitExposed(strip)
    strip.show_files(sorted(tmp_path.glob("epoch-*.png")))
    return strip


def click_on(qtbot: QtBot, strip: SampleStrip, row: int) -> None:
    where = strip.visualItemRect(strip.item(row)).center()
    qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=where)


def loudest_frequency(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax()) * 48_000 / len(samples)


def test_a_click_on_an_epoch_lets_it_be_heard(
    qtbot: QtBot, strip: SampleStrip, sound: SoundServer, speaker: str
) -> None:
    for row, frequency in ((1, 400), (0, 200)):
        with sound.heard(speaker) as ear:
            click_on(qtbot, strip, row)
            clip = strip.large.clip
            assert clip.output.playing
            assert clip.button.text() == "Stop"
            until(qtbot, lambda: not clip.output.playing)  # noqa: B023
        assert loudest_frequency(ear.samples) == pytest.approx(frequency, abs=5)
        assert clip.button.text() == "Play"
    strip.large.close()


def test_the_button_ends_it_and_plays_it_again(qtbot: QtBot, strip: SampleStrip) -> None:
    click_on(qtbot, strip, 0)
    clip = strip.large.clip
    for playing in (False, True):
        qtbot.mouseClick(clip.button, Qt.MouseButton.LeftButton)
        assert clip.output.playing == playing
    qtbot.keyClick(strip.large, Qt.Key.Key_Escape)
    assert not clip.output.playing


def test_a_file_that_is_no_sound_is_said_in_a_sentence(
    qtbot: QtBot, strip: SampleStrip, tmp_path: Path
) -> None:
    (tmp_path / "epoch-001.wav").write_bytes(b"not a sound")
    click_on(qtbot, strip, 0)
    assert "epoch-001.wav" in strip.large.clip.problem.text()
    assert not strip.large.clip.output.playing
    strip.large.close()
