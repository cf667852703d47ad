"""What an insight is asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.editing.evidence import Evidence
from studio.engine.insights.question import Question, of_drawn, question_of
from tests.gui.picture.test_stage import SIDE, moment


def painted(row: int, column: int) -> Evidence:
    known = np.zeros((SIDE, SIDE), bool)
    known[row, column] = True
    return Evidence(known[None].astype(np.uint8), known)


def test_it_is_about_what_is_drawn_so_far_and_the_next_site() -> None:
    question = question_of(moment(8), 2)
    assert question.there.sum() == question.position == question.asked == 8
    assert not question.given.any()


def test_where_it_stands_is_worked_out_once() -> None:
    question = question_of(moment(8), 2)
    assert question.position == 8
    question.there[:] = True
    assert question.position == 8


def test_a_finished_picture_is_asked_about_its_last_site() -> None:
    assert question_of(moment(SIDE * SIDE), 2).asked == SIDE * SIDE - 1


def test_what_is_painted_is_there_and_given_and_newer() -> None:
    question = question_of(
        replace(moment(8), values=np.zeros((1, 1, SIDE, SIDE), np.uint8)), 2, painted(4, 3)
    )
    assert question.given.sum() == 1
    assert question.there.sum() == 9
    assert question.values[0, 4, 3] == 1
    assert question.position == 8


def test_there_is_a_record_of_the_picture_that_is_shown_only() -> None:
    snapshot = replace(moment(8, count=3), chosen=1)
    assert question_of(snapshot, 2).entropies is not None
    assert question_of(snapshot, 2).picture == 1
    assert question_of(snapshot, 2, picture=2).entropies is None


def test_questions_are_the_same_where_picture_site_and_choices_are() -> None:
    def ask(position: int = 8, site: int | None = 5, layer: int = 1) -> Question:
        return question_of(moment(position), 2, None, site, {"Layer": layer})

    assert ask().same(ask())
    for other in (ask(position=9), ask(site=6), ask(layer=2)):
        assert not ask().same(other)


def test_what_goes_by_the_order_is_laid_where_it_belongs() -> None:
    order = np.arange(SIDE * SIDE)[::-1].copy()
    question = question_of(replace(moment(8), order=order), 2)
    assert of_drawn(question, np.arange(SIDE * SIDE, dtype=np.float32))[-1, -1] == 0
