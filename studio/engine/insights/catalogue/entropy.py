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
    nats = np.where(question.there, of_drawn(question, question.entropies), np.nan)
    shares = Map((nats / most).astype(np.float32))
    return Answer(maps=(shares,), arrays={"entropy_bits": nats / np.log(2)})


INSIGHT = Insight(
    "entropy",
    "Uncertainty",
    "How unsure the model was of each pixel when it drew it.",
    "viridis",
    ("sure", "unsure"),
    _ask,
    needs_model=False,
)
