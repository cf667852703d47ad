"""What tests of the compiled engine share."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import models
from models.wavenet_audio import WaveNet


def lively(**overrides: Any) -> WaveNet:
    """Weights drawn from a seed, none of them zero,
    large enough that the codes make a difference."""
    torch.manual_seed(0)
    model = models.build("wavenet", **overrides)
    assert isinstance(model, WaveNet)
    for name, p in model.named_parameters():
        if p.abs().max() == 0:
            torch.nn.init.normal_(p, std=0.5)
        elif name.startswith(("head", "out")):
            p.data *= 4
    return model.eval().requires_grad_(False)


def applied(function: Any, *arrays: np.ndarray) -> np.ndarray:
    """A function of one, two or three lanes, of all values of the arrays; float32, whole lanes."""
    import numba

    from studio.engine.runtime.lanes import COUNT, load, pointer, store

    count = len(arrays)

    @numba.njit
    def apply(a, b, c, result):
        a, b, c, target = pointer(a), pointer(b), pointer(c), pointer(result)
        for i in range(0, len(result), COUNT):
            if count == 1:
                store(target, i, function(load(a, i)))
            elif count == 2:
                store(target, i, function(load(a, i), load(b, i)))
            else:
                store(target, i, function(load(a, i), load(b, i), load(c, i)))

    result = np.empty_like(arrays[0])
    apply(arrays[0], arrays[min(1, count - 1)], arrays[-1], result)
    return result
