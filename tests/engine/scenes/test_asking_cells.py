"""What an insight says of several scenes side by side, each by its own model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.insights import Answer, Insight, Question
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.asking_cells import AskingCells, Replies
from tests.models.zoo import small


def ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    assert model is not None
    if question.site == 3:
        raise StudioError("Not this one.")
    return Answer(sentence=f"{model.name} at {question.site}")


def insight(**changes: Any) -> Insight:
    return replace(Insight("here", "Here", "Where it is.", "viridis", ("a", "b"), ask), **changes)


def question(site: int) -> Question:
    there = np.zeros((2, 2), bool)
    return Question(np.zeros((1, 2, 2), np.uint8), there, there, np.arange(4), 2, site=site)


@pytest.fixture
def asking() -> Iterator[AskingCells]:
    asking = AskingCells()
    yield asking
    asking.close()
    assert asking.join(5)


def said(replies: Replies | None) -> list[str | None]:
    assert replies is not None
    return [None if reply is None else reply.answer.sentence for reply in replies]


MODELS = [small(name, (1, 2, 2)) for name in ("made", "pixelcnn")]


def test_each_scene_is_answered_by_its_own_model(asking: AskingCells) -> None:
    asking.ask(insight(), [(model, question(1)) for model in MODELS])
    assert asking.join(5)
    assert said(asking.mailbox.take()) == ["made at 1", "pixelcnn at 1"]


def test_a_scene_of_which_nothing_is_asked_has_no_reply(asking: AskingCells) -> None:
    here = insight()
    asking.ask(here, [(model, question(1)) for model in MODELS])
    asking.ask(here, [None, (MODELS[1], question(2))])
    assert asking.join(5)
    assert said(asking.mailbox.take()) == [None, "pixelcnn at 2"]


def test_one_that_is_refused_leaves_the_others_alone(asking: AskingCells) -> None:
    asking.ask(insight(), [(MODELS[0], question(3)), (MODELS[1], question(0))])
    assert asking.join(5)
    replies = asking.mailbox.take()
    assert said(replies) == ["Not this one.", "pixelcnn at 0"]
    assert replies is not None
    assert [reply is not None and reply.refused for reply in replies] == [True, False]
    assert asking.failures.take() is None


def test_a_model_that_it_is_not_for_says_why(asking: AskingCells) -> None:
    asking.ask(insight(refusal=lambda model: "Not for this."), [(MODELS[0], question(1))])
    assert asking.join(5)
    assert said(asking.mailbox.take()) == ["Not for this."]
