"""The class of late pixels: the mean over ways to fill in what is unknown before them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.class_posterior import class_posterior
from studio.engine.generation.refined_posterior import RefinedPosterior, is_needed
from tests.engine.generation.exact import completions, evidence, log_evidence, strong

LATE = evidence([[-1, 1, -1], [0, -1, 1], [-1, -1, -1]])
EARLY = evidence([[1, 0, 1], [0, -1, -1], [-1, -1, -1]])
K = 3


@pytest.fixture
def model() -> AutoregressiveModel:
    return strong("gated-pixelcnn-class")


def finished(*arguments, **options) -> RefinedPosterior:
    refining = RefinedPosterior(*arguments, **options)
    while not refining.done:
        refining.step()
    return refining


def mixture(model: AutoregressiveModel, given: Evidence) -> NDArray[np.float64]:
    """E[p(c | given, filled)], by all ways to fill in what is unknown, drawn without a class."""
    ways = completions(model, given)
    weights = model.log_prob(ways).double().softmax(0).numpy()
    known = np.arange(9).reshape(3, 3) <= given.known.ravel().nonzero()[0].max()
    shares = [
        class_posterior(model, Evidence(np.where(known, way, 0).astype(np.uint8), known))
        for way in ways.numpy()
    ]
    return np.asarray(np.average([each.probabilities for each in shares], 0, weights))


def test_it_comes_to_the_mean_over_all_ways_to_fill_in(model):
    found = finished(model, LATE, attempts=4000, ways=300).posterior
    np.testing.assert_allclose(found.probabilities, mixture(model, LATE), atol=0.05)
    assert not found.exact
    assert "300 times" in found.how


def test_of_pixels_that_come_first_it_is_the_exact_one(model):
    found = finished(model, EARLY).posterior
    exact = np.array([log_evidence(model, EARLY, condition) for condition in range(K)])
    shares = np.exp(exact - exact.max())
    np.testing.assert_allclose(found.probabilities, shares / shares.sum(), atol=1e-5)


def test_it_is_needed_where_unknown_pixels_come_before_given_ones(model):
    assert is_needed(model, LATE)
    assert not is_needed(model, EARLY)
    assert not is_needed(strong("ardm-class"), LATE)


def test_it_comes_about_in_pieces(model):
    refining = RefinedPosterior(model, LATE)
    refining.step(interrupted=lambda: True)
    assert not refining.done
    pieces = 0
    while not refining.done:
        refining.step()
        pieces += 1
    assert pieces > 1
