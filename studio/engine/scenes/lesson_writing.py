"""Lessons that a person makes: a scene, a title and a text become a further step. Free of torch."""

from __future__ import annotations

import contextlib
from itertools import count
from pathlib import Path

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import free_name
from studio.engine.runtime.files import reason, write_atomically
from studio.engine.scenes.document import SUFFIX, as_text
from studio.engine.scenes.lesson_text import take_apart
from studio.engine.scenes.lessons import (
    FILE,
    MOST_BYTES,
    course_folder,
    faults,
    own_folder,
    text_of,
)
from studio.engine.scenes.scene import Scene


def new_lesson(title: str, where: Path | None = None) -> Path:
    """The Markdown of a new lesson with that title, in a folder of its own in `where` (the person's
    own lessons); StudioError, one sentence, where it cannot be made."""
    title = _line(title, "A lesson")
    where = own_folder() if where is None else where
    try:
        where.mkdir(parents=True, exist_ok=True)
        folder = where / free_name(title, (path.name for path in where.iterdir()))
        folder.mkdir()
    except OSError as error:
        raise StudioError(f"No lesson can be made in “{where}”: {reason(error)}.") from error
    write_atomically(folder / FILE, f"# {title}\n".encode())
    return folder / FILE


def start_lesson(lesson_title: str, where: Path, title: str, text: str, scene: Scene) -> Path:
    """A new lesson with a first step; its Markdown. StudioError, one sentence, where there can be
    none; nothing is then left of it."""
    lesson = new_lesson(lesson_title, where)
    try:
        add_step(lesson, title, text, scene)
    except StudioError:
        with contextlib.suppress(OSError):
            lesson.unlink()
            lesson.parent.rmdir()
        raise
    return lesson


def add_step(lesson: Path, title: str, text: str, scene: Scene) -> int:
    """Append a step to a lesson's Markdown, with its scene as a file beside it; returns its number,
    from 1. StudioError, one sentence, where that would be no lesson; it is then as it was.

    text: Markdown; a block (```question) may stand in it.
    """
    if lesson.resolve().is_relative_to(course_folder()):
        raise StudioError("This lesson comes with the studio: make one of your own.")
    title = _line(title, "A step")
    before = text_of(lesson)
    steps = len(take_apart(before).steps)
    name = _free_scene(lesson.parent, steps + 1)
    # the scene before the text: a block that is not closed in there is then not closed at all
    parts = [before.rstrip("\r\n"), f"## {title}", f"```scene\n{name}\n```", text.strip()]
    after = "\n\n".join(part for part in parts if part) + "\n"
    taken = take_apart(after)
    if taken.wrong:
        wrong = taken.wrong[0]
        raise StudioError(f"This step cannot be saved: {wrong.text}")
    if len(taken.steps) != steps + 1:
        raise StudioError("In the text of a step no line can begin with ##: that is another step.")
    if len(after.encode()) > MOST_BYTES:
        raise StudioError("The lesson has no room for another step: begin a new one.")
    write_atomically(lesson.parent / name, as_text(scene, 1).encode())
    write_atomically(lesson, after.encode())
    if wrong_now := faults(lesson):
        write_atomically(lesson, before.encode())
        (lesson.parent / name).unlink(missing_ok=True)
        raise StudioError(wrong_now[0])
    return steps + 1


def _line(text: str, what: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise StudioError(f"{what} has a title.")
    return text


def _free_scene(folder: Path, number: int) -> str:
    names = (f"step-{n}{SUFFIX}" for n in count(number))
    return next(name for name in names if not (folder / name).exists())
