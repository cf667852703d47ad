"""When each site was drawn: in colours, and as a path from the first site to the last.

A regular order is a line whose corners say all of it. A path of an order without a pattern is a
ball of wool: only the latest steps are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question, of_drawn
from studio.engine.insights.words import counted, site_in_words

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


_REGULAR = 0.35  # corners a site: of a path with more, only the latest steps are shown
_LATEST = 24


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    rank = np.arange(len(question.order), dtype=np.float32)
    position = question.position
    shares = np.where(rank < position, rank / max(1, len(rank) - 1), np.nan)
    path, whole = path_of(question.order[:position], question.space)
    sentence = f"{counted(question, position)} of {len(rank)}"
    if position:
        sentence += f", the latest in {site_in_words(question, int(question.order[position - 1]))}"
    if not whole:
        sentence += f"; the line joins the latest {_LATEST}"
    return Answer(
        maps=(Map(of_drawn(question, shares)),),
        sentence=f"{sentence}.",
        path=path,
        arrays={"order": question.order, "rank": of_drawn(question, rank)},
    )


def path_of(
    drawn: NDArray[np.int64], space: tuple[int, ...]
) -> tuple[NDArray[np.int64] | None, bool]:
    """Raster indices of sites, (position,), in the order in which they were drawn: those that a
    line has to join to go through all of them, None for fewer than two; and whether it does."""
    if len(drawn) < 2:
        return None, True
    steps = np.diff(np.stack(np.unravel_index(drawn, space)), axis=1)
    turns = (steps[:, 1:] != steps[:, :-1]).any(0)
    kept = np.concatenate([[True], turns, [True]])
    if kept.sum() > max(_LATEST, _REGULAR * len(drawn)):
        return drawn[-_LATEST:], False
    return drawn[kept], True


INSIGHT = Insight(
    "order",
    "Order of drawing",
    "When the model drew each pixel.",
    "cividis",
    ("first", "last"),
    _ask,
    needs_model=False,
)
