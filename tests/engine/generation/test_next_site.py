"""The next site looked into: what is sampled from, what the model says, and why a level comes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.likelihoods import (
    Bernoulli,
    Categorical,
    DiscretizedLogisticMixture,
    Likelihood,
    inverse_cdf,
)
from studio.engine.generation.guidance import Guided
from studio.engine.generation.next_site import NextSite, Supposed, looked_at

COLOUR = DiscretizedLogisticMixture(16, 3, 4)
LIKELIHOODS = {
    "two levels": Bernoulli(),
    "two levels of three channels": Bernoulli(3),
    "many levels": Categorical(256),
    "grey mixture": DiscretizedLogisticMixture(16),
    "colour mixture": COLOUR,
    "guided mixture": Guided(COLOUR, 2.0),
}
AS_IT_IS = (1.0, 0, 1.0)
OTHERWISE = (0.5, 3, 0.9)


def params_and_noise(likelihood: Likelihood, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    params = torch.randn(likelihood.parameters, generator=generator)
    return params, torch.rand(likelihood.draws, generator=generator)


def colour(sampling: tuple[float, int, float] = AS_IT_IS, **more: Supposed | bool) -> NextSite:
    params, noise = params_and_noise(COLOUR)
    return looked_at(COLOUR, params, 0, sampling, noise, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("sampling", [AS_IT_IS, OTHERWISE])
@pytest.mark.parametrize("kind", LIKELIHOODS)
def test_the_noise_falls_into_the_level_that_is_drawn(
    kind: str, sampling: tuple[float, int, float]
) -> None:
    likelihood = LIKELIHOODS[kind]
    for seed in range(5):
        params, noise = params_and_noise(likelihood, seed)
        seen = looked_at(likelihood, params, 0, sampling, noise)
        assert seen.value == tuple(likelihood.sample(params, noise, *sampling).tolist())
        for channel, level in enumerate(seen.value):
            low, high = seen.interval(channel, level)
            assert low - 1e-5 <= noise[channel] <= high + 1e-5
            assert seen.chosen_by(channel) == pytest.approx(float(noise[channel]))


def test_what_the_model_says_is_seen_beside_what_is_sampled_from() -> None:
    params, noise = params_and_noise(LIKELIHOODS["many levels"])
    seen = looked_at(LIKELIHOODS["many levels"], params, 0, OTHERWISE, noise)
    assert (seen.sampled > 0).sum() <= 3
    np.testing.assert_allclose(seen.said[0], params.softmax(-1), atol=1e-6)


def test_where_nothing_is_changed_both_are_the_same() -> None:
    seen = colour()
    assert seen.said is seen.sampled


@pytest.mark.parametrize("kind", ["grey mixture", "colour mixture"])
def test_the_weighted_components_sum_to_what_the_model_says(kind: str) -> None:
    params, noise = params_and_noise(LIKELIHOODS[kind])
    seen = looked_at(LIKELIHOODS[kind], params, 0, OTHERWISE, noise)
    assert seen.components is not None
    np.testing.assert_allclose(seen.components.weights.sum(-1), 1, atol=1e-5)
    total = (seen.components.weights[..., None] * seen.components.masses).sum(1)
    np.testing.assert_allclose(total, seen.said, atol=1e-5)


def test_what_takes_long_is_left_out_where_there_is_no_time() -> None:
    seen = colour(hurried=True)
    assert (seen.components, seen.value) == (None, None)


def test_what_is_no_mixture_has_no_components() -> None:
    params, noise = params_and_noise(Bernoulli())
    assert looked_at(Bernoulli(), params, 0, AS_IT_IS, noise).components is None


def test_after_a_supposed_red_green_and_blue_are_as_the_likelihood_has_them() -> None:
    params, noise = params_and_noise(COLOUR)
    before, seen = colour(OTHERWISE), colour(OTHERWISE, supposed=(13, None, None))
    values = torch.tensor([13, 0, 0])
    green = COLOUR.probabilities(params, *OTHERWISE, values=values)[1]
    values[1] = inverse_cdf(green, noise[1])
    blue = COLOUR.probabilities(params, *OTHERWISE, values=values)[2]
    values[2] = inverse_cdf(blue, noise[2])
    assert seen.value == tuple(values.tolist())
    np.testing.assert_allclose(seen.sampled[1:], torch.stack([green, blue]), atol=1e-6)
    assert not np.allclose(seen.sampled[1:], before.sampled[1:], atol=0.05), "red matters"
    np.testing.assert_array_equal(seen.sampled[0], before.sampled[0])


def test_a_level_that_is_supposed_comes_from_no_noise() -> None:
    seen = colour(supposed=(None, 5, None))
    assert seen.value is not None
    assert seen.value[1] == 5
    assert seen.chosen_by(1) is None
    assert seen.chosen_by(0) is not None


def test_without_noise_the_channels_are_after_the_most_probable_levels() -> None:
    params, _ = params_and_noise(COLOUR)
    seen = looked_at(COLOUR, params, 0, AS_IT_IS)
    assert seen.value is None
    np.testing.assert_allclose(seen.sampled, COLOUR.probabilities(params), atol=1e-6)
