"""Completion: a model finishes a picture of which a part is given, its evidence.

A model draws in its order, and a site sees only what comes before it. What to do about evidence
that comes later is the method's business, see `studio.engine.generation.methods`; `unseen` says
which evidence it is.

A model that takes any order needs no method: the given sites come first in it. Nor does one that is
conditioned on a painting: it sees all that is given.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import checked_evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import USUAL
from studio.engine.generation.sampling_options import SamplingOptions


def unseen(model: AutoregressiveModel, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where evidence comes later in the order than a site that has to be drawn, and so is not seen
    there: bool (H, W). Nowhere, for a model that takes any order or is conditioned on what is
    given.

    known: bool (H, W).
    """
    known = np.asarray(known, bool)
    if model.sees_all_given or known.all():
        return np.zeros_like(known)
    order = model.order.cpu().numpy()
    late = np.zeros(known.size, bool)
    late[order[np.argmin(known.ravel()[order]) :]] = True
    return known & late.reshape(known.shape)


def complete(
    model: AutoregressiveModel,
    image: NDArray[Any],
    mask: NDArray[Any],
    method: str = USUAL,
    count: int = 1,
    seed: int = 0,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    condition: int | None = None,
    order: str | tuple[int, ...] | None = None,
) -> NDArray[np.uint8]:
    """`count` ways to finish a picture, levels (count, C, H, W).

    image: levels (C, H, W).
    mask: (H, W), true where the image is given.
    The rest: as in `SamplingOptions`.
    StudioError, one sentence, where something does not fit the model.
    """
    options = SamplingOptions(count, seed, temperature, top_k, top_p, condition, method, order)
    generation = Generation(model, options, checked_evidence(image, mask, model))
    generation.step(generation.length)
    return generation.values
