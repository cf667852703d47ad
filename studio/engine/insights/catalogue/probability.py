"""What the model expects of the sites that are not there yet: of two levels the probability of
white, of more the expected level, and of colour the expected colour itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question
from studio.engine.insights.words import NO_SHADES, counted, site_in_words

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


_MOST_LISTED = 8


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    if question.coded:
        return Answer(sentence=NO_SHADES)
    if question.expected is None:
        return Answer()
    expected = np.where(question.there, np.nan, question.expected).astype(np.float32)
    shown = expected if len(expected) == 3 else expected.mean(0)
    flat = expected.mean(0).ravel()
    asked = np.flatnonzero(np.isfinite(flat))
    if not len(asked):
        return Answer(sentence="Nothing is unknown, or nothing is worked out of it yet.")
    return Answer(
        maps=(Map(shown),),
        sentence=_sentence(question, flat[asked]),
        rows=_undecided(question, flat, asked) if question.levels == 2 else (),
        arrays={"expected": expected},
    )


def _sentence(question: Question, shares: NDArray[np.float32]) -> str:
    pixels = counted(question, len(shares), "unknown")
    if question.levels == 2 and len(question.values) == 1:
        return f"About {shares.sum():.0f} of {pixels} are expected white."
    return f"The {pixels} are expected at {100 * shares.mean():.0f} % of full light on average."


def _undecided(
    question: Question, flat: NDArray[np.float32], asked: NDArray[np.int64]
) -> tuple[tuple[str, str], ...]:
    """Where black and white are most alike."""
    order = np.argsort(np.abs(flat[asked] - 0.5), kind="stable")[:_MOST_LISTED]
    return tuple(
        (site_in_words(question, site), f"white with {100 * flat[site]:.0f} %")
        for site in asked[order].tolist()
    )


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
