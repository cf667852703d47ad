"""What the lessons that come with the studio point at is there, in the window of their models."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints import cards
from studio.engine.scenes import lessons
from studio.gui.shell.lesson_points import target
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import change_model, open_window

COURSE = [lessons.read(path.parent) for path in sorted(lessons.course_folder().glob("*/lesson.md"))]


def names_by_model() -> dict[str, set[str]]:
    """What is pointed at while a model is shown; a step without a scene keeps the model."""
    found = dict[str, set[str]]()
    for lesson in COURSE:
        model = ""
        for step in lesson.steps:
            model = model if step.scene is None else step.scene.model.name
            found.setdefault(model, set()).update(line.text for line in step.points)
    return found


def test_what_the_course_points_at_is_seen_with_its_models(qtbot: QtBot):
    wanted, shipped = names_by_model(), cards.shipped()
    first, *others = wanted

    def lacking(window: MainWindow, model: str) -> list[str]:
        targets = {name: target(window, window.docks, name) for name in wanted[model]}
        return [f"{model}: {name}" for name, found in targets.items() if found is None]

    with open_window(qtbot, shipped[first]) as window:
        missing = lacking(window, first)
        for model in others:
            change_model(qtbot, window, shipped[model])
            missing += lacking(window, model)

    assert missing == []


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.name)
def test_every_lesson_points_at_something(lesson: lessons.Lesson):
    assert any(step.points for step in lesson.steps)
