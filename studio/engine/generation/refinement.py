"""Refinement: sequential Monte Carlo over the unknown sites of several pictures, and its conditional
form, which draws a picture again beside new attempts (particle Gibbs)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from models.interface import AutoregressiveModel


@dataclass(frozen=True, eq=False)
class Sweep:
    """values: levels, int64 (G, C, N) by raster index, what was given among them.
    log_evidence: the logarithm of an unbiased estimate of the probability of what was given, nats,
    (G,); of a sweep with a retained picture, see `studio.engine.generation.bounds`.
    effective: effective sample size of the particles when one of them was chosen, (G,).
    """

    values: Tensor
    log_evidence: Tensor
    effective: Tensor


def sweep(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    retained: Tensor | None = None,
    condition: Tensor | None = None,
    guidance: float = 0.0,
    sampling: tuple[float, int, float] = (1.0, 0, 1.0),
    interrupted: Callable[[], bool] = lambda: False,
    order: Tensor | None = None,
) -> Sweep:
    """Complete G pictures once, each by particles of its own.

    values: levels (G, C, N) by raster index; what they hold at unknown sites is not looked at.
    known: bool (N,), by raster index.
    particles: P, at each picture.
    generator: of the processor; all noise comes from it, and that of a picture does not depend on
    how many there are.
    retained: levels (G, C, N), pictures with the same evidence that compete with P - 1 new
    attempts each; None for P new ones.
    condition: as the model takes it, of the G pictures.
    guidance, sampling: as in `SamplingOptions`; the figures are the model's own at 0 and (1, 0, 1).
    interrupted: asked before each site; True raises `Cancelled`.
    order: raster indices (N,); None for the model's own, or for what is given first, where it takes
    any.
    """
    raise NotImplementedError
