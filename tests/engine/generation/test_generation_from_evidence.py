"""Generation from evidence: it is kept and costs nothing,
and an edit goes back no further than it has to."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.engine.drawings import (
    drawn,
    joint,
    plain_loop,
    ranks_known,
    rows_known,
    some_evidence,
)
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT


@pytest.fixture
def model() -> AutoregressiveModel:
    return shallow("pixelcnn", levels=4)


@pytest.mark.parametrize("name", DIFFERENT)
def test_given_its_own_first_sites_a_model_goes_on_as_it_did(name):
    """The given sites are taken in one parallel pass; the noise of the rest is the same."""
    model = shallow(name)
    whole = drawn(Generation(model, SamplingOptions(seed=3)))
    generation = Generation(
        model, SamplingOptions(seed=3), Evidence(whole[0], ranks_known(model, range(18)))
    )
    assert (generation.start, generation.position) == (18, 18)
    np.testing.assert_array_equal(drawn(generation), whole)


@pytest.mark.parametrize("name", DIFFERENT)
def test_evidence_keeps_its_values_wherever_it_lies(name):
    model = shallow(name, levels=4)
    evidence = some_evidence(model, np.random.default_rng(0).random(model.spec.space) < 0.4)
    generation = Generation(model, SamplingOptions(count=2), evidence)
    for position in (0, 13, 42):
        generation.step(position - generation.position)
        for picture in generation.values:
            np.testing.assert_array_equal(
                picture[:, evidence.known], evidence.values[:, evidence.known]
            )


@pytest.mark.parametrize("name", DIFFERENT)
def test_an_edit_goes_back_to_the_first_site_that_it_bears_on_and_no_further(name):
    model = shallow(name, levels=4)
    options = SamplingOptions(count=2, method="auto" if model.sees_all_given else "clamp")
    first = some_evidence(model, ranks_known(model, range(6), range(24, 30)))
    second = some_evidence(model, ranks_known(model, range(6), range(24, 36)))
    generation = Generation(model, options, first)
    drawn(generation)
    generation.edit(second)
    # Row 5, at six columns, is what changed: a model conditioned on it begins again; one of any
    # order begins again behind all three rows, which it is given.
    expected = generation.start if model.takes_painting else 18 if model.any_order else 30
    assert (generation.position, generation.recorded) == (expected, expected)
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, options, second)))


def test_a_model_conditioned_on_what_is_given_sees_it_from_the_first_site_on():
    model = shallow("gated-pixelcnn-map", levels=4)
    evidence = some_evidence(model, rows_known(model, 6))  # the last row
    x, known = torch.from_numpy(evidence.values)[None], torch.from_numpy(evidence.known)[None]
    expected = plain_loop(
        model, noise_for(model, 3, 0), model.painted(x, known).expand(3, -1, -1, -1)
    )
    pictures = drawn(Generation(model, SamplingOptions(count=3), evidence))
    np.testing.assert_array_equal(pictures[:, :, :6], expected[:, :, :6])
    np.testing.assert_array_equal(pictures[:, :, 6], evidence.values[None, :, 6].repeat(3, 0))
    assert not np.array_equal(pictures, drawn(Generation(model, SamplingOptions(count=3))))


@pytest.mark.parametrize("method", ["auto", "clamp", "smc"])
def test_every_edit_ends_where_a_fresh_start_with_that_evidence_would(model, method):
    options = SamplingOptions(count=2, method=method, particles=4)
    random, generation = np.random.default_rng(1), Generation(model, options)
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
                drawn(generation), drawn(Generation(model, options, evidence))
            )


def test_an_edit_of_what_is_not_reached_yet_takes_nothing_back(model):
    generation = Generation(model, SamplingOptions(method="clamp"))
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
    generation = Generation(model, SamplingOptions(method="smc"), evidence)
    assert (generation.position, generation.step(5)) == (42, 0)
    assert generation.next_probabilities() is None
    np.testing.assert_array_equal(generation.values[0], evidence.values)


def test_a_model_of_any_order_takes_the_evidence_first():
    model = shallow("made-any-order")
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


def test_how_much_of_what_comes_is_given(model):
    generation = Generation(
        model, SamplingOptions(), some_evidence(model, rows_known(model, 0, 2, 3))
    )
    assert (generation.position, generation.given_ahead()) == (6, 0)
    generation.step(6)
    assert generation.given_ahead() == 12


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


def edited_and_undone(model, options, first, second, drawn_sites):
    """A generation that drew so many sites with the first evidence, and has it again."""
    generation = Generation(model, options, first)
    generation.step(drawn_sites)
    before = generation.values, generation.nats, generation.entropies, generation.position
    generation.edit(second)
    generation.edit(first, before[-1])
    return generation, before


@pytest.mark.parametrize("name", DIFFERENT)
def test_undoing_an_edit_brings_back_what_was_drawn(name):
    model = shallow(name, levels=4)
    evidence = some_evidence(model, ranks_known(model, range(3, 9)))
    generation, (values, nats, entropies, position) = edited_and_undone(
        model, SamplingOptions(count=3), None, evidence, 30
    )
    assert (generation.position, generation.recorded) == (position, position)
    np.testing.assert_array_equal(generation.values, values)
    np.testing.assert_array_equal(generation.nats, nats)
    np.testing.assert_array_equal(generation.entropies, entropies)
    np.testing.assert_array_equal(
        drawn(generation), drawn(Generation(model, SamplingOptions(count=3)))
    )


def test_undoing_brings_back_the_attempts_at_a_picture_too(model):
    first = some_evidence(model, rows_known(model, 3))
    second = some_evidence(model, rows_known(model, 2, 5))
    options = SamplingOptions(count=2, method="smc")
    generation, (values, _, _, position) = edited_and_undone(model, options, first, second, 33)
    assert generation.position == position
    np.testing.assert_array_equal(generation.values, values)
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, options, first)))


def test_among_attempts_evidence_further_down_takes_back_what_one_of_them_drew_alone(model):
    first, second = (some_evidence(model, rows_known(model, *rows)) for rows in ((1, 3), (1, 3, 5)))
    options = SamplingOptions(count=2, method="smc", particles=4)
    generation = Generation(model, options, first)
    generation.step(28)
    generation.edit(second)
    assert (generation.position, generation.recorded) == (23, 23), "within what competed for row 3"
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, options, second)))
    generation.edit(first)
    assert generation.recorded == 28, "that is as it was"
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, options, first)))


def test_an_edit_that_is_no_undoing_shows_nothing_of_earlier_drawings(model):
    generation = Generation(model, SamplingOptions(method="clamp"))
    drawn(generation)
    generation.edit(some_evidence(model, rows_known(model, 2)))
    generation.edit(None)
    assert generation.position == 12
    assert generation.recorded == generation.length, "it costs nothing to draw it again"


def test_with_the_old_seed_the_old_drawing_is_back(model):
    generation = Generation(model, SamplingOptions(seed=1))
    before = drawn(generation)
    generation.edit(some_evidence(model, rows_known(model, 0)))
    generation.set_options(SamplingOptions(seed=2))
    drawn(generation)
    generation.set_options(SamplingOptions(seed=1))
    generation.edit(None, generation.length)
    np.testing.assert_array_equal(generation.values, before)


def test_with_the_old_seed_the_old_drawing_is_back_where_the_evidence_stayed(model):
    generation = Generation(model, SamplingOptions(seed=1))
    before = drawn(generation)
    generation.set_options(SamplingOptions(seed=2))
    drawn(generation)
    generation.set_options(SamplingOptions(seed=1))
    generation.edit(None, generation.length)
    np.testing.assert_array_equal(generation.values, before)
