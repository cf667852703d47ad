"""Generation: the same pictures as a plain loop, the same noise after every way of going back, and
honest figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models import orders
from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation, SamplingOptions, noise_for
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import PICTURES, small

# One of each kind that a generation treats in its own way: of any order, told nothing, a class or
# a painting, with a mixture for its likelihood, with an order of its own.
KINDS = [
    "made-any-order",
    "pixelcnn",
    "gated-pixelcnn-class",
    "gated-pixelcnn-map",
    "pixelcnn-plus-plus",
    "pixelsnail-zigzag",
]


def drawn(generation: Generation) -> np.ndarray:
    """The finished pictures."""
    generation.step(generation.length)
    assert generation.position == generation.length
    return generation.values


@torch.inference_mode()
def plain_loop(
    model: AutoregressiveModel, noise: Tensor, condition: Tensor | None = None
) -> np.ndarray:
    stepper = model.stepper(len(noise), condition)
    x = torch.zeros(len(noise), model.spec.channels, len(model.order), dtype=torch.long)
    for site in model.order.tolist():
        values = model.likelihood.sample(stepper.conditional(), noise[:, site])
        stepper.commit(values)
        x[:, :, site] = values
    return x.unflatten(2, model.spec.space).numpy()


@torch.inference_mode()
def naive_loop(model: AutoregressiveModel, noise: Tensor) -> np.ndarray:
    x = torch.zeros(len(noise), model.spec.channels, *model.spec.space, dtype=torch.long)
    for i, site in enumerate(model.order.tolist()):
        x.flatten(2)[:, :, site] = model.likelihood.sample(
            model.conditionals(x)[:, i], noise[:, site]
        )
    return x.numpy()


def told(generation: Generation, row: int = 0) -> np.ndarray:
    """The distribution of the next site."""
    probabilities = generation.next_probabilities(row)
    assert probabilities is not None
    return probabilities


def some_evidence(model: AutoregressiveModel, known: np.ndarray, seed: int = 5) -> Evidence:
    shape = (model.spec.channels, *model.spec.space)
    return Evidence(
        np.random.default_rng(seed).integers(0, model.spec.levels, shape).astype(np.uint8), known
    )


def rows_known(model: AutoregressiveModel, *rows: int) -> np.ndarray:
    known = np.zeros(model.spec.space, bool)
    known[list(rows)] = True
    return known


def ranks_known(model: AutoregressiveModel, *ranges: range) -> np.ndarray:
    """The sites that come at these places in the model's order."""
    known = np.zeros(model.spec.space, bool)
    for ranks in ranges:
        known.reshape(-1)[model.order[list(ranks)].numpy()] = True
    return known


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4)


def test_noise_depends_on_the_seed_and_not_on_the_count(model):
    noise = noise_for(model, 5, seed=3)
    assert noise.shape == (5, 42, 1)
    assert noise.dtype == torch.float32
    assert 0 <= noise.min() <= noise.max() < 1
    assert torch.equal(noise[:2], noise_for(model, 2, seed=3))
    assert not torch.equal(noise, noise_for(model, 5, seed=4))
    assert noise.unique().numel() > 200


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize(("shape", "levels"), [((1, 7, 6), 2), ((3, 5, 4), 4)])
def test_it_draws_what_a_plain_loop_and_a_naive_loop_draw(name, shape, levels):
    model = small(name, shape, levels)
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


@pytest.mark.parametrize("name", PICTURES)
def test_drawn_again_after_a_restart_it_comes_out_the_same(name):
    generation = Generation(small(name), SamplingOptions(count=2))
    whole = drawn(generation)
    generation.restart()
    assert (generation.position, generation.recorded) == (0, 0)
    np.testing.assert_array_equal(drawn(generation), whole)


@pytest.mark.parametrize("name", PICTURES)
def test_another_temperature_counts_from_where_it_stands(name):
    model = small(name, levels=4)
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
    model = small("gated-pixelcnn-class")
    generation = Generation(model, SamplingOptions(count=2))
    generation.step(30)
    generation.set_options(SamplingOptions(**{"count": 2, **changed}))
    assert generation.position == 0
    np.testing.assert_array_equal(
        drawn(generation), drawn(Generation(model, SamplingOptions(**{"count": 2, **changed})))
    )


