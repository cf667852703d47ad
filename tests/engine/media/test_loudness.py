"""Loudness as it is heard: nothing below the threshold, and a share of it that differs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.engine.media.loudness import loudness, loudness_difference

RATE = 16_000


def tone(hertz: float, amplitude: float = 0.3) -> NDArray[np.float32]:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.float32)


def test_the_same_differs_by_nothing_and_silence_by_all_of_it():
    sound = tone(440)
    assert loudness_difference(sound, sound, RATE) == 0
    assert loudness_difference(sound, np.zeros_like(sound), RATE) == pytest.approx(1)


def test_more_noise_differs_more():
    noise = np.random.default_rng(0).normal(0, 1, RATE).astype(np.float32)
    shares = [loudness_difference(tone(440), tone(440) + a * noise, RATE) for a in (0.001, 0.01)]
    assert 0 < shares[0] < shares[1]


def test_a_tone_is_loud_in_its_own_band_and_what_nobody_hears_in_none():
    found = loudness(tone(1000), RATE, gain=80)[30]
    again = loudness(tone(4000), RATE, gain=80)[30]
    assert found.argmax() < again.argmax()
    assert not loudness(tone(1000), RATE, gain=-40).any()


def test_ten_times_the_power_is_not_ten_times_as_loud():
    soft, loud = (loudness(tone(1000, a), RATE, gain=80).sum() for a in (0.1, 0.316))
    assert 1.4 < loud / soft < 2.2


def test_how_loud_both_are_recorded_makes_no_difference():
    noisy, tenth = tone(440) + np.float32(0.01) * tone(3000), np.float32(0.1)
    soft = loudness_difference(tenth * tone(440), tenth * noisy, RATE)
    assert soft == pytest.approx(loudness_difference(tone(440), noisy, RATE), rel=1e-3)


@pytest.mark.parametrize("original", [np.zeros(800, np.float32), np.zeros(0, np.float32)])
def test_nothing_is_compared_with_silence(original):
    with pytest.raises(ValueError, match="silence"):
        loudness_difference(original, tone(440), RATE)
