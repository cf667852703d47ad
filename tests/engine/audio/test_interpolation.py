"""What a sound leads up to: the density of what follows a gap is that of the process."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.audio.interpolation import LookAhead, process_of

COEFFICIENTS, VARIANCE = np.array([1.5, -0.9, 0.2]), 0.04
ORDER = len(COEFFICIENTS)


def brought_forth(samples: int) -> np.ndarray:
    """A stretch of the process."""
    random, sound = np.random.default_rng(0), np.zeros(samples + ORDER)
    for t in range(ORDER, len(sound)):
        newest_first = sound[t - ORDER : t][::-1]
        sound[t] = COEFFICIENTS @ newest_first + np.sqrt(VARIANCE) * random.standard_normal()
    return sound[ORDER:]


def density(state: np.ndarray, missing: int, after: np.ndarray) -> float:
    """Log density of what comes `missing` samples after a state (newest first), written out: the
    mean and the covariance of all samples that follow, of which some are looked at."""
    count = missing + len(after)
    # x = shifts e + mean, by running the recursion with each e alone
    mean, shifts = np.zeros(count), np.zeros((count, count))
    for column in range(-1, count):
        recent = state.copy() if column < 0 else np.zeros(ORDER)
        for t in range(count):
            value = COEFFICIENTS @ recent + (t == column)
            recent = np.concatenate([[value], recent[:-1]])
            if column < 0:
                mean[t] = value
            else:
                shifts[t, column] = value
    covariance = VARIANCE * (shifts @ shifts.T)[missing:, missing:]
    miss = after - mean[missing:]
    return float(-(miss @ np.linalg.solve(covariance, miss)) / 2)


@pytest.mark.parametrize("heard", [1, 2, 3])
@pytest.mark.parametrize("gap", [1, 2, 5])
def test_it_is_the_density_of_what_follows_whatever_comes_between(gap: int, heard: int) -> None:
    random = np.random.default_rng(1)
    after = random.standard_normal(heard)
    ahead = LookAhead(COEFFICIENTS, VARIANCE, gap, after)
    for i in range(gap):
        one, other = random.standard_normal((2, ORDER))
        found = [
            -np.square(ahead.roots[i] @ state - ahead.offsets[i]).sum() / 2
            for state in (one, other)
        ]
        meant = [density(state, gap - 1 - i, after) for state in (one, other)]
        assert found[0] - found[1] == pytest.approx(meant[0] - meant[1], rel=1e-6)


def test_only_as_much_counts_as_the_process_reaches_back() -> None:
    after = np.random.default_rng(2).standard_normal(ORDER + 4)
    one, other = (LookAhead(COEFFICIENTS, VARIANCE, 4, part) for part in (after, after[:ORDER]))
    np.testing.assert_allclose(one.roots, other.roots)
    np.testing.assert_allclose(one.offsets, other.offsets)


def test_the_newest_sample_is_in_the_first_row_alone() -> None:
    ahead = LookAhead(COEFFICIENTS, VARIANCE, 6, np.ones(3))
    assert not np.tril(ahead.roots, -1).any()
    assert ahead.roots[:, 0, 0].all()


def test_where_nothing_follows_nothing_is_looked_ahead_to() -> None:
    ahead = LookAhead(COEFFICIENTS, VARIANCE, 6, np.zeros(0))
    assert not ahead.roots.any()
    assert not ahead.offsets.any()


def test_a_process_is_known_by_its_sound() -> None:
    sound = brought_forth(40_000)
    coefficients, variance = process_of([sound[:20_000], sound[20_000:]], ORDER)
    np.testing.assert_allclose(coefficients, COEFFICIENTS, atol=0.03)
    assert variance == pytest.approx(VARIANCE, rel=0.05)


@pytest.mark.parametrize("part", [np.zeros(500), np.zeros(1), np.ones(2)])
def test_silence_and_a_single_sample_have_a_process_too(part: np.ndarray) -> None:
    coefficients, variance = process_of([part], ORDER)
    assert np.isfinite(coefficients).all()
    assert variance > 0
