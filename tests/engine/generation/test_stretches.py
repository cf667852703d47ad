"""Stretches: what was sampled otherwise before, so that a drawing can be drawn again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import (
    Stretch,
    changed_at,
    checked_stretches,
    cut_off,
    first_resampled,
    sampling_at,
)
from studio.engine.runtime.errors import StudioError
from tests.engine.drawings import drawn, next_levels, picture
from tests.models.zoo import small

WARM, COLD, USUAL = (2.0, 0, 1.0), (0.3, 0, 1.0), (1.0, 0, 1.0)
TWO = (Stretch(10, WARM), Stretch(20, COLD))


@pytest.mark.parametrize(
    ("position", "found"),
    [(0, (WARM, 10)), (9, (WARM, 10)), (10, (COLD, 20)), (20, (USUAL, None)), (99, (USUAL, None))],
)
def test_a_site_is_sampled_as_its_stretch_says(position, found):
    assert sampling_at(TWO, USUAL, position) == found


@pytest.mark.parametrize(
    ("position", "after", "found"),
    [
        (30, COLD, (*TWO, Stretch(30, USUAL))),
        (15, USUAL, (Stretch(10, WARM), Stretch(15, COLD))),
        (10, USUAL, (Stretch(10, WARM),)),
        (15, COLD, (Stretch(10, WARM),)),
        (5, WARM, ()),
        (0, COLD, ()),
    ],
)
def test_other_sampling_from_a_position_on_leaves_what_came_before(position, after, found):
    assert changed_at(TWO, USUAL, position, after) == found


@pytest.mark.parametrize(
    ("position", "found"),
    [
        (0, ()),
        (5, (Stretch(5, WARM),)),
        (10, TWO[:1]),
        (15, (TWO[0], Stretch(15, COLD))),
        (25, TWO),
    ],
)
def test_cut_off_what_comes_later_goes(position, found):
    assert cut_off(TWO, position) == found


def test_the_first_site_that_is_sampled_otherwise_is_found():
    assert first_resampled((TWO, USUAL), (TWO, USUAL), 42) == 42
    assert first_resampled((TWO, USUAL), (TWO, WARM), 42) == 20
    assert first_resampled((TWO, USUAL), (TWO[:1], COLD), 42) == 20
    assert first_resampled((TWO, USUAL), ((), WARM), 42) == 10
    assert first_resampled((TWO, USUAL), ((), COLD), 5) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        (Stretch(20, WARM), Stretch(10, COLD)),
        (Stretch(10, WARM), Stretch(10, COLD)),
        (Stretch(-1, WARM),),
        (Stretch(5, (-1.0, 0, 1.0)),),
        (Stretch(5, (1.0, 0, 0.0)),),
    ],
)
def test_stretches_that_are_none_are_one_sentence(wrong):
    with pytest.raises(StudioError):
        checked_stretches(wrong, USUAL)


@pytest.fixture
def model():
    return small("pixelcnn", levels=4)


def warm_then_cold(model) -> Generation:
    """Three pictures, of which the last third is drawn cold."""
    options = SamplingOptions(count=3, temperature=2.0, method="clamp")
    generation = Generation(model, options)
    generation.step(30)
    generation.set_options(replace(options, temperature=0.3))
    return generation


def test_what_was_drawn_at_two_temperatures_is_drawn_again(model):
    generation = warm_then_cold(model)
    whole = drawn(generation)
    again = Generation(model, generation.options)
    again.set_changes((), generation.earlier)
    np.testing.assert_array_equal(drawn(again), whole)
    assert not np.array_equal(whole, drawn(Generation(model, generation.options)))


def test_back_at_the_earlier_temperature_what_was_drawn_is_there_again(model):
    generation = Generation(model, SamplingOptions(temperature=2.0))
    whole = drawn(generation)
    generation.rewind(30)
    generation.set_options(SamplingOptions(temperature=0.3))
    assert generation.recorded == 30
    generation.set_options(SamplingOptions(temperature=2.0))
    assert (generation.recorded, generation.earlier) == (42, ())
    np.testing.assert_array_equal(drawn(generation), whole)


def test_a_restart_draws_all_of_it_as_the_options_say(model):
    generation = warm_then_cold(model)
    generation.restart()
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, generation.options)))


def test_after_a_stroke_it_goes_on_as_the_options_say_and_undone_it_is_as_it_was(model):
    generation = warm_then_cold(model)
    whole = drawn(generation)
    known = np.zeros((7, 6), bool)
    known[2, 3] = True
    generation.edit(Evidence(picture(model), known))
    assert generation.earlier == (Stretch(15, WARM),)
    drawn(generation)
    generation.edit(None)
    assert generation.recorded == 42
    np.testing.assert_array_equal(drawn(generation), whole)


def test_the_distribution_of_the_next_site_is_that_of_its_stretch(model):
    generation = warm_then_cold(model)
    drawn(generation)
    generation.rewind(29)
    warm = next_levels(generation)
    generation.rewind(30)
    fresh = Generation(model, SamplingOptions(count=3, temperature=2.0))
    fresh.step(29)
    np.testing.assert_allclose(warm, next_levels(fresh), atol=1e-5)
