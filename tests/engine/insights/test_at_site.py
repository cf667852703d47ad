"""What a model expected at a site that is there: as its conditionals say it."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.generation.decoding import Decoding
from studio.engine.generation.generation import Generation
from studio.engine.insights.asking import reply_of
from studio.engine.insights.at_site import AT_SITE, SHARES, distribution
from studio.engine.insights.question import Question, question_of
from tests.coded_models import LEVELS, SIDE, Shades, shades
from tests.models.zoo import small


@pytest.mark.parametrize("name", ["pixelcnn", "ardm"])
def test_it_is_what_the_value_was_drawn_from(name):
    generation = Generation(model := small(name))
    generation.step(9)
    site = int(generation.order[8])
    generation.rewind(8)
    drawn_from = generation.next_probabilities()
    generation.step(1)
    question = question_of(generation.snapshot(None, False, 0.0), model.spec.levels)
    found = distribution(model, question, site)
    assert found is not None
    assert drawn_from is not None
    np.testing.assert_allclose(found, drawn_from, atol=1e-5)


def test_nothing_is_said_where_an_earlier_site_is_unknown():
    generation = Generation(model := small("pixelcnn"))
    generation.step(3)
    question = question_of(generation.snapshot(None, False, 0.0), model.spec.levels)
    assert distribution(model, question, int(generation.order[4])) is None
    reply = reply_of(AT_SITE, model, question)
    assert reply.answer.arrays[SHARES].shape == (1, 2), "the next site can be told"


def of_codes(position: int) -> tuple[Question, Shades]:
    generation = Generation(model := shades())
    generation.step(position)
    return question_of(Decoding(model).beside(generation.snapshot(None, False, 0.0)), 2), model


def test_of_codes_there_are_as_many_as_the_model_has():
    question, model = of_codes(SIDE + 1)
    assert question.coded
    assert question.levels == LEVELS
    assert reply_of(AT_SITE, model, question).answer.arrays[SHARES].shape == (1, LEVELS)
