"""Questions whose answers the program checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.engine.checkpoints import load
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.lesson_questions import (
    BLACK,
    WHITE,
    Choices,
    NextPixel,
    Number,
    next_pixel,
    question_of,
)
from studio.engine.scenes.scene import ModelReference, Scene
from tests.tiny import tiny_checkpoint


def test_choices_of_which_some_are_right():
    question = question_of(
        ["Which?", "", "- [ ] one", "- [x] two", "* [X] three", "> Yes.", ">No."]
    )

    assert question == Choices("Which?", "Yes.\nNo.", ("one", "two", "three"), frozenset([1, 2]))


@pytest.mark.parametrize("answer", ["= 0.10 ± 0.02", "= 0,10 +- 0,02", "=0.1±0.02"])
def test_a_number_with_how_far_one_may_be_off(answer: str):
    question = question_of(["How many?", answer])

    assert isinstance(question, Number)
    assert [question.takes(typed) for typed in ("0.12", "0,08", " 0.1", "0.121", "0.07")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_what_is_no_number_is_no_answer():
    question = question_of(["How many?", "= 3"])

    assert isinstance(question, Number)
    assert question.takes("3")
    with pytest.raises(ValueError, match="three"):
        question.takes("three")


def test_the_next_pixel():
    assert question_of(["Which?", "= next pixel", "> Yes."]) == NextPixel("Which?", "Yes.")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["- [x] one", "- [ ] two"], "begins with what is asked"),
        (["Which?"], "either choices"),
        (["Which?", "- [x] one", "- [ ] two", "= 3"], "either choices"),
        (["Which?", "= 3", "= 4"], "either choices"),
        (["Which?", "- [x] one"], "2 to 12 choices"),
        (["Which?", "- [ ] one", "- [ ] two"], "at least one is right"),
        (["Which?", "- [x] one", "- [ ] two", "more"], "only lines with >"),
        (["Which?", "= many"], "An answer is a number"),
        (["Which?", "= inf"], "An answer is a number"),
        (["Which?", "= 1 ± -1"], "An answer is a number"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(lines: list[str], sentence: str):
    with pytest.raises(StudioError, match=sentence):
        question_of(lines)


def test_the_next_pixel_is_the_one_that_the_model_draws(tmp_path: Path):
    model = load(tiny_checkpoint(tmp_path))
    scene = Scene(ModelReference("tiny"), SamplingOptions(count=3, seed=5), chosen=1)
    whole = drawn(scene, model).snapshot(None, False, 0.0).values[1, 0]

    said = []
    for position in range(20, 40):
        row, column, colour = next_pixel(
            Scene(scene.model, scene.options, position=position, chosen=1), model
        )
        assert (row, column) == divmod(position, whole.shape[1])
        said.append((whole[row, column], colour))

    assert set(said) == {(np.uint8(0), BLACK), (np.uint8(1), WHITE)}


def test_where_all_is_drawn_there_is_no_next_pixel(tmp_path: Path):
    model = load(tiny_checkpoint(tmp_path))

    with pytest.raises(StudioError, match="no next pixel"):
        next_pixel(Scene(ModelReference("tiny")), model)
