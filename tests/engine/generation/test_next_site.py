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
from studio.engine.generation.changes import Change
from studio.engine.generation.generation import Generation
from studio.engine.generation.guidance import Guided
from studio.engine.generation.next_site import NextSite, Supposed, Why, looked_at
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions
from tests.engine.drawings import picture, rows_known, some_evidence
from tests.engine.shallow import shallow
from tests.models.zoo import NAMES, conditions
from tests.thorough import some_of

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


@pytest.mark.parametrize("name", some_of(NAMES))
def test_what_is_said_to_come_is_what_is_drawn_then(name: str) -> None:
    model = shallow(name, (1, 3, 3), levels=4)
    generation = Generation(model, SamplingOptions(count=2, temperature=0.8, seed=3))
    for _ in range(3):
        seen, position = generation.upcoming(1), generation.position
        assert seen is not None
        site = generation.order[position]
        generation.step()
        drawn = tuple(generation.values.reshape(2, 1, -1)[1, :, site].tolist())
        assert (seen.why, seen.value) == (Why.NOISE, drawn)
        generation.rewind(position)
        again = generation.upcoming(1)
        assert again is not None
        assert (again.value, again.noise) == (drawn, seen.noise), "looked back at, too"
        generation.step()


def test_what_is_set_by_hand_or_given_wins_over_the_noise() -> None:
    model = shallow("pixelcnn", (1, 3, 3), levels=4)
    generation = Generation(model, SamplingOptions(count=2))
    generation.set_changes((Change(1, 0, (3,)),))
    seen, other = generation.upcoming(1), generation.upcoming(0)
    assert seen is not None
    assert other is not None
    assert (seen.why, seen.value, seen.chosen_by(0)) == (Why.BY_HAND, (3,), None)
    assert other.why is Why.NOISE
    evidence = some_evidence(model, rows_known(model, 1))
    generation = Generation(model, SamplingOptions(method="clamp"), evidence)
    generation.step(3)
    seen = generation.upcoming()
    assert seen is not None
    assert (seen.why, seen.value) == (Why.GIVEN, (int(picture(model)[0, 1, 0]),))


def test_where_attempts_compete_no_noise_is_named_before_one_is_chosen() -> None:
    model = shallow("pixelcnn", (1, 3, 3), levels=4)
    evidence = some_evidence(model, rows_known(model, 1))
    generation = Generation(model, SamplingOptions(method="smc", particles=4), evidence)
    seen = generation.upcoming()
    assert seen is not None
    assert (seen.why, seen.noise) == (Why.ATTEMPTS, None)
    generation.step(6)
    seen = generation.upcoming()
    assert seen is not None
    generation.step()
    assert (seen.why, seen.value) == (Why.NOISE, (int(generation.values[0, 0, 2, 0]),))


def test_where_the_most_certain_site_comes_next_it_is_not_said_too_soon() -> None:
    generation = Generation(shallow("ardm", (1, 3, 3), levels=4), SamplingOptions(order=CERTAIN))
    seen = generation.upcoming()
    assert seen is not None
    assert (seen.why, seen.value) == (Why.CERTAIN, None)


def test_a_snapshot_supposes_what_it_is_asked_to() -> None:
    model = shallow("pixelcnn-plus-plus", (3, 3, 3), levels=8)
    generation = Generation(model)
    shown = generation.snapshot(None, False, 0.0, supposed=(7, None, None))
    assert shown.upcoming is not None
    assert shown.upcoming.supposed == (7, None, None)
    assert shown.upcoming.components is not None
    assert generation.snapshot(None, True, 0.0, hurried=True).upcoming.components is None  # type: ignore[union-attr]
    params = model.conditionals(torch.zeros(1, 3, 3, 3, dtype=torch.long), conditions(model, 1))
    values = torch.tensor(shown.upcoming.value)
    expected = model.likelihood.probabilities(params[0, 0], values=values)
    np.testing.assert_allclose(shown.upcoming.sampled, expected, atol=1e-5)
