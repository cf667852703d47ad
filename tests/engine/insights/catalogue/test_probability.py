"""What a model expects of the pixels that are not there yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from tests.gui.picture.test_stage import moment

ASK = insights()["probability"].ask


def test_it_says_nothing_of_what_is_there() -> None:
    expected = np.full((1, 6, 6), 0.25, np.float32)
    found = ASK(None, question_of(replace(moment(6), expected=expected), 2)).maps[0].values
    assert np.isnan(found.ravel()[:6]).all()
    assert (found.ravel()[6:] == np.float32(0.25)).all()


def test_it_is_empty_until_something_is_expected() -> None:
    assert not ASK(None, question_of(moment(6), 2)).maps
