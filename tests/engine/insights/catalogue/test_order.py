"""When each pixel was drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from tests.gui.picture.test_stage import moment


def test_the_first_is_at_one_end_and_the_last_at_the_other() -> None:
    order = np.arange(36)[::-1].copy()
    answer = insights()["order"].ask(None, question_of(replace(moment(36), order=order), 2))
    found = answer.maps[0].values
    assert (found[-1, -1], found[0, 0]) == (0, 1)


def test_what_is_not_drawn_has_no_colour() -> None:
    found = insights()["order"].ask(None, question_of(moment(6), 2)).maps[0].values
    assert np.isnan(found.ravel()[6:]).all()
