"""`studio lessons`: what there is to learn from, and what is wrong in a lesson of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli import main
from studio.engine.scenes import lessons
from tests.cli.commands import complaint, result

GOOD = "# Blind spots\n\nMinutes: 5\nSummary: What a mask hides.\n\n## Look\n\nThere it is.\n"


def lesson(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(text, encoding="utf-8")
    return folder


def test_lessons_of_ones_own_are_listed(here: Path, capsys: pytest.CaptureFixture[str]):
    lesson(lessons.own_folder() / "mine", GOOD)
    lesson(lessons.own_folder() / "broken", "# Broken")

    found = {
        one.get("title"): one for one in json.loads(result(capsys, "lessons", "--json"))["lessons"]
    }

    assert found["Blind spots"]["steps"] == ["Look"]
    assert found["Blind spots"]["minutes"] == 5
    assert "A lesson has at least one step" in found[None]["error"]
    text = result(capsys, "lessons")
    assert "What a mask hides." in text
    assert "broken/lesson.md, line 1: A lesson has at least one step" in text


def test_a_lesson_without_faults_is_said_to_have_none(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    assert result(capsys, "lessons", "--check", str(lesson(here / "mine", GOOD))) == (
        "Nothing is wrong."
    )


def test_every_fault_of_a_lesson_is_a_line(here: Path, capsys: pytest.CaptureFixture[str]):
    folder = lesson(here / "mine", GOOD.replace("5", "no") + "```pont\n```\n")

    assert main(["lessons", "--check", str(folder)]) == 2
    first, second = capsys.readouterr().out.strip().split("\n")

    assert first.startswith("mine/lesson.md, line 3: Minutes")
    assert second.startswith("mine/lesson.md, line 9: There is no block")
    assert main(["lessons", "--check", str(folder), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["faults"] == [first, second]


def test_what_is_no_lesson_is_told(here: Path, capsys: pytest.CaptureFixture[str]):
    assert "is no lesson" in complaint(capsys, "lessons", "--check", str(here))
