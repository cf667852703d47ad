"""How much each pixel surprised the model: -log2 p of what is there, given all that comes before it
in the order; in bits, which add up to those of the picture.

It is told of what was drawn and of what a person painted alike, at temperature 1 and without
guidance. A painted site that comes after one that is unknown is left out: the model is not asked
about it before all that precedes it is there. A model that is conditioned on the painting is shown
what is painted, and so hardly surprised by that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question, of_drawn
from studio.engine.insights.words import counted, site_in_words, value_at

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

MOST_LISTED = 8
_SCALES = (1, 2, 5)  # and ten times as much: the colours do not change with every pixel


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    from studio.engine.insights.conditionals import nats_of

    assert model is not None
    nats, together = nats_of(model, question)
    told = np.isfinite(nats)
    later = int(question.there.sum()) - int(told.sum())
    if not told.any():
        nothing = "Nothing is drawn or painted yet."
        if later:
            pixels = counted(question, later, "given").capitalize()
            nothing = f"{pixels} will be told of when the drawing has reached them."
        return Answer(sentence=nothing)
    bits = nats / math.log(2)
    total, most = float(np.nansum(bits)), float(np.nanmax(bits))
    sentence = f"{total:.1f} bits in {counted(question, int(told.sum()))}, "
    sentence += f"{total / told.sum():.3f} a {counted(question, 1).split()[-1]}"
    if later:
        sentence += f"; {counted(question, later, 'given')} come later in the order"
    if together > 1:
        sentence += f"; given ones {together} at a time, which know nothing of one another"
    scale = _scale(most)
    listed = np.argsort(np.where(told, -bits, np.inf), kind="stable")
    listed = listed[: min(MOST_LISTED, int(told.sum()))]
    marked = question.order[listed]
    rows = tuple(
        (f"{site_in_words(question, site)}: {value_at(question, site)}", f"{bits[at]:.1f} bits")
        for at, site in zip(listed.tolist(), marked.tolist(), strict=True)
    )
    return Answer(
        maps=(Map(of_drawn(question, bits / scale)),),
        ends=("0", f"{scale:g} bits"),
        sentence=sentence + ".",
        rows=rows,
        marked=marked,
        arrays={"nats": of_drawn(question, nats), "bits": of_drawn(question, bits)},
    )


def _scale(most: float) -> float:
    """The next round number of bits."""
    ten = 1.0
    while ten * _SCALES[-1] < most:
        ten *= 10
    return next(ten * each for each in _SCALES if ten * each >= most)


INSIGHT = Insight(
    "surprise",
    "Surprise",
    "How improbable each pixel was to the model, drawn or painted: they add up to the picture's.",
    "magma",
    ("expected", "surprising"),
    _ask,
)
