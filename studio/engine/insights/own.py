"""Insights of a person's own: whatever goes wrong in one, and whatever it answers that cannot be
shown, is told in one sentence (`StudioError`) that names it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.engine.insights.question import Answer, Map, Question
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.insights import Insight

COLOURS = ("viridis", "cividis", "magma", "CET-D1")
_TAKEN = ("values", "there", "file")  # what else an .npz holds, and a word of numpy's for it


def fault_of(insight: Insight) -> str:
    """What is wrong with what it says of itself, "" for nothing; without a stop at its end."""
    texts = {"name": insight.name, "title": insight.title, "explanation": insight.explanation}
    for what, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            return f"the {what} of an insight has to be text, not {text!r}"
    if insight.colours not in COLOURS:
        return f'there are no colours "{insight.colours}"; there are {", ".join(COLOURS)}'
    return ""


def guarded(insight: Insight) -> Insight:
    """The same, which raises nothing but StudioError and answers nothing that cannot be shown."""

    def refusal(model: AutoregressiveModel) -> str:
        found = _run(insight, insight.refusal, model)
        if not isinstance(found, str):
            raise _wrong(insight, "why it is not for a model has to be text")
        return found

    def choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
        found = _run(insight, insight.choices, model)
        if not isinstance(found, Mapping) or not all(found.values()):
            raise _wrong(insight, "its choices have to be names with words for each")
        return found

    def ask(model: AutoregressiveModel | None, question: Question) -> Answer:
        answer = _run(insight, insight.ask, model, question)
        if fault := _run(insight, _fault_of_answer, answer, question):
            raise _wrong(insight, fault)
        return answer

    return replace(insight, ask=ask, refusal=refusal, choices=choices)


def _run(insight: Insight, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (StudioError, MemoryError):
        raise
    except (Exception, SystemExit) as error:  # whatever a person's code may raise
        path = getattr(getattr(insight.ask, "__code__", None), "co_filename", "")
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == path]
        where = f'line {lines[-1]} of "{path}": ' if lines else ""
        said = str(error).strip().partition("\n")[0].rstrip(".")
        what = f"{type(error).__name__}: {said}".rstrip(": ")
        raise StudioError(f'The insight "{insight.name}" failed: {where}{what}.') from error


def _wrong(insight: Insight, fault: str) -> StudioError:
    return StudioError(f'The insight "{insight.name}" cannot be shown: {fault}.')


def _fault_of_answer(answer: Any, question: Question) -> str:
    """Why an answer cannot be shown, "" where it can."""
    if not isinstance(answer, Answer):
        return f"it answers with {type(answer).__name__} instead of Answer"
    if not isinstance(answer.sentence, str):
        return f"its sentence has to be text, not {answer.sentence!r}"
    for each in answer.maps:
        if not isinstance(each, Map):
            return f"among its maps is {type(each).__name__} instead of Map"
        shape, space = tuple(np.shape(each.values)), question.space
        if shape not in (space, (3, *space)):
            return f"a map has the shape {shape} instead of {space} or {(3, *space)}"
        if not isinstance(each.values, np.ndarray) or each.values.dtype.kind not in "fiub":
            return "a map has to be a numpy array of numbers"
    for row in answer.rows:
        if not isinstance(row, tuple) or len(row) != 2:
            return f"a row has to be (what, how much), not {row!r}"
    for name, array in answer.arrays.items():
        if name in _TAKEN:
            return f'an array cannot be called "{name}"'
        if not isinstance(array, np.ndarray) or array.dtype.hasobject:
            return f'the array "{name}" has to be a numpy array, and not of objects'
    sites = [each for each in (answer.marked, answer.path) if each is not None]
    if any(
        np.any((np.asarray(each) < 0) | (np.asarray(each) >= question.there.size)) for each in sites
    ):
        return "it points at a site that is not there"
    return ""
