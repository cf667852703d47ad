"""Completion: a model finishes a picture of which a part is given, its evidence.

A model draws in its order, and a site sees only what comes before it. What to do about evidence
that comes later is the method's business, see `studio.engine.generation.methods`;
`studio.engine.generation.method_choice` says which one it is and why.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.interface import AutoregressiveModel, TwoStageModel
from studio.engine.editing.evidence import checked_evidence
from studio.engine.generation.decoders import SEQUENTIAL
from studio.engine.generation.decoding import pictures_of
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import AUTO
from studio.engine.generation.sampling_options import SamplingOptions


def complete(
    model: AutoregressiveModel,
    image: NDArray[Any],
    mask: NDArray[Any],
    method: str = AUTO,
    count: int = 1,
    seed: int = 0,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    condition: int | None = None,
    order: str | tuple[int, ...] | None = None,
    guidance: float = 0.0,
    particles: int = 0,
    sweeps: int = 4,
    steps: int = 0,
    decode: str = SEQUENTIAL,
) -> NDArray[np.uint8]:
    """`count` ways to finish a picture, levels (count, C, H, W); to a model of codes one can give
    codes and get codes, or a picture and get pictures.

    image: levels (C, H, W).
    mask: (H, W), true where the image is given.
    The rest: as in `SamplingOptions`.
    StudioError, one sentence, where something does not fit the model.
    """
    options = SamplingOptions(
        count,
        seed,
        temperature,
        top_k,
        top_p,
        condition,
        method,
        order,
        guidance=guidance,
        particles=particles,
        sweeps=sweeps,
        steps=steps,
        decode=decode,
    )
    generation = Generation(model, options, checked_evidence(image, mask, model))
    generation.step(generation.length)
    if isinstance(model, TwoStageModel) and np.shape(image) != model.spec.shape:
        return pictures_of(model, generation.values, np.ones(model.spec.space, bool))
    return generation.values
