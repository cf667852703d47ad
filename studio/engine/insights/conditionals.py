"""What a model says of pictures that a question is about: always by the model itself, at
temperature 1 and without guidance."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Classes, OrderAgnosticModel
from studio.engine.insights.question import Question

_GROUPS = 64  # passes, at most, in which an order-agnostic model is asked about what it was given


def condition_of(model: AutoregressiveModel, question: Question, pictures: Tensor) -> Tensor | None:
    """What the model is given besides: the class that was chosen, or what is given of the pictures,
    so that a gradient counts it too. A spectrogram is not part of a question.

    pictures: levels (B, C, *space) on the model's device.
    """
    if model.takes_painting:
        known = torch.from_numpy(question.given).to(model.device)
        return model.painted(pictures, known.expand(len(pictures), *known.shape))
    if isinstance(model.conditioning, Classes) and question.options.condition is not None:
        return torch.full((len(pictures),), question.options.condition, device=model.device)
    return None


def order_of(model: AutoregressiveModel, question: Question) -> Tensor | None:
    """The order (N,) in which it draws, for models that take any; else None, for their own."""
    return torch.from_numpy(question.order).to(model.device) if model.any_order else None


def given_besides(
    model: AutoregressiveModel, question: Question, pictures: Tensor
) -> tuple[Tensor | None, Tensor | None]:
    """Condition and order, as the model takes them; see both."""
    return condition_of(model, question, pictures), order_of(model, question)


@torch.inference_mode()
def conditionals(
    model: AutoregressiveModel, question: Question, pictures: NDArray[np.uint8]
) -> Tensor:
    """(B, N, P) of pictures (B, C, *space) that replace the question's, in one pass; row i is right
    where the first i sites of the order are there, else it counts unknown ones as level 0."""
    x = torch.from_numpy(pictures).to(model.device)
    return model.conditionals(x, *given_besides(model, question, x)).float()


@torch.inference_mode()
def predicted(
    model: OrderAgnosticModel,
    question: Question,
    pictures: NDArray[np.uint8],
    known: NDArray[np.bool_],
) -> Tensor:
    """(B, N, P) by raster index, of what is not known of pictures (B, C, *space), in one pass.

    known: bool (N,), or (B, N), by raster index.
    """
    x = torch.from_numpy(pictures).to(model.device)
    given = np.broadcast_to(known, (len(pictures), known.shape[-1])).copy()
    mask = torch.from_numpy(given).unflatten(1, question.space).to(model.device)
    return model.predict(x, mask, condition_of(model, question, x)).float()


@torch.inference_mode()
def nats_of(model: AutoregressiveModel, question: Question) -> tuple[NDArray[np.float32], int]:
    """-log p of what is there, in nats, float32 (N,), entry i for site order[i]; NaN where a site
    before it in the order is unknown. And how many sites were asked about at once, knowing nothing
    of one another: 1 where each knew of all before it.

    Of a model that predicts all unknown sites at once, each site takes a pass: what was drawn is
    taken from the record, and what the record does not have is asked for in `_GROUPS` passes.
    """
    if isinstance(model, OrderAgnosticModel):
        return _nats_by_groups(model, question)
    x = torch.from_numpy(question.values[None]).to(model.device)
    condition, order = given_besides(model, question, x)
    params = model.conditionals(x, condition, order).float()
    nats = -model.likelihood.log_prob(params, model.sites(x, order))[0].cpu().numpy()
    ranks = np.arange(len(question.order))
    return np.where(ranks < question.position, nats, np.nan).astype(np.float32), 1


def _nats_by_groups(
    model: OrderAgnosticModel, question: Question
) -> tuple[NDArray[np.float32], int]:
    known = question.there.ravel()[question.order]
    found = np.full(len(known), np.nan, np.float32)
    if question.nats is not None:
        drawn = known & ~question.given.ravel()[question.order]
        found[drawn] = question.nats[drawn]
    ranks = np.arange(len(known))
    wanted = np.flatnonzero(np.isnan(found) & (ranks < question.position))
    if not len(wanted):
        return found, 1
    groups = np.array_split(wanted, min(_GROUPS, len(wanted)))
    firsts = np.array([group[0] for group in groups])
    before = question.order.argsort() < firsts[:, None]  # (groups, N)
    params = predicted(model, question, np.stack([question.values] * len(groups)), before)
    values = torch.from_numpy(question.values).to(model.device).flatten(1).T.long()
    for row, group in enumerate(groups):
        sites = torch.from_numpy(question.order[group]).to(model.device)
        log_p = model.likelihood.log_prob(params[row, sites], values[sites])
        found[group] = -log_p.cpu().numpy()
    return found, max(len(group) for group in groups)
