"""What the model sees when it comes to a site: how far it reaches by its structure, and how
strongly each site counts by the gradient; of the whole network, or after some of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question
from studio.engine.insights.words import site_in_words

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

SHOW = ("strength and reach", "strength", "reach")
WHOLE = "all"
_GROUND = 0.12  # where the colours begin of what is seen, however weakly
_REACHED = 0.5  # where only the reach is shown


def _refusal(model: AutoregressiveModel) -> str:
    if model.spec.sites is None:
        return "For a sound, press What counts on its page: it is shown on the waveform."
    return ""


def _choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    from studio.engine.insights.reach import layers

    found: dict[str, tuple[str, ...]] = {"Show": SHOW}
    if groups := layers(model):
        titles = (group[0].title for group in groups)
        found["Layers"] = (WHOLE, *(f"{i}: {title}" for i, title in enumerate(titles, 1)))
    return found


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    from studio.engine.insights.reach import reach
    from studio.engine.insights.strength import strength

    assert model is not None
    site, after = question.asked, question.choice("Layers")
    earlier = np.zeros(len(question.order), bool)
    earlier[question.order[: question.rank_of(site)]] = True
    if model.predicts_all:
        reached = question.there.ravel().copy()
    else:
        reached = reach(model, question.order, site, after)
        if model.takes_painting:
            reached = reached | question.given.ravel()
    reached[site] = False
    found = strength(model, question, site, after)
    strengths = np.where(reached, 0.0 if found is None else found, 0.0).astype(np.float32)
    return Answer(
        maps=(Map(_map(reached, strengths, question).reshape(question.space)),),
        sentence=_sentence(model, question, reached, earlier, strengths, found is not None),
        rows=_rows(question, reached, earlier, strengths),
        site=site,
        arrays={
            "site": np.array(site),
            "reach": reached.reshape(question.space),
            "strength": strengths.reshape(question.space),
        },
    )


def _map(
    reached: NDArray[np.bool_], strengths: NDArray[np.float32], question: Question
) -> NDArray[np.float32]:
    shown = SHOW[question.choice("Show")]
    if shown == "reach":
        return np.where(reached, _REACHED, np.nan).astype(np.float32)
    # the root: a few sites count most, and of the others something is to be seen as well
    shares = np.sqrt(strengths / max(float(strengths.max(initial=0)), 1e-30))
    seen = reached if shown != "strength" else strengths > 0
    return np.where(seen, _GROUND + (1 - _GROUND) * shares, np.nan).astype(np.float32)


def _sentence(
    model: AutoregressiveModel,
    question: Question,
    reached: NDArray[np.bool_],
    earlier: NDArray[np.bool_],
    strengths: NDArray[np.float32],
    passed: bool,
) -> str:
    count = int(reached.sum())
    if not count and not earlier.any():
        return "It is the first pixel: it sees nothing of the picture."
    if model.predicts_all:
        said = f"It sees every known pixel, wherever it lies: {count:,} of them"
    else:
        within, unseen = int((reached & earlier).sum()), int((earlier & ~reached).sum())
        said = f"It sees {within:,} of the {int(earlier.sum()):,} earlier pixels"
        if not unseen and within:
            said = f"It sees all {within:,} earlier pixels"
        if beyond := count - within:
            said += f", and {beyond:,} later ones that are given"
    if not passed:
        return f"{said}. How strongly they count cannot be told: its network takes no gradient."
    if strengths.any():
        ranked = np.sort(strengths.astype(np.float64) ** 2)[::-1].cumsum()
        half = int((ranked < ranked[-1] / 2).sum()) + 1
        said += f"; {half:,} make{'s' if half == 1 else ''} up half of the strength"
    return f"{said}."


def _rows(
    question: Question,
    reached: NDArray[np.bool_],
    earlier: NDArray[np.bool_],
    strengths: NDArray[np.float32],
) -> tuple[tuple[str, str], ...]:
    """In few words; last the sites that count most."""
    within, total = int((reached & earlier).sum()), int(earlier.sum())
    counts = ("Seen", f"{within:,} of {total:,}"), ("Never seen", f"{total - within:,}")
    most = np.argsort(-strengths, kind="stable")[:5]
    return counts + tuple(
        (site_in_words(question, each).capitalize(), f"{strengths[each]:.3g}")
        for each in most.tolist()
        if strengths[each] > 0
    )


INSIGHT = Insight(
    "receptive-field",
    "Receptive field",
    "What the model sees when it comes to this pixel, and how strongly each pixel counts.",
    "viridis",
    ("weakly", "strongly"),
    _ask,
    of_site=True,
    see_through=True,
    refusal=_refusal,
    choices=_choices,
)
