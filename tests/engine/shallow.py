"""Models of few and narrow layers, for whatever is done with a model from outside: how deep one is
makes no difference there, only how long it takes."""

from __future__ import annotations

from typing import Any

from models.interface import AutoregressiveModel
from tests.engine.trainings import SMALL
from tests.models.zoo import LIGHT, small


def shallow(
    name: str, shape: tuple[int, ...] = (1, 7, 6), levels: int = 2, **overrides: Any
) -> AutoregressiveModel:
    """`tests.models.zoo.small`, of few and narrow layers."""
    few = {**SMALL.get(name, {}), **LIGHT.get(name, {})}
    return small(name, shape, levels, **{**few, **overrides})
