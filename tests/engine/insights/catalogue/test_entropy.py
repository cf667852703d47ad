"""Uncertainty, from the record of a drawing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from tests.engine.insights.questions import part
from tests.gui.picture.test_stage import moment
from tests.models.zoo import small

ASK = insights()["entropy"].ask


def test_it_is_a_share_of_the_most_that_it_could_be() -> None:
    entropies = np.full(36, np.nan, np.float32)
    entropies[:3] = np.log(4), np.log(2), 0
    answer = ASK(None, question_of(replace(moment(3), entropies=entropies), 4))
    found = answer.maps[0].values.ravel()
    np.testing.assert_allclose(found[:3], [1, 0.5, 0], atol=1e-6)
    assert np.isnan(found[3:]).all()
    np.testing.assert_allclose(answer.arrays["entropy_bits"].ravel()[:3], [2, 1, 0], atol=1e-6)


def test_it_tells_the_mean_and_the_least_sure_pixels() -> None:
    entropies = np.full(42, np.nan, np.float32)
    entropies[:20] = np.linspace(0, math.log(2), 20)
    answer = insights()["entropy"].ask(None, part(small("made"), 20, entropies=entropies))
    assert answer.rows[:2] == (("row 3, column 1", "1.00 bits"), ("row 3, column 0", "0.95 bits"))
    assert answer.sentence == (
        "0.500 of 1 bit on average in 20 pixels; least sure in row 3, column 1."
    )
    assert answer.maps[0].values[3, 1] == 1


def test_before_the_first_pixel_it_says_so() -> None:
    entropies = np.full(42, np.nan, np.float32)
    answer = insights()["entropy"].ask(None, part(small("made"), 0, entropies=entropies))
    assert answer.sentence == "Nothing is drawn yet."
