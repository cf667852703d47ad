"""`studio lessons`: the lessons at hand, and what is wrong in one."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.cli.terminal import BAD_INPUT, DONE, print_json, print_table
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import lessons as engine


def lessons(arguments: argparse.Namespace) -> int:
    """List them, or check one."""
    if arguments.check is not None:
        return _check(Path(arguments.check), arguments.json)
    found = engine.listed()
    if arguments.json:
        print_json({"lessons": [_described(one) for one in found]})
        return DONE
    rows = [
        [one.path.parent.name, "", "", "", one.sentence]
        if (lesson := one.lesson) is None
        else [
            one.path.parent.name,
            lesson.title,
            str(lesson.minutes or ""),
            str(len(lesson.steps)),
            lesson.summary,
        ]
        for one in found
    ]
    print_table(["lesson", "title", "minutes", "steps", "about"], rows, right=frozenset([2, 3]))
    return DONE


def _check(path: Path, as_json: bool) -> int:
    """A line for each fault, and status 2 where there is one."""
    if not engine.is_lesson(path):
        raise StudioError(
            f'"{path}" is no lesson: it is no folder with a file {engine.FILE}, and no .md.'
        )
    faults = engine.faults(path)
    if as_json:
        print_json({"lesson": str(path), "faults": faults})
    else:
        print("\n".join(faults) or "Nothing is wrong.")
    return BAD_INPUT if faults else DONE


def _described(one: engine.Listed) -> dict[str, object]:
    """For JSON."""
    if one.lesson is None:
        return {"path": str(one.path), "error": one.sentence}
    return {
        "path": str(one.path),
        "name": one.lesson.name,
        "title": one.lesson.title,
        "minutes": one.lesson.minutes,
        "summary": one.lesson.summary,
        "steps": [step.title for step in one.lesson.steps],
        **({"more": one.lesson.fields} if one.lesson.fields else {}),
    }
