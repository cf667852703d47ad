"""Calibration: how often what gets a probability turns out so."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.generation.calibration import BINS, calibration


def test_of_pixels_that_get_70_percent_and_turn_out_so_in_70_the_error_is_nothing() -> None:
    p = np.repeat([0.7, 0.2], 10)
    right = np.array([1] * 7 + [0] * 3 + [1] * 2 + [0] * 8, bool)
    found = calibration(p, right)
    assert found.count[[2, 7]].tolist() == [10, 10]
    assert found.right[[2, 7]] == pytest.approx([0.2, 0.7])
    assert found.predicted[[2, 7]] == pytest.approx([0.2, 0.7])
    assert found.error == pytest.approx(0)


def test_what_is_too_sure_is_off_by_as_much() -> None:
    found = calibration(np.full((2, 5), 0.95), np.arange(10).reshape(2, 5) < 6)
    assert found.right[9] == pytest.approx(0.6)
    assert found.error == pytest.approx(0.35)


def test_draws_that_come_true_as_often_as_they_should_are_calibrated_in_every_bin() -> None:
    random = np.random.default_rng(0)
    p = random.random(200_000)
    found = calibration(p, random.random(len(p)) < p)
    assert found.count.sum() == len(p)
    np.testing.assert_allclose(found.right, np.linspace(0.05, 0.95, BINS), atol=0.02)
    assert found.error < 0.01


def test_certainty_falls_into_the_outer_bins_and_an_empty_bin_has_no_share() -> None:
    found = calibration(np.array([0.0, 1.0]), np.array([False, True]))
    assert found.count.tolist() == [1, *[0] * 8, 1]
    assert np.isnan(found.right[1:9]).all()
    assert found.error == 0
    assert np.isnan(calibration(np.zeros(0), np.zeros(0)).error)


@pytest.mark.parametrize(
    ("p", "right"), [([0.5], [1, 0]), ([1.5], [1]), ([-0.1], [0]), ([np.nan], [0])]
)
def test_what_is_no_probability_is_refused(p: list[float], right: list[int]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        calibration(np.array(p), np.array(right))
