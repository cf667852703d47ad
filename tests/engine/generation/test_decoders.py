"""The ways to decode that are listed are those that there are, and which of them a model has."""

from __future__ import annotations

import pytest
import torch

import models
from studio.engine.generation.decoders import (
    DECODERS,
    GRAPH,
    PARALLEL,
    SEQUENTIAL,
    Choice,
    batch_class,
    decoders_for,
)
from studio.engine.generation.sampling_options import (
    SamplingOptions,
    check_options,
    refusal_to_decode,
)
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small

CAPTURING, OTHER = (torch.device(name) for name in ("cuda", "meta"))
MEASURED = Choice(PARALLEL, {SEQUENTIAL: 0.5, PARALLEL: 0.25, GRAPH: None}, {PARALLEL: 2}, 4)


def test_every_way_that_is_listed_can_be_asked_for_and_no_other() -> None:
    model = small("made", hidden=16)
    for name in DECODERS:
        check_options(SamplingOptions(decode=name), model)
    with pytest.raises(StudioError, match=r"choose one of sequential, parallel, graph\."):
        check_options(SamplingOptions(decode="sideways"), model)


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("made", [SEQUENTIAL, PARALLEL, GRAPH]),
        ("gated-pixelcnn-map", [SEQUENTIAL, PARALLEL]),
        ("ardm", [SEQUENTIAL]),
    ],
)
def test_a_model_has_those_that_it_can_do(name: str, there: list[str]) -> None:
    model = small(name, (1, 2, 2))
    assert decoders_for(model) == decoders_for(model, CAPTURING) == there
    assert decoders_for(model, OTHER) == [way for way in there if way != GRAPH]


def test_what_draws_no_pictures_has_none() -> None:
    assert decoders_for(models.build("wavenet")) == []


@pytest.mark.parametrize(
    ("name", "method", "why"),
    [
        ("made", "smc", "choose another one to draw by captured steps"),
        ("gated-pixelcnn-map", "auto", "What is painted is built into the steps"),
    ],
)
def test_what_cannot_be_captured_says_why(name: str, method: str, why: str) -> None:
    asked = SamplingOptions(decode=GRAPH, method=method)
    assert why in refusal_to_decode(asked, small(name, (1, 2, 2)))


def test_steps_are_captured_on_a_gpu_and_on_a_processor_only() -> None:
    model = small("made", (1, 2, 2)).to("meta")
    assert "on the device of made" in refusal_to_decode(SamplingOptions(decode=GRAPH), model)


def test_captured_steps_are_not_worth_their_while_for_one_drawing() -> None:
    found = Choice(GRAPH, {SEQUENTIAL: 0.5, PARALLEL: 0.7, GRAPH: 0.1})
    assert found.fastest(given=False) == found.fastest(given=True) == GRAPH
    assert found.fastest(given=False, once=True) == SEQUENTIAL


def test_the_fastest_is_taken_but_where_attempts_may_have_to_compete() -> None:
    assert MEASURED.fastest(given=False) == PARALLEL
    assert MEASURED.fastest(given=True) == SEQUENTIAL
    assert Choice(SEQUENTIAL).fastest(given=False) == SEQUENTIAL


def test_it_says_what_each_took_and_whether_all_draw_the_same() -> None:
    assert MEASURED.in_words() == (
        "4 pictures take 0.5 s pixel by pixel, 0.25 s all at once, longer captured; values that"
        " rounding made others: 2 all at once."
    )


def test_what_is_measured_for_some_pictures_holds_for_a_few_more() -> None:
    assert [batch_class(count) for count in (1, 3, 4, 63, 64, 1000)] == [1, 1, 4, 16, 64, 64]
