"""How insights name sites and what is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.engine.insights.question import Question
from studio.engine.insights.words import counted, site_in_words, value_at, value_in_words
from tests.engine.insights.questions import whole
from tests.models.zoo import small


def of_sound() -> Question:
    there = np.ones(5, bool)
    return Question(np.arange(5, dtype=np.uint8)[None], there, ~there, np.arange(5), 256)


def test_a_pixel_has_a_row_and_a_column_and_a_sample_a_number() -> None:
    assert site_in_words(whole(small("made")), 16) == "row 2, column 4"
    assert site_in_words(of_sound(), 3) == "sample 3"


@pytest.mark.parametrize(
    ("values", "levels", "words"),
    [
        ((0,), 2, "black"),
        ((1,), 2, "white"),
        ((3,), 8, "level 3 of 7"),
        ((1, 2, 3), 256, "red 1, green 2, blue 3"),
    ],
)
def test_a_value_is_named_as_its_picture_has_it(
    values: tuple[int, ...], levels: int, words: str
) -> None:
    assert value_in_words(values, levels) == words


def test_what_is_at_a_site_is_named() -> None:
    assert value_at(of_sound(), 3) == "level 3 of 255"


def test_one_is_counted_as_one() -> None:
    assert counted(whole(small("made")), 1, "given") == "1 given pixel"
    assert counted(whole(small("made")), 2) == "2 pixels"
    assert counted(of_sound(), 0) == "0 samples"


def test_a_code_is_a_code_and_stands_for_a_patch():
    question = replace(whole(small("made")), coded=True)
    assert counted(question, 1) == "1 code"
    assert counted(question, 2, "given") == "2 given codes"
    assert value_at(question, 0).startswith("code ")
