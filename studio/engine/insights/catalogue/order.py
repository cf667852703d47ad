"""When each site was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question, of_drawn

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    rank = np.arange(len(question.order), dtype=np.float32)
    shares = np.where(rank < question.position, rank / max(1, len(rank) - 1), np.nan)
    return Answer(
        maps=(Map(of_drawn(question, shares)),),
        arrays={"order": question.order, "rank": of_drawn(question, rank)},
    )


INSIGHT = Insight(
    "order",
    "Order of drawing",
    "When the model drew each pixel.",
    "cividis",
    ("first", "last"),
    _ask,
    needs_model=False,
)