@pytest.mark.parametrize("name", PICTURES)
def test_given_its_own_first_sites_a_model_goes_on_as_it_did(name):
    """The given sites are taken in one parallel pass; the noise of the rest is the same."""
    model = small(name)
    whole = drawn(Generation(model, SamplingOptions(seed=3)))
    generation = Generation(
        model, SamplingOptions(seed=3), Evidence(whole[0], ranks_known(model, range(18)))
    )
    assert (generation.start, generation.position) == (18, 18)
    np.testing.assert_array_equal(drawn(generation), whole)


@pytest.mark.parametrize("name", PICTURES)
def test_evidence_keeps_its_values_wherever_it_lies(name):
    model = small(name, levels=4)
    evidence = some_evidence(model, np.random.default_rng(0).random(model.spec.space) < 0.4)
    generation = Generation(model, SamplingOptions(count=2), evidence)
    for position in (0, 13, 42):
        generation.step(position - generation.position)
        for picture in generation.values:
            np.testing.assert_array_equal(
                picture[:, evidence.known], evidence.values[:, evidence.known]
            )


@pytest.mark.parametrize("name", PICTURES)
def test_an_edit_goes_back_to_the_first_site_that_it_bears_on_and_no_further(name):
    model = small(name, levels=4)
    first = some_evidence(model, ranks_known(model, range(6), range(24, 30)))
    second = some_evidence(model, ranks_known(model, range(6), range(24, 36)))
    generation = Generation(model, SamplingOptions(count=2), first)
    drawn(generation)
    generation.edit(second)
    # Row 5, at six columns, is what changed: a model that is told of it begins again; one of any
    # order begins again behind all three rows, which it is given.
    expected = generation.start if model.takes_painting else 18 if model.any_order else 30
    assert (generation.position, generation.recorded) == (expected, expected)
    np.testing.assert_array_equal(
        drawn(generation), drawn(Generation(model, SamplingOptions(count=2), second))
    )


def test_a_model_that_is_told_what_is_given_draws_with_it_in_view_from_the_first_site_on():
    model = small("gated-pixelcnn-map", levels=4)
    evidence = some_evidence(model, rows_known(model, 6))  # the last row
    x, known = torch.from_numpy(evidence.values)[None], torch.from_numpy(evidence.known)[None]
    expected = plain_loop(
        model, noise_for(model, 3, 0), model.painted(x, known).expand(3, -1, -1, -1)
    )
    pictures = drawn(Generation(model, SamplingOptions(count=3), evidence))
    np.testing.assert_array_equal(pictures[:, :, :6], expected[:, :, :6])
    np.testing.assert_array_equal(pictures[:, :, 6], evidence.values[None, :, 6].repeat(3, 0))
    assert not np.array_equal(
        pictures, drawn(Generation(model, SamplingOptions(count=3, method="clamp")))
    )


def test_every_edit_ends_where_a_fresh_start_with_that_evidence_would(model):
    random, generation = np.random.default_rng(1), Generation(model, SamplingOptions(count=2))
    for _ in range(25):
        share = random.choice([0.0, 0.1, 0.9, 1.0])
        known = random.random(model.spec.space) < share
        known[: random.integers(0, 4)] = True
        evidence = some_evidence(model, known, seed=int(random.integers(3)))
        generation.step(int(random.integers(0, 43)))
        generation.rewind(int(random.integers(0, 43)))
        generation.edit(evidence)
        if random.random() < 0.5:
            np.testing.assert_array_equal(
                drawn(generation), drawn(Generation(model, SamplingOptions(count=2), evidence))
            )


def test_an_edit_of_what_is_not_reached_yet_takes_nothing_back(model):
    generation = Generation(model)
    generation.step(10)
    generation.edit(some_evidence(model, rows_known(model, 5)))
    assert (generation.position, generation.recorded) == (10, 10)
    generation.edit(None)
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model)))


