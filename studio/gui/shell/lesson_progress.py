"""How far the person has come in each lesson, remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QSettings

_KEY = "lessons/progress"
_MOST = 500  # lessons that are remembered: the last ones


@dataclass(frozen=True)
class Progress:
    """step: the one that was shown last, from 0; None before the first time. done: whether the last
    one was ever reached."""

    step: int | None = None
    done: bool = False


def progress(name: str) -> Progress:
    """In the lesson of that name, see `Lesson.name`."""
    found = _all().get(name)
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[0], int):
        return Progress()
    return Progress(max(0, found[0]), found[1] is True)


def keep_progress(name: str, step: int, done: bool) -> None:
    """done: whether it is now; once done, it stays so."""
    known = _all()
    before = progress(name)
    known.pop(name, None)
    known[name] = [step, done or before.done]
    QSettings().setValue(_KEY, json.dumps(dict(list(known.items())[-_MOST:])))


def _all() -> dict[str, object]:
    try:
        found = json.loads(str(QSettings().value(_KEY, "{}")))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
