"""Where the model looks when it predicts a site: the weights of its attention at each earlier site,
by layer and head, or their mean."""

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

_LISTED = 5  # sites that are looked at most
_OUTLINED = 0.25  # share of the largest weight, from which on these are outlined too
_NOTICED = 0.005  # share of the start token, from which on it is told


def _refusal(model: AutoregressiveModel) -> str:
    from studio.engine.insights.attention import refusal

    return refusal(model)


def _choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    from studio.engine.insights.attention import attention_layers

    layers = attention_layers(model)
    counts = {"Layer": len(layers), "Head": max(layer.heads for layer in layers)}
    return {
        name: ("mean", *(str(1 + number) for number in range(count)))
        for name, count in counts.items()
        if count > 1
    }


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    from studio.engine.insights.attention import attention_at

    assert model is not None
    where, rank = site_in_words(question, question.asked), question.rank_of(question.asked)
    if rank > question.position:
        return Answer(
            sentence=f"The model has not come to {where} yet: point at one that is drawn.",
            site=question.asked,
        )
    found = attention_at(model, question)
    weights, start = found.weights[:, :, 0], found.start[:, :, 0]  # (L, heads, N), (L, heads)
    layer, head = question.choice("Layer"), question.choice("Head")
    if layer:
        weights, start = weights[layer - 1 : layer], start[layer - 1 : layer]
    chosen = _of_head(weights, head)  # (layers, N)
    seen, at_start = chosen.mean(0), float(_of_head(start[..., None], head).mean())
    earlier = np.full(len(question.order), np.nan, np.float32)
    earlier[question.order[:rank]] = 0
    maps = [_map(question, seen + earlier)]
    if len(chosen) > 1:
        maps += [_map(question, own + earlier, f"Layer {n}") for n, own in enumerate(chosen, 1)]
    elif weights.shape[1] > 1:
        maps += [_map(question, own + earlier, f"Head {n}") for n, own in enumerate(weights[0], 1)]
    most = (-seen).argsort(kind="stable")[:_LISTED]
    most = most[seen[most] > 0]
    return Answer(
        maps=tuple(maps),
        ends=("0 %", _percent(seen.max())),
        sentence=f"{where.capitalize()} {_looks(question, seen, at_start)}",
        rows=tuple((site_in_words(question, int(site)), _percent(seen[site])) for site in most),
        marked=most[seen[most] >= _OUTLINED * seen.max()].astype(np.int64),
        site=question.asked,
        arrays={
            "weights": found.weights[:, :, 0],
            "start": found.start[:, :, 0],
            "layers": np.array([f"Layer {1 + number}" for number in range(len(found.weights))]),
            "site": np.array(question.asked),
        },
    )


def _of_head(found: NDArray[np.float32], head: int) -> NDArray[np.float32]:
    """Of each layer (L, heads, N) one of its heads, or for 0 their mean: (L, N). Where a layer does
    not have it, the mean too."""
    there = ~np.isnan(found)
    mean = np.where(there, found, 0).sum(1) / np.maximum(1, there.sum(1))
    return np.where(there[:, head - 1], found[:, head - 1], mean) if head else mean


def _map(question: Question, seen: NDArray[np.float32], name: str = "") -> Map:
    """Weights (N,) as shares of the largest."""
    most = float(np.nanmax(seen, initial=0))
    shares = (seen / most if most else seen).astype(np.float32).reshape(question.space)
    return Map(shares, f"{name}, to {_percent(most)}" if name else "")


def _looks(question: Question, seen: NDArray[np.float32], at_start: float) -> str:
    """What a site looks at, after its name."""
    if not seen.any():
        if at_start < _NOTICED:
            return "comes first, and looks at nothing."
        return "comes first: there is nothing but the start token to look at."
    most = int(seen.argmax())
    favourite = f"{site_in_words(question, most)} ({_percent(seen[most])})"
    if at_start > 1 - _NOTICED:
        return "looks at the start token only."
    if at_start >= 0.5:
        return f"looks at the start token with {_percent(at_start)}, then most at {favourite}."
    running = np.sort(seen)[::-1].cumsum()
    count = 1 + int((running < min(0.5, running[-1])).sum())
    parts = [f"half of its weight is on {count} pixels"] if count > 1 else []
    parts += [f"{_percent(at_start)} is on the start token"] if at_start >= _NOTICED else []
    return "; ".join([f"looks most at {favourite}", *[", ".join(parts)] * bool(parts)]) + "."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


INSIGHT = Insight(
    "attention",
    "Attention",
    "Where the model looks when it predicts a pixel: point at one, or watch the next.",
    "magma",
    ("0 %", "most"),
    _ask,
    of_site=True,
    see_through=True,
    refusal=_refusal,
    choices=_choices,
)
