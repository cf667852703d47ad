"""`attention`: where a model looks when it predicts a site, layer by layer and head by head.

It is watched in one pass (see `studio.engine.insights.watching`). Which site a key stands for, and
which query is that of a site, nobody says either, and it is tried: a key stands for the last site
of the order that it knows, and the query of a site knows the one before it. A key that knows no
site is a *start token*.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.insights.conditionals import given_besides
from studio.engine.insights.question import Question
from studio.engine.insights.watching import AttentionWatch, Look

_TRIED = 2  # sites that are changed; one may be at the end of a row, far from the next
_ORDERS = 8  # that are remembered of a model which takes any
_SAME = 1e-5  # share of the largest number, up to which a difference is one of rounding


@dataclass(frozen=True)
class AttentionLayer:
    """call: which of the attentions in a pass it is.
    heads: of this layer.
    first_key: the key that stands for the first site of the order; those before are start tokens.
    first_query: the query of the first site; -1 where there is none.
    """

    call: int
    heads: int
    first_key: int
    first_query: int


@dataclass(frozen=True, eq=False)
class Attention:
    """Of L layers, and as many heads as the one with the most has.

    weights: at each site, by raster index, float32 (L, heads, ranks, N); NaN where a layer has no
    such head, or no query for that rank.
    start: all that goes to start tokens, float32 (L, heads, ranks).
    """

    weights: NDArray[np.float32]
    start: NDArray[np.float32]


@dataclass(frozen=True)
class _Known:
    """layers: of which something can be shown; seen: attentions in a pass, whatever they are of."""

    layers: tuple[AttentionLayer, ...]
    seen: int


_known: weakref.WeakKeyDictionary[AutoregressiveModel, dict[bytes, _Known]]
_known = weakref.WeakKeyDictionary()
_looking = threading.Lock()


def refusal(model: AutoregressiveModel) -> str:
    """In one sentence, why there is no attention to be shown; "" where there is."""
    name = model.name or type(model).__name__
    if model.spec.sites is None:
        return f"{name} makes sound: attention is shown of models that draw."
    if model.predicts_all:
        return f"{name} has no order in which one pixel would look back at others."
    if attention_layers(model):
        return ""
    if _find(model, model.order).seen:
        return f"{name} attends to something else than single earlier pixels."
    return f"{name} has no attention: it does not choose where to look."


def attention_layers(
    model: AutoregressiveModel, order: Tensor | None = None
) -> tuple[AttentionLayer, ...]:
    """The layers that attend to sites, in the order of a pass; found by one, the first time.

    order: as `AutoregressiveModel.conditionals` takes it.
    """
    return _find(model, model.checked_order(order)).layers


@torch.inference_mode()
def attention(
    model: AutoregressiveModel,
    x: Tensor,
    ranks: slice,
    condition: Tensor | None = None,
    order: Tensor | None = None,
) -> Attention:
    """Where the model looks when it predicts the sites of these ranks.

    x: one picture, integer (1, C, H, W); what it holds from the first of these ranks on is not
    looked at.
    condition, order: as `AutoregressiveModel.conditionals` takes them.
    """
    layers, places = attention_layers(model, order), model.checked_order(order)
    sites = len(places)
    wanted = range(sites)[ranks]
    by_call = {layer.call: layer for layer in layers}
    found: list[Tensor] = []
    calls = 0

    def see(look: Look) -> None:
        nonlocal calls
        if (layer := by_call.get(calls)) is not None:
            first = wanted.start + layer.first_query
            rows = look.weights(slice(max(first, 0), first + len(wanted)))[0]
            if first < 0:
                missing = rows.new_full((len(rows), 1, rows.shape[2]), torch.nan)
                rows = torch.cat([missing, rows], 1)
            found.append(rows)  # (heads, ranks, keys)
        calls += 1

    with AttentionWatch(1, see):
        model.conditionals(x, condition, order)
    most = max((layer.heads for layer in layers), default=0)
    weights = np.full((len(layers), most, len(wanted), sites), np.nan, np.float32)
    start = np.full(weights.shape[:3], np.nan, np.float32)
    raster = places.cpu().numpy()
    for each, keys, own, besides in zip(layers, found, weights, start, strict=True):
        held = keys.cpu().numpy()
        nobody = np.isnan(held[..., 0])
        held = np.where(nobody[..., None], 0, held)
        besides[: each.heads] = np.where(nobody, np.nan, held[..., : each.first_key].sum(2))
        held = held[..., each.first_key : each.first_key + sites]
        own[: each.heads] = np.where(nobody[..., None], np.nan, 0)
        own[: each.heads, :, raster[: held.shape[2]]] += held
    return Attention(weights, start)


def attention_at(model: AutoregressiveModel, question: Question) -> Attention:
    """Of the picture and the site that a question is about; ranks is 1. What later sites hold is
    not looked at."""
    values = torch.from_numpy(question.values)[None].to(model.device)
    rank = question.rank_of(question.asked)
    return attention(model, values, slice(rank, rank + 1), *given_besides(model, question, values))


# ---- what keys and queries stand for -------------------------------------------------------------


def _find(model: AutoregressiveModel, order: Tensor) -> _Known:
    key = order.cpu().numpy().tobytes() if model.any_order else b""
    with _looking:
        known = _known.setdefault(model, {})
        if key not in known:
            if len(known) >= _ORDERS:
                known.clear()
            known[key] = _try(model, order)
        return known[key]


@torch.inference_mode()
def _try(model: AutoregressiveModel, order: Tensor) -> _Known:
    """Changes a site here and there of a black picture, and looks what knows of it."""
    sites = len(order)
    ranks = range(sites // 3, min(sites // 3 + _TRIED, sites - 1))
    if not ranks:  # a picture of one site
        return _Known((), 0)
    shape = (1 + len(ranks), model.spec.channels, sites)
    x = torch.zeros(shape, dtype=torch.long, device=model.device)
    for row, rank in enumerate(ranks, 1):
        x[row, :, order[rank]] = model.spec.levels - 1
    layers: list[AttentionLayer] = []
    calls = 0

    def see(look: Look) -> None:
        nonlocal calls
        key, query = _first_that_knows(look.keys, ranks), _first_that_knows(look.queries, ranks)
        if query is None and look.queries.shape[1] == sites:
            query = 1  # they know no more than where they are, and one is there for each
        if key is not None and key >= 0 and query is not None and query >= 0:
            left, last = look.keys.shape[1] - key, sites - 2 + query
            if sites - 1 <= left <= sites and last < look.queries.shape[1]:
                layers.append(AttentionLayer(calls, look.heads, key, query - 1))
        calls += 1

    with AttentionWatch(len(x), see):
        model.conditionals(
            x.unflatten(2, model.spec.space), None, order if model.any_order else None
        )
    return _Known(tuple(layers), calls)


def _first_that_knows(features: Tensor, ranks: range) -> int | None:
    """How far after a site the first comes that knows of it: (1 + R, n, features), of which row
    1 + r is of the picture where the site of ranks[r] is another; None where none knows."""
    features = features.float().nan_to_num()
    changed = (features[1:] - features[:1]).abs().amax(2)  # (R, n)
    knows = changed > _SAME * features.abs().max()
    found = [
        int(row.int().argmax()) - rank
        for row, rank in zip(cast("list[Tensor]", knows.unbind()), ranks, strict=True)
        if row.any()
    ]
    return min(found, default=None)
