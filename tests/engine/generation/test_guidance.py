"""Class guidance: one batch does what two steppers do, and figures are always without it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from models.likelihoods import inverse_cdf
from studio.engine.generation.generation import Generation
from studio.engine.generation.guidance import Guided, guidance_of
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn, next_levels, rows_known, some_evidence
from tests.models.zoo import small

STRENGTH = 1.5


@pytest.fixture(params=["gated-pixelcnn-class", "ardm-class"])
def model(request: pytest.FixtureRequest) -> AutoregressiveModel:
    narrow: dict[str, Any] = {"width": 8, "blocks": (1, 1, 1)}
    if request.param != "ardm-class":
        narrow = {"width": 8, "head": 8, "dilations": (1, 1)}
    model = small(request.param, (1, 5, 4), levels=3, **narrow)
    for name, p in model.named_parameters():
        if "class" in name:
            p.data.mul_(20)  # untrained, the classes hardly differ
    return model


def guided(**options: Any) -> SamplingOptions:
    return SamplingOptions(**{"count": 2, "condition": 4, "guidance": STRENGTH, **options})


@torch.inference_mode()
def by_two_steppers(model: AutoregressiveModel, count: int) -> np.ndarray:
    """Logits with the class, pushed away from those without."""
    with_class = model.stepper(count, torch.full((count,), 4))
    without = model.stepper(count, torch.full((count,), -1))
    noise = noise_for(model, count, 0)
    x = torch.zeros(count, 1, 20, dtype=torch.long)
    for site in model.order.tolist():
        a, b = (
            model.likelihood.logits(each.conditional()).log_softmax(-1)
            for each in (with_class, without)
        )
        p = ((1 + STRENGTH) * a - STRENGTH * b).softmax(-1)
        values = inverse_cdf(p, noise[:, site])
        for each in (with_class, without):
            each.commit(values)
        x[:, :, site] = values
    return x.unflatten(2, model.spec.space).numpy()


def test_one_batch_draws_what_two_steppers_draw(model: AutoregressiveModel) -> None:
    pictures = drawn(Generation(model, guided(count=8)))
    np.testing.assert_array_equal(pictures, by_two_steppers(model, 8))
    assert not np.array_equal(pictures, drawn(Generation(model, guided(count=8, guidance=0.0))))


def test_guidance_0_and_guidance_without_a_class_change_nothing(
    model: AutoregressiveModel,
) -> None:
    assert guidance_of(model, guided(guidance=2.0)) == 2
    assert guidance_of(model, guided(guidance=0.0)) == 0
    assert guidance_of(model, guided(condition=None)) == 0
    np.testing.assert_array_equal(
        drawn(Generation(model, guided(condition=None))),
        drawn(Generation(model, guided(condition=None, guidance=0.0))),
    )


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_nats_are_always_the_plain_models(model: AutoregressiveModel, temperature: float) -> None:
    generation = Generation(model, guided(temperature=temperature))
    picture = torch.from_numpy(drawn(generation))
    plain = -model.log_prob(picture, torch.full((2,), 4))
    np.testing.assert_allclose(generation.nats.sum(1), plain, rtol=1e-4)


def test_gone_back_it_is_drawn_again_as_it_was(model: AutoregressiveModel) -> None:
    evidence = some_evidence(model, rows_known(model, 1, 3))
    generation = Generation(model, guided(), evidence)
    whole = drawn(generation)
    generation.rewind(9)
    before = next_levels(generation)
    generation.set_options(guided(temperature=0.5))
    assert next_levels(generation).max() > before.max(), "it is surer"
    generation.set_options(guided())
    np.testing.assert_allclose(next_levels(generation), before, atol=1e-5)
    np.testing.assert_array_equal(drawn(generation), whole)


def test_other_guidance_begins_anew(model: AutoregressiveModel) -> None:
    generation = Generation(model, guided())
    drawn(generation)
    generation.set_options(guided(guidance=3.0))
    assert generation.position == 0
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, guided(guidance=3.0))))


@pytest.mark.parametrize("method", ["smc", "smc-refined"])
def test_particles_can_be_guided(method: str) -> None:
    model = small("gated-pixelcnn-class", (1, 5, 4), width=8, head=8, dilations=(1, 1))
    evidence = some_evidence(model, rows_known(model, 2))
    generation = Generation(model, guided(method=method, sweeps=1), evidence)
    picture = torch.from_numpy(drawn(generation))
    free = np.repeat([True, True, False, True, True], 4)
    params = model.conditionals(picture, torch.full((2,), 4))
    plain = -model.likelihood.log_prob(params, model.sites(picture)).numpy()
    np.testing.assert_allclose(generation.nats, np.where(free, plain, 0), atol=1e-4)


def test_the_channels_of_a_site_follow_one_another_under_guidance_too() -> None:
    model = small("pixelcnn-plus-plus", (3, 4, 4), levels=8)
    likelihood = Guided(model.likelihood, STRENGTH)
    generator = torch.Generator().manual_seed(0)
    params = torch.randn(1, likelihood.parameters, generator=generator).expand(4000, -1)
    values = likelihood.sample(params, torch.rand(4000, likelihood.draws, generator=generator))
    blue = values[:, 2][(values[:, 0] == values[0, 0]) & (values[:, 1] == values[0, 1])]
    p = likelihood.probabilities(params[:1], values=values[:1])[0, 2]
    found = torch.bincount(blue, minlength=8) / len(blue)
    assert len(blue) > 30
    assert (found - p).abs().max() < 4 / len(blue) ** 0.5
