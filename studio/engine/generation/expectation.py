"""What a model expects of the pixels that are not there yet, before it draws them.

A model that predicts all unknown sites at once is asked once. Of any other only conditionals along
an order are known: the mean is then over a few attempts that take account of all that is given, and
is off by chance, by up to 0.09 with 32 of them (a standard error, at a probability of a half).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.interface import AutoregressiveModel, Classes, OrderAgnosticModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.quick_particles import QuickParticles, mean_levels

PARTICLES = 32
_ONE_PASS = "From one pass: what the model expects of each pixel, given all that is there."
_MEAN = "The mean of {} quick attempts that take account of all that is there."


@dataclass(frozen=True, eq=False)
class Expectation:
    """shares: the expected level of each pixel and channel as a share of the highest level, float32
    (C, H, W) in 0..1, NaN where it is given; with two levels this is the probability of white. By
    the model itself, at temperature 1 and without guidance.
    how: in one sentence, how it was found.
    """

    shares: NDArray[np.float32]
    how: str


def probability_map(
    model: AutoregressiveModel,
    given: Evidence,
    condition: int | None = None,
    particles: int = PARTICLES,
    seed: int = 0,
    interrupted: Callable[[], bool] = lambda: False,
) -> Expectation | None:
    """What the model expects of all that is not given; None where it was interrupted.

    condition: a class, where the model takes one.
    particles: attempts, for models that do not predict all unknown sites at once.
    interrupted: asked before each site.
    """
    if isinstance(model, OrderAgnosticModel):
        return predicted(model, given, condition)
    attempts = QuickParticles(model, given, condition, particles, seed)
    attempts.step(attempts.length, interrupted)
    return averaged(attempts) if attempts.position == attempts.length else None


@torch.inference_mode()
def predicted(
    model: OrderAgnosticModel, given: Evidence, condition: int | None = None
) -> Expectation:
    """See `probability_map`; in one pass."""
    values = torch.from_numpy(given.values)[None].to(model.device)
    known = torch.from_numpy(given.known)[None].to(model.device)
    classes = None
    if isinstance(model.conditioning, Classes) and condition is not None:
        classes = torch.tensor([condition], device=model.device)
    params = model.predict(values, known, classes)[0].float()  # (N, P)
    means = mean_levels(model.likelihood.probabilities(params)) / (model.spec.levels - 1)
    shares = means.T.unflatten(1, model.spec.space).cpu().numpy().astype(np.float32)
    return Expectation(np.where(given.known, np.float32(np.nan), shares), _ONE_PASS)


def averaged(attempts: QuickParticles) -> Expectation:
    """See `probability_map`; from attempts that are through."""
    return Expectation(attempts.mean_shares(), _MEAN.format(attempts.particles))
