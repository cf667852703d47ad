"""Spectrograms from recordings, arrays and pictures, and to files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.engine.audio.spectrogram_files import read_spectrogram, write_spectrogram
from studio.engine.media.mel import MelSpec, log_mel
from studio.engine.media.recordings import write_recording
from studio.engine.runtime.errors import StudioError

SPEC = MelSpec(mels=20)


@pytest.fixture
def frames() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (30, 20)).astype(np.float32)


def test_an_array_comes_back_as_it_was(tmp_path, frames):
    write_spectrogram(tmp_path / "a.npy", frames)
    assert np.array_equal(read_spectrogram(tmp_path / "a.npy", SPEC), frames)


def test_a_picture_comes_back_to_a_shade_and_says_of_itself_what_it_is(tmp_path, frames):
    write_spectrogram(tmp_path / "a.png", frames, {"rate": 8000})
    assert np.abs(read_spectrogram(tmp_path / "a.png", SPEC) - frames).max() <= 0.501 / 255
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (30, 20)
        assert picture.info["Rate"] == "8000"


def test_the_lowest_pitch_is_at_the_bottom_of_a_picture(tmp_path):
    shades = np.zeros((20, 5), np.uint8)
    shades[-1] = 255
    Image.fromarray(shades).save(tmp_path / "low.png")
    found = read_spectrogram(tmp_path / "low.png", SPEC)
    assert found[:, 0].all()
    assert not found[:, 1:].any()


def test_a_picture_of_another_height_keeps_its_proportions(tmp_path):
    Image.new("RGB", (200, 100), "white").save(tmp_path / "any.jpg")
    found = read_spectrogram(tmp_path / "any.jpg", SPEC)
    assert found.shape == (40, 20)
    assert found.min() > 0.98


def test_a_recording_is_taken_at_the_rate_of_the_model(tmp_path):
    samples = (0.5 * np.sin(np.arange(8000) / 3)).astype(np.float32)
    write_recording(tmp_path / "a.wav", samples, 8000)
    assert read_spectrogram(tmp_path / "a.wav", SPEC) == pytest.approx(
        log_mel(samples, SPEC), abs=0.05
    )
    assert read_spectrogram(tmp_path / "a.wav", MelSpec.at(4000, 40, 20)).shape == (100, 20)


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((30, 7), np.float32), "20 mels"),
        (np.zeros((0, 20), np.float32), "20 mels"),
        (np.zeros(20, np.float32), "20 mels"),
        (np.full((3, 20), 1.5), "its values must go from 0"),
        (np.full((3, 20), np.nan), "its values must go from 0"),
        (np.zeros((3, 20), np.uint8), "its values must go from 0"),
    ],
)
def test_an_array_that_is_no_spectrogram_is_reported_in_one_sentence(tmp_path, array, why):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(StudioError, match=why):
        read_spectrogram(tmp_path / "a.npy", SPEC)


@pytest.mark.parametrize("name", ["nowhere.npy", "nowhere.png", "nowhere.wav"])
def test_a_file_that_is_not_there_is_named(name):
    with pytest.raises(StudioError, match=name):
        read_spectrogram(Path(name), SPEC)


def test_what_is_too_long_is_not_made(tmp_path, frames):
    write_spectrogram(tmp_path / "a.npy", frames)
    Image.new("L", (100_000, 1)).save(tmp_path / "wide.png")
    for name in ("a.npy", "wide.png"):
        with pytest.raises(StudioError, match="too long"):
            read_spectrogram(tmp_path / name, SPEC, most=29)


def test_only_some_endings_say_what_to_write(tmp_path, frames):
    with pytest.raises(StudioError, match="choose"):
        write_spectrogram(tmp_path / "a.wav", frames)
