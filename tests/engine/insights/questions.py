"""Questions about random pictures of small models."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.interface import AutoregressiveModel
from studio.engine.insights.question import Question
from tests.models.zoo import pictures


def whole(model: AutoregressiveModel, **about: Any) -> Question:
    """A picture of which everything is drawn, and nobody kept a record."""
    values = pictures(model, 1)[0].numpy().astype(np.uint8)
    space = values.shape[1:]
    order = model.order.numpy() if len(model.order) else np.arange(values[0].size)
    given = about.pop("given", np.zeros(space, bool))
    there = about.pop("there", np.ones(space, bool))
    return Question(
        np.where(there, values, 0).astype(np.uint8),
        there,
        given,
        order,
        model.spec.levels,
        **about,
    )


def part(model: AutoregressiveModel, position: int, **about: Any) -> Question:
    """The same, drawn up to a position in the order, and what is given besides."""
    plain = whole(model)
    given = about.get("given", np.zeros(plain.space, bool))
    there = given.copy()
    there.reshape(-1)[plain.order[:position]] = True
    return whole(model, there=there, **about)
