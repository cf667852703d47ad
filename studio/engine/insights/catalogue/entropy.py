"""How unsure the model was at each site: the entropy of its distribution, of all channels
together, as a share of the most that it could be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question, of_drawn
from studio.engine.insights.words import counted, site_in_words

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


_MOST_LISTED = 8


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    if question.entropies is None or not (known := np.isfinite(question.entropies)).any():
        return Answer(sentence="Nothing is drawn yet.")
    bits: NDArray[np.float32] = question.entropies / np.float32(math.log(2))
    seen = np.where(question.there, of_drawn(question, bits), np.nan).astype(np.float32)
    most = len(question.values) * math.log2(question.levels)
    count, total = int(known.sum()), float(np.nansum(bits))
    least_sure = np.argsort(np.where(known, -bits, np.inf))[: min(_MOST_LISTED, count)]
    rows = tuple(
        (site_in_words(question, int(question.order[at])), f"{bits[at]:.2f} bits")
        for at in least_sure.tolist()
    )
    plural = "s" if most != 1 else ""
    return Answer(
        maps=(Map(seen / np.float32(most)),),
        sentence=f"{total / count:.3f} of {most:g} bit{plural} on average in"
        f" {counted(question, count)}; least sure in {rows[0][0]}.",
        rows=rows,
        arrays={"entropy_bits": seen},
    )


INSIGHT = Insight(
    "entropy",
    "Uncertainty",
    "How unsure the model was of each pixel when it drew it.",
    "viridis",
    ("sure", "unsure"),
    _ask,
    needs_model=False,
)
