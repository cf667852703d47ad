"""Which class a picture is of, as far as it is there: p(class | pixels) of a class-conditional
model by Bayes' rule, all classes taken to be equally frequent.

    p(c | x) = p(x | c) / sum_k p(x | k),

x being the pixels that are painted or drawn, wherever they lie. How log p(x | c) is found depends
on what the model can do:

- Where the pixels come first in the order, or the model takes any order, one pass over a picture
  for each class gives it exactly.
- Where unknown pixels come before given ones, it is the same pass with the unknown ones taken for
  level 0, black. To draw them instead, several times for each class, estimates p(x | c) without
  bias, but not well: with 16 attempts on a shipped model, the likeliest class was another one for
  each seed.
- A model that predicts all unknown sites at once is asked for the given ones in a few groups, each
  given the ones before it. Sites of a group are taken not to know of one another.
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
from studio.engine.generation.method_choice import late
from studio.engine.generation.site_scores import SiteScores

GROUPS = 4  # of the given sites, for models that predict all unknown ones
_ROWS = 64  # pictures in one pass

_NOTHING = "Nothing is there yet: every class is as likely."
_EXACT = "Exact: by the probability of what is there under each class."
_BLACK = "Unknown pixels before the ones that are there are taken for black."
_GROUPED = "From {} groups of the pixels that are there, each given the ones before."


@dataclass(frozen=True, eq=False)
class ClassPosterior:
    """log_probs: log p of what is there under each class, nats, float64 (classes,).
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


def scores_of(model: AutoregressiveModel) -> SiteScores | None:
    """What makes the answers about a picture that changes quick; None where that is no help."""
    count = classes_of(model)
    return SiteScores(model, count) if 0 < count <= _ROWS and not model.any_order else None


@torch.inference_mode()
def class_posterior(
    model: AutoregressiveModel, given: Evidence, scores: SiteScores | None = None
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
        return _ordered(model, given, scores.log_probs(given))
    parts = torch.arange(count).split(_ROWS)
    if isinstance(model, OrderAgnosticModel):
        log_probs = torch.cat([_grouped(model, given, rows) for rows in parts])
        groups = min(GROUPS, int(given.known.sum()))
        return ClassPosterior(_double(log_probs), groups == 1, _GROUPED.format(groups))
    return _ordered(model, given, torch.cat([_in_order(model, given, rows) for rows in parts]))


def _ordered(model: AutoregressiveModel, given: Evidence, log_probs: Tensor) -> ClassPosterior:
    """Of a model whose order decides what it knows of a pixel."""
    exact = model.any_order or not bool(late(model, given.known).any())
    return ClassPosterior(_double(log_probs), exact, _EXACT if exact else _BLACK)


def _in_order(model: AutoregressiveModel, given: Evidence, classes: Tensor) -> Tensor:
    """log p of the given sites under each class, (classes,), in one pass."""
    classes = classes.to(model.device)
    x = torch.from_numpy(given.values).to(model.device).expand(len(classes), -1, -1, -1)
    known = torch.from_numpy(given.known)
    order = observed_first(known, model.order).to(model.device) if model.any_order else None
    counted = known.flatten().to(model.device)[model.order if order is None else order]
    log_p = model.likelihood.log_prob(
        model.conditionals(x, classes, order).float(), model.sites(x, order)
    )
    return log_p[:, counted].double().sum(1)


def _grouped(model: OrderAgnosticModel, given: Evidence, classes: Tensor) -> Tensor:
    """The same for a model that predicts all unknown sites: a pass for each group.

    The groups come from a fixed permutation, so that a stroke changes them as little as it can, and
    grow: with little known each site more helps most.
    """
    classes, sites = classes.to(model.device), len(model.order)
    x = torch.from_numpy(given.values).to(model.device).expand(len(classes), -1, -1, -1)
    values = x.flatten(2).transpose(1, 2).long()
    mixed = torch.randperm(sites, generator=torch.Generator().manual_seed(0))
    there = mixed[torch.from_numpy(given.known).flatten()[mixed]]
    known = torch.zeros(sites, dtype=torch.bool)
    total = torch.zeros(len(classes), dtype=torch.float64, device=model.device)
    for group in groups_of(there):
        seen = known.to(model.device).expand(len(classes), -1).unflatten(1, model.spec.space)
        log_p = model.likelihood.log_prob(model.predict(x, seen, classes).float(), values)
        total += log_p[:, group.to(model.device)].double().sum(1)
        known[group] = True
    return total


def groups_of(there: Tensor) -> list[Tensor]:
    """The given sites (n,) in `GROUPS` groups, or fewer: of 1, 2, 4, 8 parts."""
    count = len(there)
    parts = 2**GROUPS - 1
    ends = [max(step + 1, round(count * (2 ** (step + 1) - 1) / parts)) for step in range(GROUPS)]
    ends = sorted({min(end, count) for end in ends})
    return [there[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def _double(log_probs: Tensor) -> NDArray[np.float64]:
    return log_probs.double().cpu().numpy()