def test_the_same_evidence_again_takes_nothing_back(model):
    evidence = some_evidence(model, rows_known(model, 2))
    generation = Generation(model, SamplingOptions(), evidence)
    drawn(generation)
    generation.edit(Evidence(evidence.values.copy(), evidence.known.copy()))
    assert generation.position == generation.length


def test_a_finished_picture_needs_no_drawing(model):
    evidence = some_evidence(model, np.ones(model.spec.space, bool))
    generation = Generation(model, SamplingOptions(method="particles"), evidence)
    assert (generation.position, generation.step(5)) == (42, 0)
    assert generation.next_probabilities() is None
    np.testing.assert_array_equal(generation.values[0], evidence.values)


def test_a_model_of_any_order_takes_the_evidence_first():
    model = small("made-any-order")
    evidence = some_evidence(model, rows_known(model, 5, 6))
    generation = Generation(model, SamplingOptions(), evidence)
    assert generation.start == 12
    assert generation.order[:12].tolist() == list(range(30, 42))
    np.testing.assert_array_equal(
        drawn(generation)[0][:, evidence.known], evidence.values[:, evidence.known]
    )
    assert np.allclose(
        -generation.nats.sum(), joint(model, generation) - joint(model, generation, 12), atol=1e-3
    )


def joint(model: AutoregressiveModel, generation: Generation, sites: int | None = None) -> float:
    """log p of the first sites, in the order that the generation followed."""
    x, order = torch.from_numpy(generation.values), torch.from_numpy(generation.order)
    params = model.conditionals(x, None, order)
    return model.likelihood.log_prob(params, model.sites(x, order))[0, :sites].sum().item()


def test_a_model_of_any_order_follows_the_one_that_was_asked_for():
    model = small("made-any-order")
    backwards = tuple(range(41, -1, -1))
    generation = Generation(model, SamplingOptions(order=backwards))
    generation.step(6)
    assert generation.order.tolist() == list(backwards)
    assert not generation.values[0, 0, :6].any()
    drawn(generation)
    assert np.allclose(-generation.nats.sum(), joint(model, generation), atol=1e-3)


@pytest.mark.parametrize("name", orders.NAMES)
def test_an_order_can_be_asked_for_by_name_and_the_random_one_comes_from_the_seed(name):
    model = small("made-any-order")
    generation = Generation(model, SamplingOptions(order=name, seed=5))
    assert generation.order.tolist() == orders.named(name, 7, 6, seed=5).tolist()
    generation.set_options(SamplingOptions(order=name, seed=6))
    assert (generation.order.tolist() == orders.named(name, 7, 6, seed=5).tolist()) == (
        name != "random"
    )


def test_a_model_with_one_order_may_be_told_its_name_and_no_other():
    Generation(small("pixelcnn"), SamplingOptions(order="raster"))
    with pytest.raises(StudioError, match="own order"):
        Generation(small("pixelcnn"), SamplingOptions(order="spiral"))
    with pytest.raises(StudioError, match="there are raster"):
        Generation(small("made-any-order"), SamplingOptions(order="backwards"))


@pytest.mark.parametrize("name", PICTURES)
def test_nats_and_entropies_are_those_of_the_whole_picture(name):
    model = small(name, (2, 5, 4), levels=4)
    generation = Generation(model, SamplingOptions(count=3))
    x = torch.from_numpy(drawn(generation))
    params = model.conditionals(x)
    np.testing.assert_allclose(-generation.nats.sum(1), model.log_prob(x), rtol=1e-4)
    np.testing.assert_allclose(generation.entropies, model.likelihood.entropy(params), atol=1e-4)
    generation.rewind(7)
    assert not generation.nats[:, 7:].any()
    assert np.isnan(generation.entropies[:, 7:]).all()


def test_what_is_given_costs_nothing(model):
    generation = Generation(
        model, SamplingOptions(count=2), some_evidence(model, rows_known(model, 0, 3))
    )
    x = torch.from_numpy(drawn(generation))
    exact = -model.likelihood.log_prob(model.conditionals(x), model.sites(x)).numpy()
    given = np.repeat([True, False, False, True, False, False, False], 6)
    np.testing.assert_allclose(generation.nats, np.where(given, 0, exact), atol=1e-4)
    assert np.isnan(generation.entropies[:, given]).all()
    assert not np.isnan(generation.entropies[:, ~given]).any()


