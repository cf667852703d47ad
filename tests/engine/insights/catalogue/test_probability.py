"""What is expected of the unknown pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from studio.engine.insights.words import NO_SHADES
from tests.engine.insights.questions import part
from tests.gui.picture.test_stage import moment
from tests.models.zoo import small

ASK = insights()["probability"].ask


def test_it_says_nothing_of_what_is_there() -> None:
    expected = np.full((1, 6, 6), 0.25, np.float32)
    found = ASK(None, question_of(replace(moment(6), expected=expected), 2)).maps[0].values
    assert np.isnan(found.ravel()[:6]).all()
    assert (found.ravel()[6:] == np.float32(0.25)).all()


def test_it_is_empty_until_something_is_expected() -> None:
    assert not ASK(None, question_of(moment(6), 2)).maps


def test_of_two_levels_it_counts_white_ones_and_lists_the_undecided() -> None:
    expected = np.full((1, 7, 6), 0.25, np.float32)
    expected[0, 6, 5] = 0.49
    answer = insights()["probability"].ask(None, part(small("made"), 22, expected=expected))
    assert answer.sentence == "About 5 of 20 unknown pixels are expected white."
    assert answer.rows[0] == ("row 6, column 5", "white with 49 %")


def test_of_more_levels_it_tells_how_light_they_are_on_average() -> None:
    expected = np.full((1, 7, 6), 0.25, np.float32)
    question = part(small("made", levels=8), 22, expected=expected)
    answer = insights()["probability"].ask(None, question)
    assert answer.sentence == "The 20 unknown pixels are expected at 25 % of full light on average."


def test_what_is_there_is_left_as_it_is() -> None:
    expected = np.full((1, 7, 6), 0.25, np.float32)
    answer = insights()["probability"].ask(None, part(small("made"), 22, expected=expected))
    assert int(np.isfinite(answer.maps[0].values).sum()) == 20


def test_of_codes_there_is_nothing_between_two() -> None:
    expected = np.full((1, 7, 6), 0.25, np.float32)
    question = replace(part(small("made"), 22, expected=expected), coded=True)
    answer = insights()["probability"].ask(None, question)
    assert (answer.maps, answer.sentence) == ((), NO_SHADES)
