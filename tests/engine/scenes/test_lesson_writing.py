"""A lesson of one's own grows by steps, and stays a lesson whatever is written into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import lessons
from studio.engine.scenes.lesson_questions import Choices
from studio.engine.scenes.lesson_writing import add_step, new_lesson
from studio.engine.scenes.scene import ModelReference, Scene

SCENE = Scene(ModelReference("made"), SamplingOptions(seed=9), position=12, title="Half")


@pytest.fixture
def lesson(user_data_folder: Path) -> Path:
    return new_lesson("My: lesson")


def contents(lesson: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in lesson.parent.iterdir()}


def test_a_step_comes_back_with_its_text_and_its_scene(lesson: Path):
    assert add_step(lesson, "Look", "It is *half* drawn.", SCENE) == 1
    assert add_step(lesson, "Go on", "", SCENE.with_options(seed=10)) == 2

    found = lessons.read(lesson)

    assert found.title == "My: lesson"
    assert [(step.title, step.text) for step in found.steps] == [
        ("Look", "It is *half* drawn."),
        ("Go on", ""),
    ]
    assert found.steps[0].scene == SCENE
    assert found.steps[1].scene is not None
    assert found.steps[1].scene.options.seed == 10
    assert [one.path for one in lessons.listed() if one.path == lesson] == [lesson]


def test_a_question_may_stand_in_the_text(lesson: Path):
    add_step(lesson, "Ask", "Look.\n\n```question\nWhich?\n- [x] this\n- [ ] that\n```", SCENE)

    assert isinstance(lessons.read(lesson).steps[0].question, Choices)


def test_what_was_written_by_hand_stays(lesson: Path):
    by_hand = "# Mine\n\nTeacher: Ada\n\n## First\n\nWords.\n"
    lesson.write_text(by_hand, encoding="utf-8")

    add_step(lesson, "Second", "More.", SCENE)

    assert lesson.read_text(encoding="utf-8").startswith(by_hand)
    assert len(lessons.read(lesson).steps) == 2


@pytest.mark.parametrize(
    ("title", "text", "sentence"),
    [
        (" \n", "", "A step has a title"),
        ("Two", "One\n## Two", "no line can begin with ##"),
        ("Two", "```point\nTemperature", "is not closed"),
        ("Two", "![](nothing.png)", "There is no file “nothing.png”"),
        ("Two", "```question\nWhich?\n```", "either choices"),
    ],
)
def test_a_step_that_would_break_the_lesson_changes_nothing(
    lesson: Path, title: str, text: str, sentence: str
):
    add_step(lesson, "One", "", SCENE)
    before = contents(lesson)

    with pytest.raises(StudioError, match=sentence):
        add_step(lesson, title, text, SCENE)

    assert contents(lesson) == before


def test_lessons_of_one_title_have_folders_of_their_own(lesson: Path, tmp_path: Path):
    assert new_lesson("My: lesson").parent != lesson.parent
    assert new_lesson("My: lesson", tmp_path / "class").parent.parent == tmp_path / "class"


def test_where_none_can_be_made_it_is_told(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(StudioError, match="No lesson can be made in"):
        new_lesson("Mine", tmp_path / "file")
    with pytest.raises(StudioError, match="A lesson has a title"):
        new_lesson(" ", tmp_path)


def test_a_lesson_of_the_studio_stays_as_it_is():
    with pytest.raises(StudioError, match="comes with the studio"):
        add_step(lessons.course_folder() / "01-any" / "lesson.md", "One", "", SCENE)
