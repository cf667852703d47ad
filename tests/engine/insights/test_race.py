"""The same picture, drawn in three ways at once."""

from __future__ import annotations

import numpy as np
import pytest

from models.interface import Model
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights import race as module
from studio.engine.insights.multiplications import of
from studio.engine.insights.race import Race, refusal
from studio.engine.insights.ways import WayMoment, outcome
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import pictures, small, small_of_any_kind
from tests.tiny import CONFIGS

SIDE, SITES = 4, 16


def raced(model: Model, options: SamplingOptions | None = None) -> tuple[WayMoment, ...]:
    race = Race(model, options or SamplingOptions(seed=3))
    while not race.finished:
        race.turn()
    return race.moments


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pixelcnn", SamplingOptions(seed=3, temperature=0.8, top_p=0.9)),
        ("gated-pixelcnn-class", SamplingOptions(seed=1, condition=2, guidance=1.5)),
        ("made-any-order", SamplingOptions(seed=2, order="spiral")),
        ("pixelcnn-plus-plus", SamplingOptions(seed=4)),
    ],
)
def test_all_ways_come_to_the_picture_of_the_stage(name: str, options: SamplingOptions):
    levels = 256 if name == "pixelcnn-plus-plus" else 2
    model = small(name, (1, SIDE, SIDE), levels)
    generation = Generation(model, options)  # type: ignore[arg-type]
    generation.step(SITES)
    ways = raced(model, options)
    for way in ways:
        assert way.there.all()
        np.testing.assert_array_equal(way.values, generation.values[0])
    assert "drew the same picture" in outcome(ways)


def test_the_naive_way_makes_a_pass_for_every_pixel():
    model = small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"])
    naive = raced(model)[0]
    assert naive.passes == SITES
    assert naive.multiplications == SITES * of(lambda: model.conditionals(pictures(model, 1)))


def test_the_cache_multiplies_less():
    naive, cached, _ = raced(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]))
    assert cached.passes == SITES
    assert 0 < cached.multiplications < naive.multiplications


def test_all_at_once_makes_fewer_passes_and_settles_more_than_a_pixel_in_some():
    naive, _, parallel = raced(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]))
    assert 1 < parallel.passes < naive.passes
    assert parallel.multiplications * naive.passes == naive.multiplications * parallel.passes


def test_who_has_had_the_least_time_goes_on():
    race = Race(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]), SamplingOptions())
    while not race.finished:
        before = race.moments
        race.turn()
        went = [now.seconds > then.seconds for now, then in zip(race.moments, before, strict=True)]
        least = min(way.seconds for way in before if not way.finished) if any(went) else 0.0
        assert all(then.seconds == least for moved, then in zip(went, before, strict=True) if moved)


def test_what_is_computed_again_is_told():
    race = Race(small("made", (1, SIDE, SIDE)), SamplingOptions())  # settles in four passes
    while not all(way.passes for way in race.moments):
        race.turn(lambda: True)  # a step at a time
    naive, cached, parallel = race.moments
    assert naive.computed.all()
    assert cached.computed.sum() == 1
    assert parallel.computed.all()
    while parallel.passes < 2:
        race.turn(lambda: True)
        parallel = race.moments[2]
    assert 0 < parallel.computed.sum() < SITES


def test_one_that_takes_too_long_is_left_and_its_figures_are_carried_on(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "LONGEST", 0.0)
    naive = raced(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]))[0]
    assert naive.stopped
    assert naive.position < SITES
    assert "Naive was stopped" in outcome(
        raced(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]))
    )


def test_started_again_it_comes_out_the_same():
    race = Race(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"]), SamplingOptions(seed=3))
    race.turn()
    race.restart()
    assert [way.position for way in race.moments] == [0] * len(race.moments)
    while not race.finished:
        race.turn()
    for way, other in zip(
        race.moments, raced(small("pixelcnn", (1, SIDE, SIDE), **CONFIGS["pixelcnn"])), strict=True
    ):
        np.testing.assert_array_equal(way.values, other.values)
        assert way.multiplications == other.multiplications


def test_a_model_without_a_cache_says_so():
    model = small("transformer", (1, 2, 2))
    model._stepper = lambda *given: super(type(model), model)._stepper(*given)  # type: ignore
    cached = raced(model)[1]
    assert cached.why_not
    assert cached.position == 0


@pytest.mark.parametrize("name", ["ardm", "autoencoder", "wavenet"])
def test_a_model_that_cannot_be_raced_is_refused_in_one_sentence(name: str):
    model = small_of_any_kind(name, (1, 64) if name == "wavenet" else (1, 8, 8))
    assert refusal(model).endswith(".")
    with pytest.raises(StudioError):
        Race(model, SamplingOptions())
