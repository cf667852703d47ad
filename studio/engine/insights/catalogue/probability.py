"""What the model expects of the sites that are not there yet: of two levels the probability of
white, of more the expected level, and of colour the expected colour itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    if question.expected is None:
        return Answer()
    expected = np.where(question.there, np.nan, question.expected).astype(np.float32)
    shown = expected if len(expected) == 3 else expected.mean(0)
    return Answer(maps=(Map(shown),), arrays={"expected": expected})


INSIGHT = Insight(
    "probability",
    "Probability",
    "What the model expects of the pixels that are not there yet.",
    "viridis",
    ("black", "white"),
    _ask,
    needs_model=False,
    of_unknown=True,
    wants_expected=True,
    in_colour="expected colour",
)
