"""Lessons are read from their folders, and what is wrong in one is told with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import lessons
from studio.engine.scenes.document import as_text
from studio.engine.scenes.lesson_questions import Choices
from studio.engine.scenes.scene import ModelReference, Scene

SCENE = {"version": 1, "model": {"name": "pixelcnn"}, "options": {"seed": 3}, "position": 20}
LESSON = """# Blind spots

Minutes: 5
Summary: What a mask hides.
Teacher: Ada

## Look

See ![the masks](masks.svg).

```scene
look.scene.json
```

```point
Temperature
```

```hide
Library
```

## Answer

```scene
{"version": 1, "model": {"name": "made"}, "weather": "rain"}
```

```question
Which?
- [ ] one
- [x] two
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "01-blind-spots"
    folder.mkdir()
    (folder / "lesson.md").write_text(LESSON, encoding="utf-8")
    (folder / "look.scene.json").write_text(json.dumps(SCENE))
    (folder / "masks.svg").write_bytes(b"<svg/>")
    return folder


def test_a_lesson_is_read_with_all_that_it_has(folder: Path):
    lesson = lessons.read(folder)

    assert (lesson.title, lesson.minutes, lesson.summary) == (
        "Blind spots",
        5,
        "What a mask hides.",
    )
    assert lesson.fields == {"Teacher": "Ada"}
    look, answer = lesson.steps
    assert (look.title, look.text) == ("Look", "See ![the masks](masks.svg).")
    assert [line.text for line in (*look.points, *look.hides)] == ["Temperature", "Library"]
    assert look.scene is not None
    assert (look.scene.model.name, look.scene.options.seed, look.scene.position) == (
        "pixelcnn",
        3,
        20,
    )
    assert answer.scene is not None
    assert answer.scene.unknown == {"weather": "rain"}
    assert isinstance(answer.question, Choices)


def test_a_single_file_is_a_lesson_too(folder: Path):
    assert lessons.is_lesson(folder)
    assert lessons.is_lesson(folder / "lesson.md")
    assert lessons.read(folder / "lesson.md") == lessons.read(folder)
    assert not lessons.is_lesson(folder / "masks.svg")
    assert not lessons.is_lesson(folder.parent)


def test_a_scene_as_the_studio_writes_it_is_one_of_a_lesson(folder: Path):
    scene = Scene(ModelReference("made", "sha256:" + "0" * 64), position=3)
    (folder / "look.scene.json").write_text(as_text(scene, 2))

    assert lessons.read(folder).steps[0].scene == scene


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Minutes: 5", "Minutes: five", "line 3: Minutes are a whole number from 1 to 600."),
        ("masks.svg", "mask.svg", "line 9: There is no file “mask.svg” in the lesson's folder."),
        ("the masks", " ", "line 9: A picture is told in words too: ![words](masks.svg)."),
        ("look.scene", "../look.scene", "line 11: “../look.scene.json” is not in the lesson's"),
        ("look.scene.json", "lesson.md", "line 11: The scene “lesson.md” cannot be read: it is no"),
        ('"version": 1', '"version": 0', "line 25: The scene cannot be read: its version is not"),
        ("- [x]", "- [ ]", "line 29: A question has 2 to 12 choices, of which at least one is"),
        ("```hide", "```hid", "line 19: There is no block “hid”: there are scene, point, hide and"),
        ("```point\nTemp", "```scene\nTemp", "line 15: A step has one block “scene” at the most."),
        ("- [ ] one\n- [x] two", "= next pixel", "line 29: To ask for the next pixel, a step has"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_and_line(
    folder: Path, old: str, new: str, sentence: str
):
    (folder / "lesson.md").write_text(LESSON.replace(old, new), encoding="utf-8")

    assert [fault[: len(sentence) + 26] for fault in lessons.faults(folder)] == [
        f"01-blind-spots/lesson.md, {sentence}"
    ]
    with pytest.raises(StudioError, match=r"^01-blind-spots/lesson\.md, line \d+: .*\.$"):
        lessons.read(folder)


def test_all_that_is_wrong_is_told_in_its_order(folder: Path):
    text = LESSON.replace("[x]", "[ ]").replace("Minutes: 5", "Minutes: 0").replace("hide", "hid")
    (folder / "lesson.md").write_text(text, encoding="utf-8")

    lines = [
        int(fault.partition(" line ")[2].partition(":")[0]) for fault in lessons.faults(folder)
    ]
    assert lines == [3, 19, 29]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "no text in UTF-8"), (bytes(lessons.MOST_BYTES + 1), "larger than 1 MB")],
)
def test_what_is_no_text_or_too_much_of_it_is_refused(folder: Path, content: bytes, sentence: str):
    (folder / "lesson.md").write_bytes(content)

    assert len(found := lessons.faults(folder)) == 1
    assert sentence in found[0]


def test_lessons_of_ones_own_are_listed_and_one_that_cannot_be_read_says_why(
    folder: Path, user_data_folder: Path
):
    own = lessons.own_folder()
    own.mkdir(parents=True)
    folder.rename(own / "02-mine")
    (own / "01-broken").mkdir()
    (own / "01-broken" / "lesson.md").write_text("# Broken")

    found = [one for one in lessons.listed() if one.path.is_relative_to(own)]

    assert [one.path.parent.name for one in found] == ["01-broken", "02-mine"]
    assert found[0].lesson is None
    assert "A lesson has at least one step" in found[0].sentence
    assert found[1].lesson is not None
    assert found[1].lesson.name == str(own / "02-mine" / "lesson.md")
