"""Scoring: how many bits a dimension a model needs for a part of a data set. Every figure of the studio comes from here.

A model that takes any order is scored as an ensemble over several; see `models.order_agnostic`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from models import order_agnostic
from models.interface import AutoregressiveModel, Classes
from studio.engine.data import Preparation, check_labels, open_data
from studio.engine.errors import StudioError
from studio.engine.jobs import CancelToken
from studio.engine.memory import keep_freed_memory

ORDERS = 16  # of the ensemble that a model of any order is scored as
_BATCH = 100
_SEED = 20_240_607  # the draw of a `dynamic` preparation, the same for every model that is scored


@dataclass(frozen=True)
class Score:
    """bits_per_dim: mean over examples and dimensions.  nats: mean negative log-likelihood of an example.

    orders: for a model of any order, how many the ensemble has whose figures these are.  single_order_bits_per_dim: the mean
    over its members, each scored alone. Both None for a model with one order.
    """

    bits_per_dim: float
    nats: float
    examples: int
    seconds: float
    orders: int | None = None
    single_order_bits_per_dim: float | None = None

    def to_dict(self) -> dict[str, float]:
        """As plain JSON values, without what does not apply."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def evaluate(
    model: AutoregressiveModel,
    data: str | Path | None = None,
    split: str = "test",
    preparation: str | None = None,
    labels: str | Path | None = None,
    progress: Callable[[float], object] | None = None,
    token: CancelToken | None = None,
    orders: int | None = None,
) -> Score | None:
    """Score a whole part ("train" or "test") of a data set.

    data, preparation: None for those the model learnt from.  labels: a file, where the data come without them.
    progress: called with 0..1.  orders: see `evaluate_images`. Models conditioned on classes are scored with the labels. None
    where the token was cancelled. StudioError where the data do not fit the model.
    """
    if orders is not None and orders > 1 and not model.any_order:
        raise StudioError(f"{model.name or type(model).__name__} has one order: there is no ensemble of {orders}.")
    prepared = prepared_for(model, preparation)
    channels, *space = model.spec.shape
    size = (space[0], space[1]) if len(space) == 2 and space[0] and space[1] else None
    if data is None:
        card = model.card or {}
        data = card.get("data") or "mnist"
        labels = labels or card.get("recipe", {}).get("labels") or None
    opened = open_data(data, labels, colour=channels == 3, size=size)
    images, found = opened.split(split)
    if tuple(images.shape[1:]) != tuple(model.spec.shape) or prepared.levels != model.spec.levels:
        raise StudioError(
            f"The model is made for {_form(model.spec.shape, model.spec.levels)}, "
            f'but "{opened.name}", prepared as {prepared.name}, has {_form(tuple(images.shape[1:]), prepared.levels)}.'
        )
    if not isinstance(model.conditioning, Classes):
        found = None
    elif found is None:
        raise StudioError(f'The model is scored with labels, and "{opened.name}" has none.')
    else:
        check_labels(found, model.conditioning.count, opened.name)
    return evaluate_images(model, images, found, prepared, progress, token, orders)


@torch.inference_mode()
def evaluate_images(
    model: AutoregressiveModel,
    images: Tensor,
    labels: Tensor | None,
    preparation: Preparation,
    progress: Callable[[float], object] | None = None,
    token: CancelToken | None = None,
    orders: int | None = None,
) -> Score | None:
    """Score uint8 images (N, C, H, W), with labels (N,) or without; None where the token was cancelled.

    orders: how many orders are averaged for a model that takes any, None for `ORDERS`.
    """
    keep_freed_memory()
    began = time.monotonic()
    draws = torch.Generator().manual_seed(_SEED)
    which = order_agnostic.several(model, orders or ORDERS) if model.any_order else [model.order]
    total, members = torch.zeros(2, dtype=torch.float64).unbind()
    for start in range(0, len(images), _BATCH):
        if token is not None and token.cancelled:
            return None
        x = preparation.apply(images[start : start + _BATCH], draws).to(model.device)
        condition = None if labels is None else labels[start : start + _BATCH].to(model.device)
        log_p = order_agnostic.log_probs(model, x, which, condition)
        total -= order_agnostic.mean_probability(log_p).sum(dtype=torch.float32).to("cpu", torch.float64)
        members -= log_p.mean(0).sum(dtype=torch.float32).to("cpu", torch.float64)
        if progress is not None:
            progress(min(1.0, (start + _BATCH) / len(images)))
    nats = float(total) / len(images)
    bits = math.prod(images.shape[1:]) * math.log(2)  # nats an image are so many times bits/dim
    score = Score(nats / bits, nats, len(images), time.monotonic() - began)
    if not model.any_order:
        return score
    return replace(score, orders=len(which), single_order_bits_per_dim=float(members) / len(images) / bits)


def prepared_for(model: AutoregressiveModel, name: str | None = None) -> Preparation:
    """The preparation of this name, or where none is named the one that the model learnt from."""
    usual = "thresholded" if model.spec.levels == 2 else f"grey-{model.spec.levels}"
    return Preparation.parse(name or (model.card or {}).get("preparation") or usual)


def _form(shape: tuple[int | None, ...], levels: int) -> str:
    return f"{' x '.join(str(size) for size in shape)} values of {levels} levels"
