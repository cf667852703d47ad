"""Likelihoods: proper distributions whose samples follow them, whatever the parameters."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from models.likelihoods import Bernoulli, Categorical, Likelihood, for_levels, inverse_cdf, truncated_softmax

LIKELIHOODS = {
    "bernoulli": (Bernoulli(), torch.tensor([0.7])),
    "bernoulli of 3 channels": (Bernoulli(3), torch.tensor([0.7, -2.0, 0.0])),
    "categorical": (Categorical(5), torch.tensor([0.1, -1.0, 2.0, 0.4, -0.3])),
    "categorical of 2 channels": (Categorical(3, 2), torch.tensor([0.0, 1.0, -1.0, 2.0, 0.5, 0.0])),
}
# 0.999 quantiles of the chi-square distribution by degrees of freedom (a table; scipy is no dependency)
CHI_SQUARE = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47}


@pytest.mark.parametrize("kind", LIKELIHOODS)
@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.8}, {"top_k": 2, "top_p": 0.6}])
def test_samples_follow_the_probabilities(kind: str, settings: dict[str, float]) -> None:
    likelihood, params = LIKELIHOODS[kind]
    draws = 20_000
    noise = torch.rand(draws, likelihood.draws, generator=torch.Generator().manual_seed(3))
    values = likelihood.sample(params.expand(draws, -1), noise, **settings)  # type: ignore[arg-type]
    assert values.shape == (draws, likelihood.channels)
    assert values.dtype == torch.int64
    probabilities = likelihood.probabilities(params, **settings)  # type: ignore[arg-type]
    for channel in range(likelihood.channels):
        counts = torch.bincount(values[:, channel], minlength=likelihood.levels).double()
        expected = probabilities[channel].double() * draws
        possible = expected > 0
        assert counts[~possible].sum() == 0
        if possible.sum() > 1:
            statistic = ((counts - expected)[possible].square() / expected[possible]).sum()
            assert statistic < CHI_SQUARE[int(possible.sum()) - 1]


@pytest.mark.parametrize("likelihood", [Bernoulli(2), Categorical(2), Categorical(256, 3)], ids=["2", "2 of 2", "256 of 3"])
@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 80.0, 1e4])
def test_the_probabilities_of_all_levels_sum_to_one_however_large_the_parameters(likelihood: Likelihood, size: float) -> None:
    params = torch.randn(50, likelihood.parameters, generator=torch.Generator().manual_seed(1)) * size
    probabilities = likelihood.probabilities(params)
    assert probabilities.shape == (50, likelihood.channels, likelihood.levels)
    torch.testing.assert_close(probabilities.sum(-1), torch.ones(50, likelihood.channels), rtol=0, atol=1e-5)
    assert likelihood.entropy(params).isfinite().all()


@pytest.mark.parametrize("kind", LIKELIHOODS)
def test_log_prob_and_entropy_are_those_of_the_probabilities(kind: str) -> None:
    likelihood, params = LIKELIHOODS[kind]
    p = likelihood.probabilities(params)
    for level in range(likelihood.levels):
        values = torch.full((likelihood.channels,), level)
        torch.testing.assert_close(likelihood.log_prob(params, values), p[:, level].log().sum())
    torch.testing.assert_close(likelihood.entropy(params), -(p * p.log()).sum())


def test_bernoulli_and_a_categorical_of_two_levels_are_the_same_and_take_the_same_values_from_the_same_noise() -> None:
    logits = torch.linspace(-6, 6, 101)[:, None]
    two = torch.cat([torch.zeros_like(logits), logits], 1)
    noise = torch.rand(101, 1, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(Bernoulli().probabilities(logits), Categorical(2).probabilities(two))
    assert torch.equal(Bernoulli().sample(logits, noise), Categorical(2).sample(two, noise))


def test_the_usual_likelihood_depends_on_the_levels() -> None:
    assert isinstance(for_levels(2), Bernoulli)
    assert isinstance(for_levels(3), Categorical)


@pytest.mark.parametrize("noise", [0.0, 0.5, 1 - 2**-24])
def test_a_level_of_probability_zero_is_never_drawn(noise: float) -> None:
    p = torch.tensor([0.0, 0.25, 0.0, 0.75, 0.0])
    assert inverse_cdf(p, torch.tensor(noise)).item() in (1, 3)


def test_temperature_zero_takes_the_most_probable_level() -> None:
    logits = torch.tensor([[0.1, 3.0, 2.9], [5.0, -1.0, 0.0]])
    assert truncated_softmax(logits, temperature=0).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert Bernoulli().sample(torch.tensor([[0.1], [-0.1]]), torch.rand(2, 1), temperature=0).tolist() == [[1], [0]]


def test_top_k_keeps_the_k_most_probable_levels_even_where_they_tie() -> None:
    p = truncated_softmax(torch.tensor([1.0, 1.0, 1.0, 0.0]), top_k=2)
    assert (p > 0).sum() == 2
    assert p.sum().item() == pytest.approx(1)


def test_top_p_keeps_the_smallest_set_that_reaches_it_and_always_the_first() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    assert (truncated_softmax(logits, top_p=0.6) > 0).tolist() == [True, True, False, False]
    assert truncated_softmax(logits, top_p=1e-9).tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(-1, 0, 1), (1, -1, 1), (1, 0, 0), (1, 0, 1.1), (1, 0, math.nan)]
)
def test_settings_out_of_range_are_refused(temperature: float, top_k: int, top_p: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        truncated_softmax(torch.zeros(3), temperature, top_k, top_p)


def test_noise_decides_alone() -> None:
    params: Tensor = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
    noise = torch.rand(64, 1, generator=torch.Generator().manual_seed(1))
    first = Categorical(8).sample(params, noise)
    torch.manual_seed(99)
    assert torch.equal(Categorical(8).sample(params, noise), first)
