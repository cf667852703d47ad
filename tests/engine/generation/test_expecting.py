"""The thread that says what a model expects: the newest question wins, and nothing waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from models.interface import AutoregressiveModel, OrderAgnosticModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation import expecting
from studio.engine.generation.class_posterior import class_posterior
from studio.engine.generation.expectation import PARTICLES, probability_map
from studio.engine.generation.expecting import Answer, Expecting, Question, so_far
from studio.engine.generation.generation import Generation
from tests.engine.generation.exact import evidence, strong
from tests.engine.generation.test_group_scores import counted
from tests.engine.playing import PATIENCE, rested, slowed, watched

ONE = evidence([[1, 0, -1], [-1, -1, -1], [-1, -1, -1]])
OTHER = evidence([[0, 1, 1], [0, -1, -1], [-1, -1, -1]])
LATE = evidence([[1, 0, -1], [-1, -1, -1], [-1, 1, -1]])
NOTHING = evidence([[-1] * 3] * 3)

Start = Callable[[AutoregressiveModel], Expecting]


@pytest.fixture
def start() -> Iterator[Start]:
    begun: list[Expecting] = []

    def starting(model: AutoregressiveModel) -> Expecting:
        begun.append(Expecting(model))
        return begun[-1]

    yield starting
    for each in begun:
        each.close()
        assert each.join(PATIENCE)


def both(answer: Answer) -> tuple[np.ndarray, np.ndarray]:
    assert answer.expectation is not None
    assert answer.posterior is not None
    return answer.expectation.shares, answer.posterior.probabilities


@pytest.mark.parametrize("name", ["gated-pixelcnn-class", "ardm-class"])
def test_it_answers_what_the_engine_says(start, name):
    model = strong(name)
    asked = start(model)
    asked.ask(Question(ONE, condition=1))
    shares, probabilities = both(rested(asked))
    expected = probability_map(model, ONE, 1, PARTICLES)
    assert expected is not None
    np.testing.assert_array_equal(shares, expected.shares)
    np.testing.assert_allclose(probabilities, class_posterior(model, ONE).probabilities, atol=1e-5)


def test_only_what_is_asked_is_worked_out(start):
    asked = start(strong("gated-pixelcnn-class"))
    asked.ask(Question(ONE, pixels=False))
    assert rested(asked).expectation is None
    asked.ask(Question(ONE, classes=False))
    rested(asked)
    assert asked.answered == {"pixels": 1, "classes": 1, "refined": 0}


def test_the_newest_question_wins_and_those_before_are_passed_over(start, monkeypatch):
    monkeypatch.setattr(expecting, "_LASTING", 0.0)
    model = slowed(strong("gated-pixelcnn-class"), seconds=0.02)
    asked = start(model)
    for _ in range(20):
        asked.ask(Question(ONE))
        asked.ask(Question(OTHER))
        time.sleep(0.005)
    shares, probabilities = both(rested(asked))
    exact = class_posterior(model, OTHER)
    np.testing.assert_allclose(probabilities, exact.probabilities, atol=1e-5)
    assert np.isnan(shares[:, OTHER.known]).all()
    assert not np.isnan(shares[:, ~OTHER.known]).any()
    assert asked.answered["pixels"] < 10, "attempts for an earlier question make way"


def test_the_class_does_not_wait_for_attempts_that_are_going_on(start):
    model = slowed(strong("gated-pixelcnn-class"), seconds=0.3)  # a second and more for all sites
    asked = start(model)
    asked.ask(Question(ONE))
    watched(asked, lambda answer: answer.posterior is not None)
    asked.ask(Question(OTHER))
    exact = class_posterior(model, OTHER).probabilities
    answer = watched(
        asked,
        lambda answer: (
            answer.posterior is not None
            and np.allclose(answer.posterior.probabilities, exact, atol=1e-5)
        ),
    )
    assert answer.expectation is None, "they are not through yet"


def test_quick_attempts_are_finished_so_that_a_long_stroke_shows_something(start):
    model = slowed(strong("gated-pixelcnn-class"), seconds=0.002)
    asked = start(model)
    deadline = time.monotonic() + 6 * PATIENCE
    while asked.answered["pixels"] < 2 and time.monotonic() < deadline:
        asked.ask(Question(ONE if asked.answered["classes"] % 2 else OTHER))
        time.sleep(0.004)
    assert asked.answered["pixels"] >= 2


def test_a_rough_answer_about_the_class_is_refined_when_nobody_asks_for_a_moment(start):
    model = strong("gated-pixelcnn-class")
    asked = start(model)
    for _ in range(3):
        asked.ask(Question(LATE))
    answer = rested(asked)
    assert answer.posterior is not None
    assert "were drawn 6 times" in answer.posterior.how
    assert asked.answered["refined"] == 1
    asked.ask(Question(ONE))
    answer = rested(asked)
    assert answer.posterior is not None
    assert answer.posterior.exact
    assert asked.answered["refined"] == 1


def test_what_does_not_fit_the_model_is_refused_and_the_next_question_answered(start):
    asked = start(strong("gated-pixelcnn-class"))
    asked.ask(Question(Evidence(np.zeros((1, 2, 2), np.uint8), np.ones((2, 2), bool))))
    assert asked.join(PATIENCE)
    failure = asked.failures.take()
    assert failure is not None
    assert "the model draws" in failure[0]
    asked.ask(Question(ONE))
    both(rested(asked))


def test_a_question_is_the_same_where_its_answer_is():
    question = Question(ONE, condition=1)
    assert question.same(replace(question, given=ONE.copy()))
    for other in (
        replace(question, given=OTHER),
        replace(question, condition=2),
        replace(question, pixels=False),
    ):
        assert not question.same(other)


def painted(model: AutoregressiveModel, given: Evidence, steps: int):
    generation = Generation(model, evidence=given)
    generation.step(steps)
    return generation.snapshot(None, False, 0.0)


def test_what_is_drawn_is_there_beside_what_is_painted():
    model = strong("gated-pixelcnn")
    snapshot = painted(model, LATE, 3)
    there = so_far(LATE, snapshot, sees_all_given=False)
    assert there.known.ravel().nonzero()[0].tolist() == [*range(snapshot.position), 7]
    np.testing.assert_array_equal(there.values[:, there.known], snapshot.values[0][:, there.known])
    assert not there.values[:, ~there.known].any()


def test_of_what_was_drawn_holds_what_comes_before_a_new_stroke():
    snapshot = painted(strong("gated-pixelcnn"), NOTHING, 9)
    stroke = evidence([[-1, -1, -1], [-1, 1, -1], [-1, -1, -1]])
    there = so_far(stroke, snapshot, sees_all_given=False)
    assert there.known.ravel().nonzero()[0].tolist() == [0, 1, 2, 3, 4]
    assert there.values[0, 1, 1] == 1
    assert so_far(stroke, snapshot, sees_all_given=True).known.sum() == 1


def test_a_snapshot_of_another_size_is_left_out():
    snapshot = painted(strong("gated-pixelcnn", (1, 2, 2)), evidence([[-1, -1], [-1, -1]]), 4)
    assert so_far(ONE, snapshot, sees_all_given=False) is ONE


def test_the_first_stroke_does_not_meet_a_model_that_was_never_asked(start, monkeypatch):
    model = strong("ardm-class")
    assert isinstance(model, OrderAgnosticModel)
    asked = start(model)
    asked.ask(Question(NOTHING, pixels=False))
    rested(asked)
    passes = counted(model, monkeypatch)
    asked.ask(Question(ONE, pixels=False))
    rested(asked)
    assert len(passes) == 1, "what an empty picture says is known by now"
