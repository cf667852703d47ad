"""The site that comes next in a drawing: what is said of it is what comes, looked ahead or back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.engine.generation.changes import Change
from studio.engine.generation.generation import Generation
from studio.engine.generation.next_site import Why
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions
from tests.engine.drawings import drawn, next_levels, picture, rows_known, some_evidence
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT, NAMES
from tests.thorough import some_of


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
