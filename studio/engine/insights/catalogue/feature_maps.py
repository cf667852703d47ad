"""What a layer of the network makes of the picture as it stands: its channels as small pictures,
each scaled to its own range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Map, Question

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_MOST = 64  # channels that are shown


def _refusal(model: AutoregressiveModel) -> str:
    from studio.engine.insights.layers import layers_of

    if layers_of(model):
        return ""
    return "The units of this network have no place in the picture, so there are no feature maps."


def _choices(model: AutoregressiveModel) -> Mapping[str, tuple[str, ...]]:
    from studio.engine.insights.layers import layers_of

    return {"Layer": tuple(layer.title for layer in layers_of(model))}


def _ask(model: AutoregressiveModel | None, question: Question) -> Answer:
    from studio.engine.insights.layers import layers_of, outputs

    assert model is not None
    layers = layers_of(model)
    if not layers:
        return Answer(sentence=_refusal(model))
    layer = layers[min(question.choice("Layer"), len(layers) - 1)]
    found = outputs(model, question, [layer.name])[layer.name]  # (C, *space)
    if not model.predicts_all:  # there, every site is looked at in every pass
        rank = np.empty(len(question.order), np.int64)
        rank[question.order] = np.arange(len(rank))
        later = (rank > question.position).reshape(question.space)
        found = np.where(later, np.float32(np.nan), found)
    maps = [Map(_own_range(np.abs(found).mean(0)), "Mean magnitude")]
    maps += [Map(_own_range(each), f"Channel {i}") for i, each in enumerate(found[:_MOST], 1)]
    return Answer(
        maps=tuple(maps),
        sentence=_told(layer.title, layer.form.grid, question.space, len(found)),
        arrays={"features": found},
    )


def _told(title: str, grid: tuple[int, ...], space: tuple[int, ...], channels: int) -> str:
    count = f"{channels} channels" if channels > 1 else "1 channel"
    count = f"{_MOST} of {count}" if channels > _MOST else count
    coarse = "" if len(grid) < 2 or grid == space else f" on a grid of {grid[0]} × {grid[1]}"
    return f"{title}: {count}{coarse}, each scaled to its own range."


def _own_range(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """From its lowest value to its highest as 0..1; 0.5 where all are the same."""
    if np.isnan(values).all():
        return values
    low, high = np.nanmin(values), np.nanmax(values)
    if high == low:
        return np.where(np.isnan(values), values, np.float32(0.5))
    shares: NDArray[np.float32] = ((values - low) / (high - low)).astype(np.float32)
    return shares


INSIGHT = Insight(
    "feature-maps",
    "Feature maps",
    "What a layer of the network makes of the picture so far, channel by channel.",
    "viridis",
    ("lowest", "highest"),
    _ask,
    refusal=_refusal,
    choices=_choices,
)
