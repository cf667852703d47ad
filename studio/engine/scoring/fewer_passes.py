"""What a model that predicts all unknown sites at once costs in bits when it draws several of them
from each pass, as if they had nothing to do with one another.

With t sites known, each at random, an unknown one costs L(t) on average (Hoogeboom et al. 2021,
section 3.2). A generator that draws the next n sites from one pass pays n L(t) for them: so one
curve of L gives the bits of any number of passes.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import OrderAgnosticModel
from studio.engine.generation.passes import schedule

STEPS = (400, 200, 100, 50, 20)  # passes whose cost is told, beside one a site
_POINTS = 48  # of the curve, closer where little is known and the curve is steep
_BATCH = 64


@torch.inference_mode()
def bits_by_steps(
    model: OrderAgnosticModel,
    x: Tensor,
    condition: Tensor | None = None,
    generator: torch.Generator | None = None,
    steps: tuple[int, ...] = STEPS,
) -> dict[int, float]:
    """bits/dim by the number of passes, from many to few, the first of them one a site.

    x: levels (B, C, H, W), which the curve is measured on.
    """
    sites = len(model.order)
    points = sorted({int(sites * (i / _POINTS) ** 2) for i in range(_POINTS)})
    losses = [_loss(model, x, condition, known, generator) for known in points]
    curve = np.interp(np.arange(sites), points, losses)
    wanted = [sites, *(count for count in steps if count < sites)]
    return {count: _bits(model, curve, schedule(sites, count)) for count in wanted}


def _loss(
    model: OrderAgnosticModel,
    x: Tensor,
    condition: Tensor | None,
    known: int,
    generator: torch.Generator | None,
) -> float:
    """L(known) in nats a site."""
    sites, total = len(model.order), 0.0
    for rows in torch.arange(len(x), device=x.device).split(_BATCH):
        some, also = x[rows], None if condition is None else condition[rows]
        rank = torch.rand(len(rows), sites, generator=generator).argsort(1).argsort(1)
        seen = (rank < known).to(x.device)
        params = model.predict(some, seen.unflatten(1, model.spec.space), also)
        values = some.flatten(2).transpose(1, 2).long()
        total -= float((model.likelihood.log_prob(params.float(), values) * ~seen).sum())
    return total / (len(x) * (sites - known))


def _bits(model: OrderAgnosticModel, curve: NDArray[np.float64], ends: list[int]) -> float:
    nats = sum((end - begin) * curve[begin] for begin, end in itertools.pairwise(ends))
    return float(nats) / (len(curve) * model.spec.channels * math.log(2))
