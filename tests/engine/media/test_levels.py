"""How strong a sound is, and what a copy lacks of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.engine.media.levels import level, level_difference, missing

RATE = 8_000
TONE = np.sin(np.arange(RATE) / 3).astype(np.float32) * np.float32(0.5)
SILENCE = np.zeros(RATE, np.float32)


def test_a_level_is_that_of_the_mean_power() -> None:
    assert level(np.tile([1, -1], 50).astype(np.float32)) == 0
    assert level(TONE + TONE) == pytest.approx(-3.01, abs=0.01)
    assert level(TONE / np.float32(5)) == pytest.approx(-23.01, abs=0.01)
    assert level(SILENCE) == -math.inf


def test_half_the_amplitude_is_six_decibels_softer() -> None:
    assert level_difference(TONE, TONE / np.float32(2)) == pytest.approx(-6.02, abs=0.01)
    assert level_difference(TONE, TONE) == 0


def test_beside_silence_nothing_is_louder_or_softer() -> None:
    assert level_difference(SILENCE, TONE) is None
    assert level_difference(TONE, SILENCE) is None


def test_what_is_heard_and_silent_in_the_copy_is_missing() -> None:
    half = TONE.copy()
    half[RATE // 2 :] = 0
    assert missing(TONE, half, RATE) == pytest.approx(0.5, abs=0.03)
    assert missing(TONE, TONE / np.float32(2), RATE) == 0


def test_nothing_is_missing_where_nothing_is_heard() -> None:
    assert missing(half := np.concatenate([TONE, SILENCE]), half, RATE) == 0
    assert missing(np.concatenate([TONE, SILENCE]), np.concatenate([TONE, TONE]), RATE) == 0
    assert missing(SILENCE, SILENCE, RATE) == missing(SILENCE[:0], SILENCE[:0], RATE) == 0
