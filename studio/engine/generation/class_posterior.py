"""Which class a picture is of, as far as it is there: p(class | pixels) of a class-conditional
model by Bayes' rule, all classes taken to be equally frequent.

    p(c | x) = p(x | c) / sum_k p(x | k),

x being the pixels that are painted or drawn, wherever they lie. How log p(x | c) is found depends
on what the model can do:

- Where the pixels come first in the order, or the model takes any order, one pass over a picture
  for each class gives it exactly.
- Where unknown pixels come before given ones, it is the same pass with the unknown ones taken for
  level 0, black; `refined_posterior` takes longer, and fills them in.
- A model that predicts all unknown sites at once is asked for the given ones in a few groups, each
  given the ones before it; see `group_scores`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Classes, OrderAgnosticModel
from models.orders import observed_first
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.site_words import draws_codes
from studio.engine.generation.group_scores import GROUPS, GroupScores
from studio.engine.generation.method_choice import late
from studio.engine.generation.site_scores import SiteScores

_ROWS = 64  # pictures in one pass

_NOTHING = "Nothing is there yet: every class is as likely."
_EXACT = "Exact: by the probability of what is there under each class."
_BLACK = "A first answer: unknown pixels before the ones that are there are taken for black."
_FIRST = "A first answer: unknown codes before the ones that are there are taken for code 0."
_GROUPED = "From {} groups of the pixels that are there, each given the ones before."


@dataclass(frozen=True, eq=False)
class ClassPosterior:
    """log_probs: log p of what is there under each class, nats, float64 (classes,), but for a term
    that all classes may have in common.
    exact: whether this is the model's own, and no estimate.
    how: in one sentence, how it was found.
    probabilities: of each class, float64 (classes,), summing to 1.
    """

    log_probs: NDArray[np.float64]
    exact: bool
    how: str
    probabilities: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        # what a model finds impossible under every class says nothing of them
        scores = np.nan_to_num(self.log_probs, nan=-1e30, neginf=-1e30)
        shares = np.exp(scores - scores.max())
        object.__setattr__(self, "probabilities", shares / shares.sum())


def classes_of(model: AutoregressiveModel) -> int:
    """How many classes it can be conditioned on, 0 for none."""
    return model.conditioning.count if isinstance(model.conditioning, Classes) else 0


def scores_of(model: AutoregressiveModel) -> SiteScores | GroupScores | None:
    """What makes the answers about a picture that changes quick; None where that is no help."""
    count = classes_of(model)
    if not 0 < count <= _ROWS:
        return None
    if isinstance(model, OrderAgnosticModel):
        return GroupScores(model, torch.arange(count))
    return None if model.any_order else SiteScores(model, count)


@torch.inference_mode()
def class_posterior(
    model: AutoregressiveModel, given: Evidence, scores: SiteScores | GroupScores | None = None
) -> ClassPosterior:
    """Which class what is there is of, in a pass or a few.

    given: what is painted or drawn.
    scores: of the picture before, from `scores_of`.
    ValueError where the model takes no class.
    """
    count = classes_of(model)
    if not count:
        raise ValueError(f"{model.name or type(model).__name__} takes no class")
    if not given.known.any():
        return ClassPosterior(np.zeros(count), True, _NOTHING)
    if scores is not None:
        log_probs = scores.log_probs(given)
    else:
        parts = torch.arange(count).split(_ROWS)
        log_probs = torch.cat([_log_probs(model, given, classes) for classes in parts])
    found = log_probs.double().cpu().numpy()
    if isinstance(model, OrderAgnosticModel):
        groups = min(GROUPS, int(given.known.sum()))
        return ClassPosterior(found, groups == 1, _GROUPED.format(groups))
    exact = model.any_order or not bool(late(model, given.known).any())
    guess = _FIRST if draws_codes(model) else _BLACK
    return ClassPosterior(found, exact, _EXACT if exact else guess)


def _log_probs(model: AutoregressiveModel, given: Evidence, classes: Tensor) -> Tensor:
    """log p of the given sites under each class, nats, (classes,)."""
    if isinstance(model, OrderAgnosticModel):
        return GroupScores(model, classes).log_probs(given)
    classes = classes.to(model.device)
    x = torch.from_numpy(given.values).to(model.device).expand(len(classes), -1, -1, -1)
    known = torch.from_numpy(given.known)
    order = observed_first(known, model.order).to(model.device) if model.any_order else None
    counted = known.flatten().to(model.device)[model.order if order is None else order]
    params = model.conditionals(x, classes, order).float()
    log_p = model.likelihood.log_prob(params, model.sites(x, order))
    return log_p[:, counted].double().sum(1)
