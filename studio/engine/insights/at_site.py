"""The distribution that the value at one site was drawn from: what the model expected there, given
all that comes before it in the order. At temperature 1, and without guidance.

It is no insight of the catalogue, for it has nothing to lay over a picture; the window asks it of
the site under the pointer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Question

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

SHARES = "probabilities"  # of the levels, (C, K), in the arrays of an answer


def distribution(
    model: AutoregressiveModel, question: Question, site: int
) -> NDArray[np.float32] | None:
    """Of the levels at a site, by its raster index, float32 (C, K); None where a site before it is
    unknown."""
    import torch

    from models.interface import OrderAgnosticModel
    from studio.engine.insights.conditionals import conditionals, predicted

    rank = question.rank_of(site)
    if rank > question.position:
        return None
    pictures = question.values[None]
    with torch.inference_mode():
        if isinstance(model, OrderAgnosticModel):
            known = np.ones(len(question.order), bool)
            known[question.order[rank:]] = False
            params = predicted(model, question, pictures, known)[0, site]
        else:
            params = conditionals(model, question, pictures)[0, rank]
        shares: NDArray[np.float32] = model.likelihood.probabilities(params).cpu().numpy()
    return shares


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    assert model is not None
    shares = distribution(model, question, question.asked)
    return Answer(site=question.asked, arrays={} if shares is None else {SHARES: shares})


AT_SITE = Insight(
    "at-site",
    "What it expected here",
    "How probable each value was to the model when it came to this site.",
    "viridis",
    ("improbable", "probable"),
    _ask,
    of_site=True,
)