@pytest.mark.parametrize("name", PICTURES)
def test_the_next_site_is_told_alike_at_the_end_of_the_record_and_looking_back(name):
    generation = Generation(small(name, levels=4), SamplingOptions(count=2, temperature=0.8))
    generation.step(20)
    ahead = [told(generation, row) for row in (0, 1)]
    drawn(generation)
    generation.rewind(20)
    for row in (0, 1):
        assert ahead[row].shape == (1, 4)
        assert math.isclose(ahead[row].sum(), 1, rel_tol=1e-5)
        np.testing.assert_allclose(told(generation, row), ahead[row], atol=1e-5)


def test_the_next_site_is_told_as_it_will_be_drawn(model):
    generation = Generation(model, SamplingOptions(temperature=0.0))
    generation.step(8)
    probabilities = told(generation)
    assert sorted(probabilities[0]) == [0, 0, 0, 1]
    generation.step()
    assert generation.values.reshape(-1)[8] == probabilities[0].argmax()


def test_looking_at_the_next_site_changes_nothing(model):
    generation = Generation(model)
    while generation.position < generation.length:
        generation.next_probabilities()
        generation.step(5)
    np.testing.assert_array_equal(generation.values, drawn(Generation(model)))


def test_it_stops_between_two_sites_when_told_to(model):
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
    model = small(name, (1, 5, 3)).to("meta")
    model.register_buffer("order", torch.arange(15), persistent=False)
    options = SamplingOptions(count=2, temperature=0.7, top_k=1, top_p=0.9)
    generation = Generation(model, options, some_evidence(model, rows_known(model, 0, 2)))
    generation.step(8)
    generation.set_options(SamplingOptions(count=2))
    generation.step(4)
    assert generation.position == generation.length


def test_how_much_of_what_comes_is_given(model):
    generation = Generation(
        model, SamplingOptions(), some_evidence(model, rows_known(model, 0, 2, 3))
    )
    assert (generation.position, generation.given_ahead()) == (6, 0)
    generation.step(6)
    assert generation.given_ahead() == 12


def bad(sentence: str, **options: Any) -> Any:
    return pytest.param(options, sentence, id="-".join(options))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        bad("At least one picture", count=0),
        bad("seed -1 is out of range", seed=-1),
        bad("temperature is a number from 0 up", temperature=-0.5),
        bad("Top-k", top_k=-1),
        bad("Top-p", top_p=0.0),
        bad("takes no class", condition=3),
        bad('no method "magic"', method="magic"),
        bad("names each of the 42 sites", order=(0, 0, 1)),
        bad("in its own order only", order=tuple(range(41, -1, -1))),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_a_sentence(model, options, sentence):
    with pytest.raises(StudioError, match=sentence):
        Generation(model, SamplingOptions(**options))
    generation = Generation(model)
    generation.step(5)
    with pytest.raises(StudioError, match=sentence):
        generation.set_options(SamplingOptions(**options))
    assert (generation.position, generation.options) == (5, SamplingOptions())


def test_a_class_that_the_model_does_not_have_is_refused():
    with pytest.raises(StudioError, match="no class 10: classes go from 0 to 9"):
        Generation(small("gated-pixelcnn-class"), SamplingOptions(condition=10))


def test_evidence_that_does_not_fit_is_refused_before_anything_changes(model):
    evidence = Evidence(np.full((1, 7, 6), 4, np.uint8), np.ones((7, 6), bool))
    with pytest.raises(StudioError, match="a level 4"):
        Generation(model, SamplingOptions(), evidence)
    generation = Generation(model)
    generation.step(5)
    with pytest.raises(StudioError, match="a level 4"):
        generation.edit(evidence)
    assert (generation.position, generation.evidence) == (5, None)


def test_what_is_not_given_may_be_anything(model):
    """A picture is 255 where the mask leaves it open."""
    values = np.full((1, 7, 6), 255, np.uint8)
    generation = Generation(model, SamplingOptions(), Evidence(values, np.zeros((7, 6), bool)))
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model)))
