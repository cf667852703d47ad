"""Insights of a person's own that fail, or answer what cannot be shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from studio.engine.insights import Answer, insights, register
from studio.engine.insights.own import guarded
from studio.engine.insights.question import Map, Question
from studio.engine.runtime.errors import StudioError
from tests.example_insight import INSIGHT

SPACE = (4, 5)
QUESTION = Question(
    np.zeros((1, *SPACE), np.uint8), np.ones(SPACE, bool), np.zeros(SPACE, bool), np.arange(20), 2
)
FLAT = Map(np.zeros(SPACE, np.float32))


def said(found: Any) -> str:
    insight = guarded(replace(INSIGHT, ask=lambda model, question: found))
    with pytest.raises(StudioError) as caught:
        insight.ask(None, QUESTION)
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "NoneType instead of Answer"),
        (Answer(sentence=3), "text, not 3"),  # type: ignore[arg-type]
        (Answer(arrays=None), "failed: AttributeError"),  # type: ignore[arg-type]
        (Answer((np.zeros(SPACE),)), "ndarray instead of Map"),  # type: ignore[arg-type]
        (Answer((Map(np.zeros((5, 4), np.float32)),)), "(5, 4) instead of (4, 5) or (3, 4, 5)"),
        (Answer((Map(np.zeros((4, 5, 3), np.float32)),)), "the shape (4, 5, 3)"),
        (Answer((Map(np.full(SPACE, "a")),)), "array of numbers"),  # type: ignore[arg-type]
        (Answer((FLAT,), rows=(("alone",),)), "(what, how much)"),  # type: ignore[arg-type]
        (Answer((FLAT,), arrays={"file": np.zeros(1)}), 'cannot be called "file"'),
        (Answer((FLAT,), arrays={"a": np.array([None])}), "not of objects"),
        (Answer((FLAT,), marked=np.array([20])), "a site that is not there"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(answer: Any, sentence: str) -> None:
    assert sentence in said(answer)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(),
        Answer((Map(np.full(SPACE, np.nan, np.float32)),)),
        Answer((Map(np.ones((3, *SPACE), np.float32)),), path=np.arange(20)),
    ],
)
def test_nothing_to_say_and_colours_are_answers(answer: Answer) -> None:
    insight = guarded(replace(INSIGHT, ask=lambda model, question: answer))
    assert insight.ask(None, QUESTION) is answer


def test_what_fails_in_it_names_the_line() -> None:
    def fail(*about: object) -> Any:
        return 1 // 0

    insight = guarded(replace(INSIGHT, ask=fail, refusal=fail, choices=fail))
    model: Any = None
    for failing in (lambda: insight.ask(None, QUESTION), lambda: insight.refusal(model)):
        with pytest.raises(StudioError, match=r'"near" failed: line \d+ of ".*": ZeroDivision'):
            failing()
    with pytest.raises(StudioError, match="ZeroDivision"):
        insight.choices(model)
    with pytest.raises(StudioError, match="words for each"):
        guarded(replace(INSIGHT, choices=lambda model: {"A": ()})).choices(model)


def test_colours_and_names_that_there_are_not_are_refused(own_insights: None) -> None:
    with pytest.raises(ValueError, match="there are viridis"):
        register(replace(INSIGHT, colours="rainbow"))
    with pytest.raises(ValueError, match="has to be text"):
        register(replace(INSIGHT, title=3))  # type: ignore[arg-type]
    assert INSIGHT.name not in insights()
