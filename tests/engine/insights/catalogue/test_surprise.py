"""Surprise: bits of each pixel, which add up to those of the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights import Answer, Question, insights
from tests.engine.insights.questions import part, whole
from tests.models.zoo import NAMES, small


def surprise(model: object, question: Question) -> Answer:
    return insights()["surprise"].ask(model, question)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_surprise_of_a_whole_picture_adds_up_to_the_nats_of_the_model(name: str) -> None:
    model = small(name)
    question = whole(model)
    x = torch.from_numpy(question.values)[None]
    order = torch.from_numpy(question.order) if model.any_order else None
    condition = None
    if model.takes_painting:
        condition = model.painted(x, torch.zeros(1, *question.space, dtype=torch.bool))
    expected = -float(model.log_prob(x, condition, order)[0])
    assert float(surprise(model, question).arrays["nats"].sum()) == pytest.approx(expected, 1e-4)


def test_the_sentence_has_the_total_and_the_rows_have_the_most_surprising_pixels() -> None:
    model = small("made")
    answer = surprise(model, whole(model))
    bits = answer.arrays["bits"]
    assert answer.sentence == f"{bits.sum():.1f} bits in 42 pixels, {bits.mean():.3f} a pixel."
    assert answer.marked is not None
    assert bits.ravel()[answer.marked].tolist() == sorted(bits.ravel(), reverse=True)[:8]
    row, column = divmod(int(answer.marked[0]), 6)
    colour = ("black", "white")[whole(model).values[0, row, column]]
    assert answer.rows[0] == (f"row {row}, column {column}: {colour}", f"{bits.max():.1f} bits")


def test_the_colours_go_up_to_a_round_number_of_bits() -> None:
    model = small("made")
    answer = surprise(model, whole(model))
    assert answer.ends is not None
    scale = float(answer.ends[1].split()[0])
    assert scale in (1, 2, 5, 10)
    assert np.allclose(answer.maps[0].values * scale, answer.arrays["bits"])


def test_a_painted_pixel_is_counted_when_all_before_it_in_the_order_is_there() -> None:
    model = small("made")
    given = np.zeros((7, 6), bool)
    given[0, 3] = given[6] = True
    answer = surprise(model, part(model, 5, given=given))
    told = np.isfinite(answer.arrays["nats"])
    assert told.ravel().tolist() == [True] * 5 + [False] * 37
    assert answer.sentence.endswith("; 6 given pixels come later in the order.")


def test_only_later_evidence_is_nothing_to_be_told_yet() -> None:
    model = small("made")
    given = np.zeros((7, 6), bool)
    given[6] = True
    answer = surprise(model, part(model, 0, given=given))
    assert not answer.maps
    assert answer.sentence == "6 given pixels will be told of when the drawing has reached them."


def test_a_class_counts_and_temperature_and_guidance_do_not() -> None:
    model = small("gated-pixelcnn-class")
    plain = surprise(model, whole(model, options=SamplingOptions(condition=2)))
    pushed = SamplingOptions(condition=2, temperature=0.5, guidance=3.0)
    assert np.array_equal(
        surprise(model, whole(model, options=pushed)).arrays["nats"], plain.arrays["nats"]
    )
    x = torch.from_numpy(whole(model).values)[None]
    expected = -float(model.log_prob(x, torch.tensor([2]))[0])
    assert float(plain.arrays["nats"].sum()) == pytest.approx(expected, 1e-4)


def test_what_an_order_agnostic_model_drew_is_taken_from_the_record() -> None:
    model = small("ardm")
    given = np.zeros((7, 6), bool)
    given[0, :3] = True
    nats = np.full(42, np.nan, np.float32)
    nats[3:20] = 0.25
    found = surprise(model, part(model, 20, given=given, nats=nats)).arrays["nats"].ravel()
    assert (found[3:20] == 0.25).all()
    assert np.isfinite(found[:3]).all()
    assert np.isnan(found[20:]).all()


def test_more_than_a_pass_can_ask_are_asked_several_at_a_time_and_that_is_said() -> None:
    model = small("ardm", (1, 10, 10))
    answer = surprise(model, whole(model))
    assert "2 at a time" in answer.sentence
    assert np.isfinite(answer.arrays["nats"]).all()


def test_bits_are_nats_by_another_unit() -> None:
    model = small("made")
    arrays = surprise(model, whole(model)).arrays
    assert np.allclose(arrays["bits"] * math.log(2), arrays["nats"])
