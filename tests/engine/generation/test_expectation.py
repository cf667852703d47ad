"""What a model expects of unknown pixels: exact where one pass tells, near it from attempts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.interface import OrderAgnosticModel
from models.orders import observed_first
from studio.engine.generation.expectation import Expectation, probability_map
from tests.engine.generation.exact import completions, evidence, expected_shares, strong

GIVEN = evidence([[1, -1, 0], [0, 1, 1], [1, 0, 1]])  # all but one
HALF = evidence([[-1, 1, -1], [0, -1, -1], [1, -1, -1]])


def found(*arguments, **options) -> Expectation:
    expectation = probability_map(*arguments, **options)
    assert expectation is not None
    return expectation


@pytest.fixture
def predicting():
    return strong("ardm-class")


@pytest.mark.parametrize("condition", [None, 2])
def test_of_the_only_unknown_pixel_one_pass_gives_the_exact_probability(predicting, condition):
    order = observed_first(torch.from_numpy(GIVEN.known), predicting.order)
    exact = expected_shares(predicting, GIVEN, condition, order)
    assert found(predicting, GIVEN, condition).shares[0, 0, 1] == pytest.approx(
        exact[0, 0, 1], abs=1e-5
    )


def test_of_many_it_is_what_the_model_predicts_of_each(predicting):
    x, known = torch.from_numpy(HALF.values)[None], torch.from_numpy(HALF.known)[None]
    white = predicting.predict(x, known)[0].sigmoid().T.unflatten(1, (3, 3)).numpy()
    shares = found(predicting, HALF).shares
    np.testing.assert_allclose(shares[:, ~HALF.known], white[:, ~HALF.known], atol=1e-6)
    assert np.isnan(shares[:, HALF.known]).all()


def test_of_any_other_model_it_is_the_mean_of_attempts_and_says_so():
    model = strong("gated-pixelcnn")
    expectation = found(model, HALF, particles=2000)
    exact = expected_shares(model, HALF)
    np.testing.assert_allclose(expectation.shares[:, ~HALF.known], exact[:, ~HALF.known], atol=0.05)
    assert "2000 quick attempts" in expectation.how


def test_a_model_that_is_conditioned_on_what_is_given_is_asked_with_it():
    """What is given is in its condition: no attempt is weighed by it again."""
    model = strong("gated-pixelcnn-map")
    ways = completions(model, HALF)
    condition = model.painted(
        torch.from_numpy(HALF.values)[None], torch.from_numpy(HALF.known)[None]
    ).expand(len(ways), -1, -1, -1)
    log_p = model.likelihood.log_prob(model.conditionals(ways, condition), model.sites(ways))
    weights = log_p[:, ~torch.from_numpy(HALF.known.ravel())].sum(1).softmax(0)
    exact = (ways * weights[:, None, None, None]).sum(0).numpy()
    shares = found(model, HALF, particles=2000).shares
    np.testing.assert_allclose(shares[:, ~HALF.known], exact[:, ~HALF.known], atol=0.05)


def test_of_many_levels_it_is_the_expected_level():
    model = strong("ardm", (1, 2, 2), levels=4)
    assert isinstance(model, OrderAgnosticModel)
    given = evidence([[3, -1], [-1, -1]])
    x, known = torch.from_numpy(given.values)[None], torch.from_numpy(given.known)[None]
    p = model.predict(x, known)[0, 1].softmax(0)
    assert found(model, given).shares[0, 0, 1] == pytest.approx(
        float((p * torch.arange(4)).sum() / 3), abs=1e-5
    )


def test_it_can_be_interrupted():
    model = strong("gated-pixelcnn")
    assert probability_map(model, HALF, interrupted=lambda: True) is None
