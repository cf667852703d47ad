"""What tiny models say exactly: every picture is listed and scored."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from tests.models.zoo import small

_GATED = {"width": 4, "dilations": (1,), "head": 4}
_PREDICTING = {"width": 8, "blocks": (1, 1, 1)}
SIZES: dict[str, dict[str, Any]] = {
    "gated-pixelcnn": _GATED,
    "gated-pixelcnn-class": {**_GATED, "classes": 3},
    "gated-pixelcnn-map": {**_GATED, "map_width": 8},
    "made-any-order": {"hidden": 16},
    "ardm": _PREDICTING,
    "ardm-class": {**_PREDICTING, "classes": 3},
}


def completions(model: AutoregressiveModel, given: Evidence) -> Tensor:
    """Every picture with the given pixels, int64 (ways, C, H, W)."""
    unknown = ~given.known
    ways = []
    count = model.spec.channels * int(unknown.sum())
    for fill in itertools.product(range(model.spec.levels), repeat=count):
        way = given.values.copy()
        way[:, unknown] = np.array(fill).reshape(model.spec.channels, -1)
        ways.append(way)
    return torch.from_numpy(np.stack(ways)).long()


def strong(name: str, shape: tuple[int, ...] = (1, 3, 3), **config: Any) -> AutoregressiveModel:
    """A tiny model in which pixels and classes mean a lot to one another."""
    model = small(name, shape, **{**SIZES.get(name, {}), **config})
    for weights in model.parameters():
        weights.data *= 3
    return model


def log_evidence(
    model: AutoregressiveModel,
    given: Evidence,
    condition: int | None = None,
    order: Tensor | None = None,
) -> float:
    """log p of the given pixels, nats."""
    ways = completions(model, given)
    return float(model.log_prob(ways, classes(condition, len(ways)), order).double().logsumexp(0))


def expected_shares(
    model: AutoregressiveModel,
    given: Evidence,
    condition: int | None = None,
    order: Tensor | None = None,
) -> NDArray[np.float64]:
    """The mean level of each pixel as a share of the highest, (C, H, W)."""
    ways = completions(model, given)
    weights = model.log_prob(ways, classes(condition, len(ways)), order).double().softmax(0)
    means = (ways.double() * weights[:, None, None, None]).sum(0)
    return (means / (model.spec.levels - 1)).numpy()


def classes(condition: int | None, count: int) -> Tensor | None:
    return None if condition is None else torch.full((count,), condition)


def evidence(values: list[list[int]]) -> Evidence:
    """A picture of one channel, row by row; -1 for what is unknown."""
    array = np.array(values)
    return Evidence(np.maximum(array, 0).astype(np.uint8)[None], array >= 0)
