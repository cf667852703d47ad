"""How unsure the model was at each site: the entropy of its distribution, of all channels
together, as a share of the most that it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question, of_drawn

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    if question.entropies is None:
        return Answer(sentence="Nothing is drawn yet.")
    most = len(question.values) * np.log(question.levels)
    shares = of_drawn(question, question.entropies / most)
    bits = of_drawn(question, question.entropies / np.log(2))
    return Answer(maps=(Map(shares),), arrays={"entropy_bits": bits})


INSIGHT = Insight(
    "entropy",
    "Uncertainty",
    "How unsure the model was of each pixel when it drew it.",
    "viridis",
    ("sure", "unsure"),
    _ask,
    needs_model=False,
)
