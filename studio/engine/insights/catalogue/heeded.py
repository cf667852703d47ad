"""Which of the given pixels the model heeds when it draws a pixel: those that its network is shown
there, and by a method that takes account of all that is given the others too.

With plain clamping a pixel is drawn in the light of what comes before it in the order, within the
reach of the network (`dependencies`). Where the model is conditioned on the painting, or what is
given comes first in the order, it sees all of it; where attempts compete, what is given later
decides which of them go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question
from studio.engine.insights.words import counted

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

DRAWN = "Drawn"
_BY_ATTEMPTS = 0.6  # on the colour map: not by the network, but by attempts that compete


def _choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    return {DRAWN: ("One pixel", "All unknown pixels")}


def _refusal(model: AutoregressiveModel) -> str:
    if model.spec.sites is None:
        return "This model makes sound, and what it is given comes first: all of it is heeded."
    return ""


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    from studio.engine.generation.method_choice import chosen_method

    assert model is not None
    given = question.given.ravel()
    total = int(given.sum())
    if not total:
        return Answer(sentence="Nothing is given: paint something for the model to finish.")
    if given.all():
        return Answer(sentence="Everything is given: nothing is left to draw.")
    of_all = question.choice(DRAWN) == 1
    if not of_all and given[question.asked]:
        return Answer(sentence="This pixel is given: point at another one.", site=question.asked)
    sites = np.flatnonzero(~question.there.ravel()) if of_all else np.array([question.asked])
    if not len(sites):
        return Answer(sentence="Nothing is left to draw: point at a pixel that was drawn.")
    options = question.options
    method = chosen_method(model, question.given, options.method, options.parallel)[0]
    shown = shown_of(model, question, sites)[:, given]  # (sites, given)
    if method.given_first:
        shown[:] = True  # also where the order does not know of the last strokes yet
    by_method = method.sees_all and not bool(shown.all())
    shares = np.where(shown, 1.0, _BY_ATTEMPTS if by_method else 0.0).mean(0)
    heeded = np.full(given.shape, np.nan, np.float32)
    heeded[given] = shares
    direct = np.full(given.shape, np.nan, np.float32)
    direct[given] = shown.mean(0)
    ranks = question.order.argsort()
    later = int((given & (ranks > ranks[sites].max())).sum())
    seen = int(shown.all(0).sum()) if of_all else int(shown.sum())
    return Answer(
        maps=(Map(heeded.reshape(question.space)),),
        sentence=_sentence(question, total, seen, later, by_method, of_all),
        site=None if of_all else question.asked,
        arrays={
            "shown_to_the_network": direct.reshape(question.space),
            "taken_account_of": np.where(by_method & given, 1, direct).reshape(question.space),
        },
    )


def shown_of(
    model: AutoregressiveModel, question: Question, sites: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """What the network is shown when it draws sites (S,), by raster index: bool (S, N), of what is
    given and what is not alike."""
    if model.takes_painting:
        return np.ones((len(sites), len(question.order)), bool)
    ranks = question.order.argsort()
    dependencies = model.dependencies().cpu().numpy()
    return dependencies[ranks[sites]][:, ranks]


def _sentence(
    question: Question, total: int, seen: int, later: int, by_method: bool, of_all: bool
) -> str:
    whom = "by every unknown pixel" if of_all else "here"
    pixels = counted(question, total, "given")
    if seen == total:
        return f"All {pixels} are heeded {whom}."
    if by_method:
        return f"All {pixels} count {whom}: {seen} by the network, the others by attempts."
    found = f"{seen} of {pixels} are heeded {whom}"
    beyond = total - seen - later
    if of_all:
        return f"{found}; others come later in the order or are out of reach for some."
    parts = [f"{later} come later in the order"] * bool(later)
    parts += [f"{beyond} are out of the network's reach"] * bool(beyond)
    return f"{found}; {' and '.join(parts)}."


INSIGHT = Insight(
    "heeded",
    "Evidence heeded",
    "Which of the given pixels the model takes account of when it draws a pixel.",
    "viridis",
    ("not heeded", "heeded"),
    _ask,
    of_site=True,
    refusal=_refusal,
    choices=_choices,
)
