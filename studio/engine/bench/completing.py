"""Completions of many pictures at once, each with evidence of its own, for the judge; and how long
a completion takes as a person gets it.

What is given lies in the same place in all pictures, so that one stepper draws them together, which
a `Generation`, of one picture's evidence, does not.
"""

from __future__ import annotations

import itertools
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from models.orders import observed_first, random
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import Method, methods
from studio.engine.generation.noise import noise_for
from studio.engine.generation.passes import all_at_once, schedule
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.threads import one_thread
from studio.engine.runtime.timing import seconds_for

AT_ONCE = 100  # pictures that are drawn together
TIMED = 16  # completions
_SEED = 20_240_607


@torch.inference_mode()
def completed(
    model: AutoregressiveModel,
    method: Method,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None = None,
    steps: int = 0,
    seed: int = _SEED,
) -> Tensor:
    """A completion of each picture, levels (B, C, H, W), by a method that makes no attempts that
    compete.

    x: levels (B, C, H, W); what they hold at unknown sites is not looked at.
    known: bool (H, W).
    condition: a class of each picture, (B,), for models that take one.
    steps: passes, of a model that predicts all unknown sites at once, which then come in a random
    order, as neighbours that know nothing of each other would not fit; 0 for one a site.
    """
    noise, found = noise_for(model, len(x), seed), []
    # a pass over whole pictures is worth sharing out, a step is not
    threads = nullcontext() if model.predicts_all else one_thread()
    with threads:
        for rows in torch.arange(len(x)).split(AT_ONCE):
            some = (x[rows] * known).to(model.device)
            given = None if condition is None else condition[rows].to(model.device)
            if model.takes_painting:
                given = model.painted(some, known.expand(len(rows), *known.shape))
            drawn = _drawn(model, method, some, known, given, noise[rows], steps)
            found.append(drawn.cpu())
    return torch.cat(found)


def samples(
    model: AutoregressiveModel, count: int, condition: Tensor | None = None, steps: int = 0
) -> Tensor:
    """Drawn from nothing, levels (B, C, H, W), uint8. condition, steps: see `completed`."""
    nothing = torch.zeros(model.spec.space, dtype=torch.bool)
    x = torch.zeros(count, model.spec.channels, *model.spec.space, dtype=torch.uint8)
    return completed(model, methods()["clamp"], x, nothing, condition, steps)


def _drawn(
    model: AutoregressiveModel,
    method: Method,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None,
    noise: Tensor,
    steps: int,
) -> Tensor:
    height, width = model.spec.space
    order = random(height, width, _SEED) if steps else model.order.cpu()
    if method.given_first:
        order = observed_first(known, order)
    stepper = model.stepper(len(x), condition, order if model.any_order else None)
    is_given = known.flatten()[order].tolist()
    start = is_given.index(False) if False in is_given else len(order)
    begins = dict[int, int]()  # where a pass begins, and ends
    if steps:
        ends = [start + at for at in schedule(len(order) - start, steps)]
        begins = dict(itertools.pairwise(ends))
    if start:
        stepper.prime(x, start)
    pictures, noise = x.flatten(2).long(), noise.to(model.device)
    for position, site in enumerate(order.tolist()[start:], start):
        if position in begins:
            all_at_once(stepper).hold(begins[position])
        if not is_given[position]:
            pictures[:, :, site] = model.likelihood.sample(stepper.conditional(), noise[:, site])
        stepper.commit(pictures[:, :, site])
    return pictures.view_as(x)


def seconds(
    model: AutoregressiveModel,
    method: Method,
    picture: Tensor,
    known: Tensor,
    condition: int | None = None,
    particles: int = 0,
    steps: int = 0,
    repeats: int = 3,
) -> float:
    """Seconds that `TIMED` completions of one picture take together, as a person gets them.

    picture: levels (C, H, W).
    known: bool (H, W).
    """
    options = SamplingOptions(
        count=TIMED,
        condition=condition,
        method=method.name,
        particles=particles if method.begin is not None else 0,
        order="random" if steps else None,
        steps=steps,
    )
    evidence = Evidence(picture.numpy().astype(np.uint8), known.numpy())

    def complete() -> None:
        generation = Generation(model, options, evidence)
        generation.step(generation.length)
        _ = generation.values  # which waits for the device

    return seconds_for(complete, repeats)
