"""Lessons: steps of text, each with a scene, with what to point at and what to hide in the window,
and a question.

A lesson is a folder with a file `lesson.md` beside its pictures and scenes, or any single `.md`:

    # Title of the lesson

    Minutes: 7
    Summary: One sentence for the list of lessons.

    ## Title of a step

    Text in Markdown. ![A picture of the folder](chain-rule.svg)

    ```scene
    step-1.scene.json
    ```

    ```point
    Temperature
    ```

    ```hide
    Library
    ```

    ```question
    ...                      see `studio.engine.scenes.lesson_questions`
    ```

A scene is the name of a file of the folder or a JSON object itself, see
`studio.engine.scenes.document`; "format" may be left out. A drawing (.svg) is shown in the window's
colours where it says `currentColor`. Fields that are not known are kept. Nothing that is read runs
code, and no file outside the folder is read. Free of torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from studio.engine.checkpoints import places
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.document import FORMAT, MOST_CHARACTERS, from_document
from studio.engine.scenes.lesson_files import read_file, read_picture
from studio.engine.scenes.lesson_questions import NextPixel, Question, question_of
from studio.engine.scenes.lesson_text import Block, Line, Part, Taken, pictures_in, take_apart
from studio.engine.scenes.scene import Scene

FILE = "lesson.md"
SUFFIX = ".md"
MOST_BYTES = 1 << 20  # of the Markdown
_MOST_MINUTES = 600
_MOST_LISTED = 500
T = TypeVar("T")
_ONCE = ("scene", "question")  # blocks of which a step has one at the most


@dataclass(frozen=True)
class Step:
    """text: Markdown. points: names of what to frame. hides: titles of docks."""

    title: str
    text: str
    scene: Scene | None = None
    points: tuple[Line, ...] = ()
    hides: tuple[Line, ...] = ()
    question: Question | None = None


@dataclass(frozen=True)
class Lesson:
    """path: of its Markdown. minutes: 0 where it does not say. fields: those that are not known."""

    path: Path
    title: str
    steps: tuple[Step, ...]
    minutes: int = 0
    summary: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def name(self) -> str:
        """What it is told apart by from others: of one that comes with the studio its folder's
        name, of others where they lie."""
        shipped = self.folder.parent == course_folder()
        return self.folder.name if shipped else str(self.path.absolute())

    def sentence(self, line: Line) -> str:
        """What is wrong, with the file and the line."""
        return _placed(self.path, line)


@dataclass(frozen=True)
class Listed:
    """lesson: None where it cannot be read; sentence: why."""

    path: Path
    lesson: Lesson | None
    sentence: str = ""


def course_folder() -> Path:
    """Where the lessons lie that come with the studio."""
    return assets_folder() / "lessons"


def own_folder() -> Path:
    """Where a person's own lessons lie unless they are kept elsewhere."""
    return places.own_folder().parent / "lessons"


def is_lesson(path: Path) -> bool:
    """Whether a path is that of a lesson by its name: a folder with a `lesson.md`, or a `.md`."""
    return (path / FILE).is_file() if path.is_dir() else path.suffix.lower() == SUFFIX


def read(path: Path) -> Lesson:
    """The lesson in a folder, or in a file; StudioError, one sentence with file and line, for what
    is wrong first."""
    lesson, wrong = _read(_file(path))
    if wrong:
        raise StudioError(_placed(_file(path), wrong[0]))
    return lesson


