"""The class of what is there: exact where it can be, and honest where it is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.orders import observed_first
from studio.engine.generation.class_posterior import (
    ClassPosterior,
    class_posterior,
    classes_of,
)
from tests.engine.generation.exact import evidence, log_evidence, strong

PREFIX = evidence([[1, 0, 1], [1, -1, -1], [-1, -1, -1]])
LATE = evidence([[-1, -1, -1], [-1, 1, -1], [0, 1, -1]])
NOTHING = evidence([[-1] * 3] * 3)
K = 3


@pytest.fixture
def raster():
    return strong("gated-pixelcnn-class")


@pytest.fixture
def predicting():
    return strong("ardm-class")


def test_of_pixels_that_come_first_it_is_the_enumerated_one(raster):
    posterior = class_posterior(raster, PREFIX)
    exact = ClassPosterior(np.array([log_evidence(raster, PREFIX, c) for c in range(K)]), True, "")
    assert np.ptp(exact.probabilities) > 0.1, "the classes differ"
    np.testing.assert_allclose(posterior.probabilities, exact.probabilities, atol=1e-5)
    assert posterior.exact


def test_unknown_pixels_before_are_taken_for_black_and_it_says_so(raster):
    posterior = class_posterior(raster, LATE)
    black = torch.from_numpy(LATE.values).expand(K, -1, -1, -1)
    log_p = raster.likelihood.log_prob(
        raster.conditionals(black, torch.arange(K)), raster.sites(black)
    )
    known = torch.from_numpy(LATE.known.ravel())
    np.testing.assert_allclose(posterior.log_probs, log_p[:, known].sum(1), atol=1e-5)
    assert not posterior.exact
    assert "taken for black" in posterior.how


def test_a_model_that_predicts_all_gives_a_few_pixels_one_after_the_other(predicting):
    """Four pixels in four groups: the chain in the order of their fixed permutation."""
    four = evidence([[-1, 1, -1], [0, -1, -1], [1, -1, 1]])
    mixed = torch.randperm(9, generator=torch.Generator().manual_seed(0))
    order = observed_first(torch.from_numpy(four.known), mixed)
    exact = [log_evidence(predicting, four, c, order) for c in range(K)]
    posterior = class_posterior(predicting, four)
    np.testing.assert_allclose(posterior.log_probs, exact, rtol=1e-5, atol=1e-4)
    assert "4 groups" in posterior.how


def test_of_one_pixel_that_is_exact(predicting):
    one = evidence([[-1, -1, -1], [-1, 1, -1], [-1, -1, -1]])
    order = observed_first(torch.from_numpy(one.known), predicting.order)
    posterior = class_posterior(predicting, one)
    exact = [log_evidence(predicting, one, c, order) for c in range(K)]
    np.testing.assert_allclose(posterior.log_probs, exact, rtol=1e-5, atol=1e-4)
    assert posterior.exact


def test_without_a_pixel_every_class_is_as_likely(raster, predicting):
    for model in (raster, predicting):
        assert class_posterior(model, NOTHING).probabilities.tolist() == [1 / K] * K


def test_what_is_impossible_under_every_class_says_nothing():
    posterior = ClassPosterior(np.full(4, -np.inf), True, "")
    assert posterior.probabilities.tolist() == [0.25] * 4


def test_tiny_probabilities_of_many_pixels_do_not_underflow():
    posterior = ClassPosterior(np.array([-5000.0, -5001.0, -9000.0]), True, "")
    assert posterior.probabilities[0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_a_model_without_classes_is_refused():
    model = strong("gated-pixelcnn")
    assert classes_of(model) == 0
    with pytest.raises(ValueError, match="takes no class"):
        class_posterior(model, PREFIX)
