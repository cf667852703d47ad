"""Quick particles: their means come to what is exact on tiny models."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.orders import observed_first
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.quick_particles import QuickParticles, mean_levels
from tests.engine.generation.exact import evidence, expected_shares, strong

# pixels in the middle and at the end, with unknown ones before them
LATE = evidence([[-1, 1, -1], [-1, -1, 0], [1, -1, -1]])
EARLY = evidence([[1, 0, 0], [1, -1, -1], [-1, -1, -1]])
WHOLE = evidence([[1, 0, 1], [0, 1, 0], [1, 1, 1]])
MANY = 4000  # attempts: a standard error of 0.01, and some more for their weights


def through(model, given, condition=None, particles=MANY) -> QuickParticles:
    attempts = QuickParticles(model, given, condition, particles)
    attempts.step(attempts.length)
    return attempts


def assert_near(found, exact, given) -> None:
    np.testing.assert_allclose(found[:, ~given.known], exact[:, ~given.known], atol=0.05)
    assert np.isnan(found[:, given.known]).all()


@pytest.fixture
def raster():
    return strong("gated-pixelcnn")


@pytest.mark.parametrize("given", [LATE, EARLY], ids=["late", "early"])
def test_the_mean_of_weighted_attempts_is_the_exact_one(raster, given):
    assert_near(through(raster, given).mean_shares(), expected_shares(raster, given), given)


def test_later_evidence_counts_for_earlier_pixels():
    """Without weights the mean would be that of pictures drawn as they come."""
    model = strong("made", hidden=16)
    late = evidence([[-1, -1, -1], [-1, -1, -1], [1, 0, 1]])
    nothing = evidence([[-1] * 3] * 3)
    exact, careless = expected_shares(model, late), expected_shares(model, nothing)
    assert np.abs(exact - careless)[:, ~late.known].max() > 0.2
    assert_near(through(model, late).mean_shares(), exact, late)


def test_a_model_of_any_order_takes_what_is_given_first():
    model = strong("made-any-order")
    order = observed_first(torch.from_numpy(LATE.known), model.order)
    exact = expected_shares(model, LATE, order=order)
    assert_near(through(model, LATE).mean_shares(), exact, LATE)


def test_a_class_is_taken_account_of():
    model = strong("gated-pixelcnn-class")
    one, other = (expected_shares(model, LATE, condition) for condition in (0, 1))
    assert np.abs(one - other)[:, ~LATE.known].max() > 0.1
    assert_near(through(model, LATE, 1).mean_shares(), other, LATE)


def test_colours_have_a_mean_for_each_channel():
    known = np.array([[True, False], [False, False]])
    given = Evidence(np.where(known, np.ones((3, 2, 2)), 0).astype(np.uint8), known)
    model = strong("made", (3, 2, 2), hidden=16)
    shares = through(model, given).mean_shares()
    assert_near(shares, expected_shares(model, given), given)


def test_all_given_leaves_nothing_to_do(raster):
    attempts = through(raster, WHOLE, particles=2)
    assert attempts.position == attempts.length
    assert np.isnan(attempts.mean_shares()).all()


def test_it_goes_on_in_pieces_and_stops_where_it_is_told(raster):
    attempts = QuickParticles(raster, LATE, None, 8)
    assert attempts.step(4) == 4
    assert attempts.step(9, interrupted=lambda: True) == 0
    assert attempts.step(99) == 5
    np.testing.assert_array_equal(
        attempts.mean_shares(), through(raster, LATE, particles=8).mean_shares()
    )


def test_the_mean_level_is_that_of_a_distribution():
    probabilities = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    assert mean_levels(probabilities).tolist() == [0.5, 2.0]
