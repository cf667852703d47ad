"""Bounds on the probability of what is given, from below and from above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from models.interface import AutoregressiveModel


@dataclass(frozen=True, eq=False)
class Bounds:
    """On log p(evidence), nats, (G,) each: they hold on average over the noise.

    exact: whether both are the figure itself.
    """

    lower: Tensor
    upper: Tensor
    exact: bool = False


def evidence_bounds(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    retained: Tensor,
    condition: Tensor | None = None,
    interrupted: Callable[[], bool] = lambda: False,
    order: Tensor | None = None,
) -> Bounds:
    """Of each of G pictures; values, known, particles, generator, condition, interrupted and order
    as in `studio.engine.generation.refinement.sweep`.

    retained: levels (G, C, N); the upper bound holds where they are drawn by the model, given the
    evidence.
    """
    raise NotImplementedError
