"""The spectrogram of a growing sound: tones where they belong, worked out in parts, and anew where
the sound changed."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.audio.envelope import Envelope
from studio.engine.audio.spectrogram import SoundSpectrogram

RATE = 8000


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE).astype(np.float32)


def sound(samples: np.ndarray) -> Envelope:
    envelope = Envelope()
    envelope.append(samples[None])
    return envelope


def worked_out(spectrogram: SoundSpectrogram, length: int) -> SoundSpectrogram:
    while spectrogram.work_out(0, length, 50) is not None:
        pass
    return spectrogram


@pytest.mark.parametrize("hertz", [250, 1000, 3500])
def test_a_tone_is_bright_at_its_frequency_and_dark_elsewhere(hertz: int) -> None:
    levels = worked_out(SoundSpectrogram(sound(tone(hertz)), 0, RATE), RATE).columns(20, 80, 50)
    bins = len(levels)
    expected = round(hertz / (RATE / 2) * (bins - 1))
    assert (levels.argmax(0) == expected).all()
    assert (levels[expected] > 250).all(), "as loud as can be"
    assert levels[(expected + bins // 3) % bins].max() < 30


def test_of_several_frames_in_a_column_the_loudest_counts() -> None:
    samples = np.zeros(60 * RATE, np.float32)
    samples[30 * RATE] = 1
    levels = worked_out(SoundSpectrogram(sound(samples), 0, RATE), len(samples)).columns(
        0, RATE, 60
    )
    assert np.flatnonzero(levels.max(0)).tolist() in ([29, 30], [30])


def test_only_what_is_asked_for_is_worked_out_and_no_more_than_allowed() -> None:
    spectrogram = SoundSpectrogram(sound(tone(500, 4)), 0, RATE)
    first = spectrogram.work_out(RATE, 2 * RATE, most=50)
    assert first is not None
    assert first[0] <= RATE < first[1] < 2 * RATE
    assert spectrogram.columns(0, 100, 80).max() == 0, "before it"
    assert spectrogram.columns(80, 100, 10).max() > 0
    worked_out(spectrogram, 4 * RATE)
    assert spectrogram.work_out(0, 4 * RATE, 50) is None


def test_a_sound_that_grew_looks_as_if_it_had_been_there_at_once() -> None:
    samples = tone(700, 30)
    at_once = worked_out(SoundSpectrogram(sound(samples), 0, RATE), len(samples))
    growing = sound(samples[:1])
    spectrogram = SoundSpectrogram(growing, 0, RATE)
    for piece in np.split(samples[1:], [900, 901, 100_000]):
        before = growing.length
        growing.append(piece[None])
        spectrogram.forget(before)
        worked_out(spectrogram, growing.length)
    assert np.array_equal(spectrogram.columns(0, 100, 2_400), at_once.columns(0, 100, 2_400))


def test_at_a_high_rate_it_takes_no_more_memory_than_at_a_usual_one() -> None:
    rate, samples = 192_000, np.sin(2 * np.pi * 24_000 * np.arange(192_000) / 192_000)
    spectrogram = SoundSpectrogram(sound(samples.astype(np.float32)), 0, rate)
    levels = worked_out(spectrogram, rate).columns(20, 1920, 50)
    assert spectrogram.bins == len(levels) == 257
    assert np.abs(levels.argmax(0) - 256 * 24_000 / 96_000).max() <= 1
    assert (levels.max(0) > 250).all(), "as loud as can be"


def test_a_sound_that_is_forgotten_gives_its_memory_back() -> None:
    envelope = sound(tone(500, 60))
    spectrogram = worked_out(SoundSpectrogram(envelope, 0, RATE), 60 * RATE)
    room = spectrogram._levels.nbytes
    envelope.cut(0)
    spectrogram.forget(0)
    assert spectrogram._levels.nbytes < room / 4
    assert spectrogram.columns(0, 100, 80).shape[1] == 0


def test_where_a_sound_is_cut_its_spectrogram_ends() -> None:
    envelope = sound(tone(700))
    spectrogram = worked_out(SoundSpectrogram(envelope, 0, RATE), RATE)
    envelope.cut(RATE // 2)
    spectrogram.forget(RATE // 2)
    assert spectrogram.columns(0, 100, 80).shape[1] == 40
    assert spectrogram.columns(60, 100, 20).shape[1] == 0
