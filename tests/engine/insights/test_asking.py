"""The thread that asks insights."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

import models
from models.interface import AutoregressiveModel
from studio.engine.insights import Answer, Insight, Question
from studio.engine.insights.asking import Asking, reply_of
from studio.engine.insights.question import question_of
from studio.engine.runtime.jobs import Mailbox
from tests.example_insight import INSIGHT
from tests.gui.picture.test_stage import moment

QUESTION = question_of(moment(8), 2)
WAIT = 20


@pytest.fixture
def model() -> AutoregressiveModel:
    made = models.build("made", shape=(1, 6, 6), hidden=4)
    assert isinstance(made, AutoregressiveModel)
    return made


def test_the_newest_question_is_answered(model: AutoregressiveModel) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(model: AutoregressiveModel | None, question: Question) -> Answer:
        begun.set()
        go_on.wait(WAIT)
        return Answer(site=question.site)

    asking = Asking(model)
    insight = replace(INSIGHT, ask=slow)
    asking.ask(insight, replace(QUESTION, site=1))
    begun.wait(WAIT)
    for site in (2, 3, 4):
        asking.ask(insight, replace(QUESTION, site=site))
    go_on.set()
    assert asking.join(WAIT)
    reply = asking.mailbox.take()
    assert reply is not None
    assert (reply.answer.site, asking.answered) == (4, 2)
    asking.close()
    assert asking.join(WAIT)


def test_one_that_is_not_for_the_model_says_why(model: AutoregressiveModel) -> None:
    reply = reply_of(replace(INSIGHT, refusal=lambda model: "Not this one."), model, QUESTION)
    assert reply.refused
    assert reply.answer.sentence == "Not this one."


def test_of_choices_that_there_are_not_the_last_is_taken(model: AutoregressiveModel) -> None:
    reply = reply_of(INSIGHT, model, replace(QUESTION, chosen={"Reach": 99}))
    assert reply.question.choice("Reach") == 4


def test_beside_a_drawing_in_a_hurry_it_rests_most_of_the_time(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("studio.engine.insights.asking.time.monotonic", lambda: clock[0])

    def work(model: AutoregressiveModel | None, question: Question) -> Answer:
        clock[0] += 0.06
        return Answer()

    asking = Asking.__new__(Asking)
    asking.mailbox, asking.answered, asking._model = Mailbox(), 0, model
    asking._not_before = 0.0
    insight = replace(INSIGHT, ask=work)
    asking._take(insight, QUESTION, hurried=True)
    asking._advance()
    asking._take(insight, QUESTION, hurried=True)
    patience = asking._patience(clock[0])
    assert patience is not None
    assert 0.85 < patience < 1.0
    asking._advance()
    assert asking.answered == 1
    asking._take(insight, QUESTION, hurried=False)
    assert asking._patience(clock[0]) == 0


def test_a_failure_reaches_whoever_looks(model: AutoregressiveModel) -> None:
    def wrong(model: AutoregressiveModel | None, question: Question) -> Answer:
        raise ArithmeticError("so it goes")

    asking = Asking(model)
    asking.ask(replace(INSIGHT, ask=wrong), QUESTION)
    assert asking.join(WAIT)
    failure = asking.failures.take()
    assert failure is not None
    assert "so it goes" in failure[0]
    asking.ask(INSIGHT, QUESTION)  # it goes on all the same
    assert asking.join(WAIT)
    assert asking.mailbox.take() is not None
    asking.close()
    assert asking.join(WAIT)


def test_the_example_says_how_near_pixels_are() -> None:
    found: Insight = INSIGHT
    answer = found.ask(None, replace(QUESTION, site=7))
    assert np.isfinite(answer.maps[0].values).sum() == 9
