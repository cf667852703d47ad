"""The envelope of a sound: every sample is in a column, near and far, however the sound came and
wherever it was cut."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.audio.envelope import Envelope

CLOSE = 1e-4  # samples are kept in 16 bits


def noise(takes: int, length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (takes, length)).astype(np.float32)


def filled(samples: np.ndarray, *cuts: int) -> Envelope:
    """Appended in pieces that end at `cuts`."""
    envelope = Envelope(len(samples))
    for piece in np.split(samples, cuts, 1):
        envelope.append(piece)
    return envelope


def test_a_column_reaches_from_its_lowest_sample_to_its_highest() -> None:
    samples = noise(2, 1000)
    lows, highs = filled(samples).columns(first=3, step=10, count=20)
    for column in range(20):
        part = samples[:, 10 * (column + 3) - 1 : 10 * (column + 4)]  # the last one before it, too
        assert np.allclose(lows[:, column], part.min(1), atol=CLOSE)
        assert np.allclose(highs[:, column], part.max(1), atol=CLOSE)


def test_no_column_is_apart_from_the_one_before() -> None:
    lows, highs = filled(noise(1, 500)).columns(0, 2.5, 200)
    assert (lows[:, 1:] <= highs[:, :-1]).all()
    assert (highs[:, 1:] >= lows[:, :-1]).all()


@pytest.mark.parametrize("step", [0.3, 1.0, 7.7, 300.0, 2000.5])
def test_one_loud_sample_is_seen_in_one_column_where_it_is_near_or_far(step: float) -> None:
    samples = np.zeros((1, 100_000), np.float32)
    samples[0, 54_321] = 1
    _, highs = filled(samples, 1, 70, 9_999).columns(0, step, round(100_000 / step))
    loud = np.flatnonzero(highs[0] > 0.9)
    assert len(loud)
    assert np.abs(loud - 54_321 / step).min() < 1.3
    assert len(loud) <= max(2, 2 / step + 2)


@pytest.mark.parametrize("step", [10.0, 1000.0])
def test_it_does_not_matter_in_which_pieces_a_sound_comes(step: float) -> None:
    samples = noise(2, 200_000)
    at_once, in_pieces = filled(samples), filled(samples, 1, 63, 64, 65, 130_000)
    count = round(200_000 / step)
    for one, other in zip(
        at_once.columns(0, step, count), in_pieces.columns(0, step, count), strict=True
    ):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("step", [10.0, 1000.0])
def test_what_was_cut_off_is_gone_from_the_last_column_too(step: float) -> None:
    envelope = filled(
        np.concatenate([np.zeros((1, 5_010)), np.ones((1, 5_000))], 1).astype(np.float32)
    )
    envelope.cut(5_010)
    _, highs = envelope.columns(0, step, 2_000)
    assert highs.shape == (1, -(-5_010 // int(step)))
    assert highs.max() == 0


def test_samples_come_back_and_silence_is_round_them() -> None:
    samples = noise(2, 100)
    envelope = filled(samples)
    assert np.allclose(envelope.samples(1, 20, 30), samples[1, 20:30], atol=CLOSE)
    beyond = envelope.samples(0, -10, 120)
    assert beyond.shape == (130,)
    assert not beyond[:10].any()
    assert not beyond[110:].any()
    assert not envelope.samples(0, 100, 110).any()


def test_beyond_the_end_there_are_no_columns() -> None:
    assert filled(noise(3, 100)).columns(50, 10, 20)[0].shape == (3, 0)
    assert Envelope(2).columns(0, 10, 20)[1].shape == (2, 0)


def test_where_nothing_is_left_the_memory_is_given_back() -> None:
    envelope = Envelope(2)
    envelope.append(np.ones((2, 1_000_000), np.float32))
    room = envelope._samples.nbytes
    envelope.cut(0)
    assert envelope.length == 0
    assert envelope._samples.nbytes < room / 4
    envelope.append(np.full((2, 10), 0.5, np.float32))
    assert envelope.samples(1, 0, 10) == pytest.approx(0.5, abs=1e-4)


def test_it_says_how_much_it_takes() -> None:
    envelope, long = Envelope(1), Envelope(1)
    long.append(noise(1, 100_000))
    assert long.kept > envelope.kept
    assert long.kept >= 2 * 100_000, "two bytes a sample"
