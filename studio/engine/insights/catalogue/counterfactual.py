"""What the model would expect of the later pixels if one of those that are there were another
value: the difference of two expectations, from a batch of two in one pass.

The rest of the picture is held as it stands, also what was drawn after that pixel; unknown sites
are held at level 0, so that only the first of them is asked as it will be drawn. A model that
predicts all unknown sites at once says nothing of those that it is given: it is given what comes up
to that pixel, and asked about all that comes later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question
from studio.engine.insights.words import (
    NO_SHADES,
    counted,
    site_in_words,
    value_at,
    value_in_words,
)

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

VALUE = "Value"
_MOST_LISTED = 5
_FAINTEST = 0.01  # share of the highest level: smaller differences do not get all of the colours


def _refusal(model: AutoregressiveModel) -> str:
    return "" if model.pictures is model.spec else NO_SHADES


def _choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    """What can be put in its place; nothing to choose where there is one other value only."""
    names = tuple(_values(model.spec.channels, model.spec.levels))
    return {VALUE: names} if len(names) > 1 else {}


def _values(channels: int, levels: int) -> dict[str, tuple[int, ...] | None]:
    """Levels to put in its place, by name; None for the opposite of each, 0 for the highest."""
    top, found = levels - 1, dict[str, tuple[int, ...] | None](Opposite=None)
    if levels > 2 or channels > 1:
        found |= {"Black": (0,) * channels, "White": (top,) * channels}
    if levels > 2 and channels == 1:
        found["Grey"] = (levels // 2,)
    if channels == 3:
        found |= {"Red": (top, 0, 0), "Green": (0, top, 0), "Blue": (0, 0, top)}
    return found


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    assert model is not None
    site = question.site
    if site is None or not question.there.ravel()[site]:
        return Answer(sentence="Point at a pixel that is drawn or given.", site=site)
    channels = len(question.values)
    actual = question.values.reshape(channels, -1)[:, site]
    choices = [*_values(channels, question.levels).values()]
    wanted = choices[min(question.choice(VALUE), len(choices) - 1)]
    other = question.levels - 1 - actual if wanted is None else np.array(wanted, np.uint8)
    if (other == actual).all():
        sentence = "The pixel has that value already: choose another one."
        return Answer(sentence=sentence, site=site)
    pictures = np.stack([question.values, question.values])
    pictures.reshape(2, channels, -1)[1, :, site] = other
    expected = expectations(model, question, pictures, site)
    changed = expected[1] - expected[0]  # (C, *space)
    shown = changed.mean(0)
    most = max(_FAINTEST, float(np.nanmax(np.abs(shown), initial=0)))
    later = int(np.isfinite(shown).sum())
    listed = np.argsort(-np.abs(np.nan_to_num(shown)).ravel(), kind="stable")
    listed = listed[: min(_MOST_LISTED, later)]
    plain, turned = (each.mean(0).ravel() for each in expected)
    rows = tuple(
        (site_in_words(question, at), f"{plain[at]:.2f} → {turned[at]:.2f}")
        for at in listed.tolist()
    )
    if not later:
        return Answer(sentence="No pixel comes later in the order.", site=site)
    sentence = ""
    if len(choices) == 1:  # else what was chosen is to be seen beside it
        new = value_in_words(other.tolist(), question.levels)
        sentence = f"{new.capitalize()} instead of {value_at(question, site)}: "
    up, down = (float(np.nansum(np.maximum(sign * shown, 0))) for sign in (1, -1))
    sentence += f"{up:.2f} lighter and {down:.2f} darker in {counted(question, later, 'later')}"
    if model.predicts_all:
        sentence += ", all of them taken as unknown"
    elif not question.there.all():
        sentence += ", unknown ones held black"
    return Answer(
        maps=(Map((0.5 + shown / (2 * most)).astype(np.float32)),),
        ends=(f"−{most:.2f}", f"+{most:.2f}"),
        sentence=f"{sentence}.",
        rows=rows,
        site=site,
        arrays={
            "difference": changed,
            "expected": expected[0],
            "expected_otherwise": expected[1],
            "pictures": pictures,
        },
    )


def expectations(
    model: AutoregressiveModel, question: Question, pictures: NDArray[np.uint8], site: int
) -> NDArray[np.float32]:
    """What is expected of every site that comes later in the order than `site` of pictures
    (B, C, *space) in one pass: the level as a share of the highest, float32 (B, C, *space), NaN for
    the others. With two levels this is the probability of white."""
    import torch

    from models.interface import OrderAgnosticModel
    from studio.engine.generation.quick_particles import mean_levels
    from studio.engine.insights.conditionals import conditionals, predicted

    rank = question.rank_of(site)
    later = question.order[rank + 1 :]
    with torch.inference_mode():
        if isinstance(model, OrderAgnosticModel):
            known = np.ones(len(question.order), bool)
            known[later] = False
            params = predicted(model, question, pictures, known)[:, later]
        else:
            params = conditionals(model, question, pictures)[:, rank + 1 :]
        means = mean_levels(model.likelihood.probabilities(params)) / (question.levels - 1)
    found = np.full((*pictures.shape[:2], len(question.order)), np.nan, np.float32)
    found[:, :, later] = means.transpose(1, 2).cpu().numpy()
    return found.reshape(pictures.shape)


INSIGHT = Insight(
    "counterfactual",
    "If it were another value",
    "How what the model expects of the later pixels would change if this one were another value.",
    "CET-D1",
    ("darker", "lighter"),
    _ask,
    of_site=True,
    refusal=_refusal,
    choices=_choices,
)
