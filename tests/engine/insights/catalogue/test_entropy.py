"""How unsure a model was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from tests.gui.picture.test_stage import moment

ASK = insights()["entropy"].ask


def test_it_is_a_share_of_the_most_that_it_could_be() -> None:
    entropies = np.full(36, np.nan, np.float32)
    entropies[:3] = np.log(4), np.log(2), 0
    answer = ASK(None, question_of(replace(moment(3), entropies=entropies), 4))
    found = answer.maps[0].values.ravel()
    np.testing.assert_allclose(found[:3], [1, 0.5, 0], atol=1e-6)
    assert np.isnan(found[3:]).all()
    np.testing.assert_allclose(answer.arrays["entropy_bits"].ravel()[:3], [2, 1, 0], atol=1e-6)
