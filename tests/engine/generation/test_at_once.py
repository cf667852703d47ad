"""A generation that draws all sites at once does whatever one does that is drawn site by site."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretch
from tests.engine.drawings import drawn, finished, next_levels, rows_known, some_evidence
from tests.engine.generation.test_parallel_decoding import AT_ONCE, MANY


@pytest.mark.parametrize("first", [MANY, AT_ONCE])
def test_to_decode_otherwise_on_the_way_keeps_what_is_there(
    model: AutoregressiveModel, first: SamplingOptions
) -> None:
    second = AT_ONCE if first is MANY else MANY
    generation = Generation(model, first)
    generation.step(9)
    there = generation.position
    generation.set_options(second)
    assert generation.position == there >= 9
    np.testing.assert_array_equal(drawn(generation), finished(model, MANY))


def test_another_temperature_on_the_way_is_for_what_comes_later(
    model: AutoregressiveModel,
) -> None:
    generation = Generation(model, AT_ONCE)
    generation.step(9)
    there = generation.position
    generation.set_options(dataclasses.replace(AT_ONCE, temperature=0.1))
    one_by_one = Generation(model, dataclasses.replace(MANY, temperature=0.1))
    one_by_one.set_changes((), (Stretch(there, (1.0, 0, 1.0)),))
    np.testing.assert_array_equal(drawn(generation), drawn(one_by_one))


def test_the_next_site_looks_the_same_as_site_by_site(model: AutoregressiveModel) -> None:
    generation, one_by_one = Generation(model, AT_ONCE), Generation(model, MANY)
    generation.step(1)
    one_by_one.step(generation.position)
    np.testing.assert_allclose(next_levels(generation, 2), next_levels(one_by_one, 2), atol=1e-4)


def test_without_attempts_what_is_given_late_is_clamped_and_this_is_said(
    model: AutoregressiveModel,
) -> None:
    evidence = some_evidence(model, rows_known(model, 6))
    generation = Generation(model, AT_ONCE, evidence)
    assert generation.method.name == "clamp"
    assert "at once" in generation.why
