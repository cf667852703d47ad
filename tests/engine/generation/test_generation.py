"""Generation: the same pictures as a plain loop, the same
noise after every way of going back, and honest figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation, noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn, next_levels, plain_loop, rows_known, some_evidence
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


@torch.inference_mode()
def naive_loop(model: AutoregressiveModel, noise: Tensor) -> np.ndarray:
    x = torch.zeros(len(noise), model.spec.channels, *model.spec.space, dtype=torch.long)
    for i, site in enumerate(model.order.tolist()):
        x.flatten(2)[:, :, site] = model.likelihood.sample(
            model.conditionals(x)[:, i], noise[:, site]
        )
    return x.numpy()


@pytest.fixture
def model() -> AutoregressiveModel:
    return shallow("pixelcnn", levels=4)


def test_noise_depends_on_the_seed_and_not_on_the_count(model):
    noise = noise_for(model, 5, seed=3)
    assert noise.shape == (5, 42, 1)
    assert noise.dtype == torch.float32
    assert 0 <= noise.min() <= noise.max() < 1
    assert torch.equal(noise[:2], noise_for(model, 2, seed=3))
    assert not torch.equal(noise, noise_for(model, 5, seed=4))
    assert noise.unique().numel() > 200


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


def test_what_is_not_drawn_yet_is_zero(model):
    whole, generation = drawn(Generation(model)), Generation(model)
    generation.step(20)
    np.testing.assert_array_equal(generation.values.reshape(-1)[:20], whole.reshape(-1)[:20])
    assert not generation.values.reshape(-1)[20:].any()


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


@pytest.mark.parametrize("name", DIFFERENT)
def test_nats_and_entropies_are_those_of_the_whole_picture(name):
    model = shallow(name, (2, 5, 4), levels=4)
    generation = Generation(model, SamplingOptions(count=3))
    x = torch.from_numpy(drawn(generation))
    params = model.conditionals(x)
    np.testing.assert_allclose(-generation.nats.sum(1), model.log_prob(x), rtol=1e-4)
    np.testing.assert_allclose(generation.entropies, model.likelihood.entropy(params), atol=1e-4)
    generation.rewind(7)
    assert not generation.nats[:, 7:].any()
    assert np.isnan(generation.entropies[:, 7:]).all()


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_next_site_has_the_same_distribution_at_the_end_of_the_record_and_looking_back(name):
    generation = Generation(shallow(name, levels=4), SamplingOptions(count=2, temperature=0.8))
    generation.step(20)
    ahead = [next_levels(generation, row) for row in (0, 1)]
    drawn(generation)
    generation.rewind(20)
    for row in (0, 1):
        assert ahead[row].shape == (1, 4)
        assert math.isclose(ahead[row].sum(), 1, rel_tol=1e-5)
        np.testing.assert_allclose(next_levels(generation, row), ahead[row], atol=1e-5)


def test_the_next_site_has_the_distribution_that_it_is_drawn_from(model):
    generation = Generation(model, SamplingOptions(temperature=0.0))
    generation.step(8)
    probabilities = next_levels(generation)
    assert sorted(probabilities[0]) == [0, 0, 0, 1]
    generation.step()
    assert generation.values.reshape(-1)[8] == probabilities[0].argmax()


def test_looking_at_the_next_site_changes_nothing(model):
    generation = Generation(model)
    while generation.position < generation.length:
        generation.next_probabilities()
        generation.step(5)
    np.testing.assert_array_equal(generation.values, drawn(Generation(model)))


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


def test_of_a_chosen_picture_a_moment_tells_what_is_its_own() -> None:
    model = shallow("pixelcnn", levels=4)
    generation = Generation(model, SamplingOptions(count=3))
    generation.step(20)
    seen, mean = (generation.snapshot(None, False, 0.0, chosen) for chosen in (2, None))
    assert (seen.shown, mean.shown) == (2, 0)
    np.testing.assert_array_equal(seen.probabilities, generation.next_probabilities(2))
    np.testing.assert_array_equal(seen.entropies, generation.entropies[2])
    assert seen.nats_so_far == pytest.approx(generation.nats[2].sum(), rel=1e-5)
    assert mean.nats_so_far == pytest.approx(generation.nats.sum(1).mean(), rel=1e-5)
    assert generation.snapshot(None, False, 0.0, 3).chosen is None, "it is gone"