def text_of(file: Path) -> str:
    """A lesson's Markdown; StudioError, one sentence, where it cannot be read."""
    try:
        return read_file(file.parent, file.name, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StudioError(f"“{file.name}” is no text in UTF-8.") from error


def faults(path: Path) -> list[str]:
    """A sentence with file and line for everything that is wrong in a lesson, in its order."""
    file = _file(path)
    try:
        _, wrong = _read(file)
    except StudioError as error:
        return [str(error)]
    return [_placed(file, line) for line in wrong]


def listed() -> list[Listed]:
    """Every lesson at hand: those that come with the studio, then the person's own."""
    return [_listed(path) for path in (*_lessons_in(course_folder()), *_lessons_in(own_folder()))]


def _lessons_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*/{FILE}"))[:_MOST_LISTED]


def _listed(path: Path) -> Listed:
    try:
        return Listed(path, read(path))
    except StudioError as error:
        return Listed(path, None, str(error))


def _file(path: Path) -> Path:
    return path / FILE if path.is_dir() else path


def _placed(file: Path, line: Line) -> str:
    return f"{file.parent.name}/{file.name}, line {line.number}: {line.text}"


# ---- reading -------------------------------------------------------------------------------------


def _read(file: Path) -> tuple[Lesson, list[Line]]:
    """The lesson as far as it can be read, and what cannot."""
    taken = take_apart(text_of(file))
    steps = tuple(_step(part, file.parent, taken) for part in taken.steps)
    fields = dict(taken.fields)
    summary = fields.pop("Summary", Line("", 0)).text
    minutes = _minutes(fields.pop("Minutes", None), taken)
    kept = {name: line.text for name, line in fields.items()}
    lesson = Lesson(file, taken.title, steps, minutes, summary, kept)
    return lesson, sorted(taken.wrong, key=lambda line: line.number)


def _minutes(line: Line | None, taken: Taken) -> int:
    if line is None:
        return 0
    if line.text.isdecimal() and 1 <= int(line.text[:9]) <= _MOST_MINUTES:
        return int(line.text)
    taken.complain(line.number, f"Minutes are a whole number from 1 to {_MOST_MINUTES}.")
    return 0


def _step(part: Part, folder: Path, taken: Taken) -> Step:
    """A step of whatever can be read of it."""
    blocks = {word: [b for b in part.blocks if b.word == word] for word in _ONCE}
    for word, found in blocks.items():
        for second in found[1:]:
            taken.complain(second.number, f"A step has one block “{word}” at the most.")
    scene = question = None
    for block in blocks["scene"][:1]:
        scene = _or_complain(block, taken, lambda block: _scene(block, folder))
    for block in blocks["question"][:1]:
        question = _or_complain(
            block, taken, lambda block: question_of([line.text for line in block.lines])
        )
        if isinstance(question, NextPixel) and (scene is None or scene.position is None):
            taken.complain(
                block.number, "To ask for the next pixel, a step has a scene with a position."
            )
    for words, name in pictures_in(part.text):
        try:
            read_picture(folder, name.text)
            if not words:  # for those who cannot see it; and without any it would not be shown
                raise StudioError(f"A picture is told in words too: ![words]({name.text}).")
        except StudioError as error:
            taken.complain(name.number, str(error))
    return Step(
        part.title,
        "\n".join(line.text for line in part.text).strip("\n"),
        scene,
        tuple(_names(part, "point")),
        tuple(_names(part, "hide")),
        question,
    )


def _names(part: Part, word: str) -> Iterator[Line]:
    for block in part.blocks:
        if block.word == word:
            yield from block.names


def _or_complain(block: Block, taken: Taken, read: Callable[[Block], T]) -> T | None:
    try:
        return read(block)
    except StudioError as error:
        taken.complain(block.number, str(error))
        return None


def _scene(block: Block, folder: Path) -> Scene:
    text = "\n".join(line.text for line in block.lines).strip()
    what = "The scene"
    if not text.startswith("{"):
        if len(block.names) != 1:
            raise StudioError("A scene is the name of one file, or a JSON object.")
        what = f"The scene “{text}”"
        try:
            text = read_file(folder, text, MOST_CHARACTERS).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise StudioError(f"{what} cannot be read: it is no text in UTF-8.") from error
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{what} cannot be read: it is no JSON.") from error
    if isinstance(document, dict):
        document.setdefault("format", FORMAT)
    return from_document(document, what)
