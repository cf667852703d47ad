"""The lessons that come with the studio: every step of them is played, and every figure in their
tables is that of a card."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator

import pytest

from models.interface import Model
from studio.engine import kinds
from studio.engine.checkpoints import cards, load
from studio.engine.generation.sampling_options import check_options
from studio.engine.scenes import lessons
from studio.engine.scenes.drawing import film_of, rendering_of
from studio.engine.scenes.lesson_questions import Choices, NextPixel, Number, next_pixel
from studio.engine.scenes.lessons import Lesson, Step
from studio.engine.scenes.scene import Scene

_SITES = 20  # that are drawn of a scene
_MOST_BYTES = 130_000  # of all lessons together
COURSE = [lessons.read(path.parent) for path in sorted(lessons.course_folder().glob("*/lesson.md"))]
STEPS = {
    f"{lesson.name[:2]}-{number}": step
    for lesson in COURSE
    for number, step in enumerate(lesson.steps, 1)
}
every_lesson = pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.name)


def every_step(which: Callable[[Step], bool]) -> pytest.MarkDecorator:
    """Of which this is so; a test is named after lesson and step."""
    found = {name: step for name, step in STEPS.items() if which(step)}
    return pytest.mark.parametrize("step", found.values(), ids=found.keys())


@functools.cache
def model_of(name: str) -> Model:
    return load(cards.shipped()[name])


def model_in(scene: Scene) -> Model:
    return model_of(scene.model.name)


def table_rows(lesson: Lesson) -> Iterator[tuple[str, list[str]]]:
    """The shipped models that a table of a lesson names, and what else stands in their rows."""
    for step in lesson.steps:
        for row in re.findall(r"^\| `([\w-]+)` \|(.*)\|$", step.text, re.MULTILINE):
            yield row[0], [cell.strip() for cell in row[1].split("|")]


def test_the_course_has_at_least_twelve_lessons_and_is_small():
    files = [file for file in lessons.course_folder().rglob("*") if file.is_file()]

    assert len(COURSE) >= 12
    assert sum(file.stat().st_size for file in files) <= _MOST_BYTES


@every_lesson
def test_a_lesson_is_short_and_asks(lesson: Lesson):
    words = [len(step.text.split()) for step in lesson.steps]

    assert 5 <= lesson.minutes <= 10
    assert 5 <= len(lesson.steps) <= 9
    assert max(words) <= 160
    assert sum(step.question is not None for step in lesson.steps) >= 2


@every_step(lambda step: step.scene is not None)
def test_the_scene_of_a_step_can_be_played(step: Step):
    scene = step.scene
    assert scene is not None
    model = model_in(scene)

    check_options(scene.options, model)
    if not kinds.of(model).film:
        rendering = rendering_of(scene, model)
        assert rendering.run(_SITES) == _SITES
    else:
        film = film_of(scene, model)
        assert scene.position is None or film.start <= scene.position <= film.length
        before = film.position
        film.step(_SITES)
        assert film.position == min(before + _SITES, film.length)


@every_step(lambda step: isinstance(step.question, Choices))
def test_a_question_has_a_wrong_choice(step: Step):
    question = step.question

    assert isinstance(question, Choices)
    assert 0 < len(question.right) < len(question.choices)


@every_step(lambda step: isinstance(step.question, Number))
def test_a_number_that_is_far_off_is_wrong(step: Step):
    question = step.question

    assert isinstance(question, Number)
    assert question.takes(f"{question.value:g}")
    assert not question.takes(f"{1.1 * question.value + 1:g}")


@every_step(lambda step: isinstance(step.question, NextPixel))
def test_what_is_said_of_the_next_pixel_is_what_is_drawn(step: Step):
    question, scene = step.question, step.scene

    assert question is not None
    assert scene is not None
    row, column, shade = next_pixel(scene, model_in(scene))

    assert f"row {row}, column {column}" in question.text
    assert question.said.startswith(shade)


@every_lesson
def test_figures_in_tables_are_those_of_the_cards(lesson: Lesson):
    for name, cells in table_rows(lesson):
        metrics = cards.read_card(cards.shipped()[name])["metrics"]
        weights = f"{sum(p.numel() for p in model_of(name).parameters()):,}"

        assert cells[-1] == f"{metrics['bits_per_dim']:.4f}", name
        assert all(cell == weights for cell in cells if "," in cell), name
