"""Generation: the same pictures as a plain loop, the same
noise after every way of going back, and honest figures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn, plain_loop
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT, small

# One of each kind that a generation treats in its own way: of any order, without a condition, with
# a class or a painting, with a mixture for its likelihood, with an order of its own.
KINDS = [
    "made-any-order",
    "pixelcnn",
    "gated-pixelcnn-class",
    "gated-pixelcnn-map",
    "pixelcnn-plus-plus",
    "pixelsnail-zigzag",
]


@pytest.fixture
def model() -> AutoregressiveModel:
    return shallow("pixelcnn", levels=4)


def test_a_picture_is_the_same_however_many_are_drawn_beside_it(model):
    np.testing.assert_array_equal(
        drawn(Generation(model, SamplingOptions(count=4)))[:1],
        drawn(Generation(model, SamplingOptions())),
    )


def test_it_draws_the_class_that_was_asked_for():
    model = small("gated-pixelcnn-class")
    model.get_parameter("class_bias").mul_(30)  # untrained, the classes hardly differ
    noise = noise_for(model, 4, seed=0)
    pictures = [
        drawn(Generation(model, SamplingOptions(count=4, condition=c))) for c in (None, 0, 9)
    ]
    for condition, picture in zip((-1, 0, 9), pictures, strict=True):
        np.testing.assert_array_equal(
            picture, plain_loop(model, noise, torch.full((4,), condition))
        )
    assert not np.array_equal(pictures[1], pictures[2])


def test_steps_can_be_of_any_size(model):
    whole = drawn(Generation(model))
    generation = Generation(model)
    assert [generation.step(n) for n in (1, 5, 30, 30, 1)] == [1, 5, 30, 6, 0]
    np.testing.assert_array_equal(generation.values, whole)


def test_going_back_shows_less_and_going_on_shows_the_same_again(model, monkeypatch):
    generation = Generation(model, SamplingOptions(count=2))
    whole = drawn(generation)
    monkeypatch.setattr(
        generation, "_draw", lambda *_: pytest.fail("what is on record was computed again")
    )
    generation.rewind(11)
    assert (generation.position, generation.recorded) == (11, 42)
    assert not generation.values.reshape(2, -1)[:, 11:].any()
    generation.step(20)
    np.testing.assert_array_equal(
        generation.values.reshape(2, -1)[:, :31], whole.reshape(2, -1)[:, :31]
    )
    generation.rewind(99)
    np.testing.assert_array_equal(generation.values, whole)


@pytest.mark.parametrize("name", DIFFERENT)
def test_drawn_again_after_a_restart_it_comes_out_the_same(name):
    generation = Generation(shallow(name), SamplingOptions(count=2))
    whole = drawn(generation)
    generation.restart()
    assert (generation.position, generation.recorded) == (0, 0)
    np.testing.assert_array_equal(drawn(generation), whole)


@pytest.mark.parametrize("name", DIFFERENT)
def test_another_temperature_counts_from_where_it_stands(name):
    model = shallow(name, levels=4)
    generation = Generation(model, SamplingOptions(count=2))
    whole = drawn(generation)
    generation.rewind(25)
    generation.set_options(SamplingOptions(count=2, temperature=0.0))
    assert generation.recorded == 25
    cold = drawn(generation)
    before = model.order[:25].numpy()
    np.testing.assert_array_equal(cold.reshape(2, -1)[:, before], whole.reshape(2, -1)[:, before])
    assert not np.array_equal(cold, whole)
    generation.rewind(25)
    generation.set_options(SamplingOptions(count=2))
    np.testing.assert_array_equal(drawn(generation), whole)


def test_the_most_probable_level_is_what_top_1_and_temperature_0_choose(model):
    np.testing.assert_array_equal(
        drawn(Generation(model, SamplingOptions(top_k=1))),
        drawn(Generation(model, SamplingOptions(temperature=0.0))),
    )


@pytest.mark.parametrize("changed", [{"seed": 9}, {"count": 3}, {"condition": 2}])
def test_another_seed_count_or_class_begins_anew(changed):
    model = shallow("gated-pixelcnn-class")
    generation = Generation(model, SamplingOptions(count=2))
    generation.step(30)
    generation.set_options(SamplingOptions(**{"count": 2, **changed}))
    assert generation.position == 0
    np.testing.assert_array_equal(
        drawn(generation), drawn(Generation(model, SamplingOptions(**{"count": 2, **changed})))
    )
