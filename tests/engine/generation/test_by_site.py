"""Site by site: the same pictures as a plain loop and as the naive loop, and nothing waits for the
device."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.generation.generation import Generation
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn, naive_loop, plain_loop, rows_known, some_evidence
from tests.engine.generation.test_generation import KINDS
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT


@pytest.mark.parametrize("name", DIFFERENT)
@pytest.mark.parametrize(("shape", "levels"), [((1, 7, 6), 2), ((3, 5, 4), 4)])
def test_it_draws_what_a_plain_loop_and_a_naive_loop_draw(name, shape, levels):
    model = shallow(name, shape, levels)
    noise = noise_for(model, 3, seed=7)
    pictures = drawn(Generation(model, SamplingOptions(count=3, seed=7)))
    assert pictures.dtype == np.uint8
    assert pictures.shape == (3, *model.spec.shape)
    np.testing.assert_array_equal(pictures, plain_loop(model, noise))
    np.testing.assert_array_equal(pictures, naive_loop(model, noise))


def test_it_stops_between_two_sites_when_asked_to(model):
    asked = iter([False] * 10 + [True] * 5)
    generation = Generation(model, SamplingOptions(count=2))
    assert generation.step(40, lambda: next(asked)) == 10
    np.testing.assert_array_equal(
        drawn(generation), drawn(Generation(model, SamplingOptions(count=2)))
    )


@pytest.mark.parametrize("name", KINDS)
def test_nothing_in_the_loop_waits_for_the_device(name):
    """On the meta device there are no values: to ask for one, or to bring in a tensor from
    elsewhere, is an error. What a stepper does there is proved of every model in tests/models."""
    model = shallow(name, (1, 5, 3)).to("meta")
    model.register_buffer("order", torch.arange(15), persistent=False)
    options = SamplingOptions(count=2, temperature=0.7, top_k=1, top_p=0.9)
    generation = Generation(model, options, some_evidence(model, rows_known(model, 0, 2)))
    generation.step(8)
    generation.set_options(SamplingOptions(count=2))
    generation.step(4)
    assert generation.position == generation.length
