"""Weights in 8 bits, for checkpoints that ship: a quarter of the space of float32.

Each row of a matrix, or kernel of a convolution, becomes whole numbers from -127 to 127 times a
scale of its own, the largest magnitude of the row over 127. So a zero stays a zero, and no weight
is off by more than half of its row's scale.

In a file, the tensor "NAME" is int8, and "NAME:scale" float32 beside it, one number a row.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_SCALE = ":scale"
_LARGEST = 127


def packed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a file is given for float weights; those of one dimension or none, biases and gains,
    stay as they are."""
    found = {}
    for name, tensor in weights.items():
        if not tensor.is_floating_point() or tensor.ndim < 2:
            found[name] = tensor
            continue
        flat = tensor.float().flatten(1)
        scale = flat.abs().amax(1) / _LARGEST
        steps = flat / torch.where(scale > 0, scale, 1)[:, None]
        found[name] = steps.round().to(torch.int8).view(tensor.shape)
        found[name + _SCALE] = scale
    return found


def unpacked(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights again, in float32; what was not packed is handed on."""
    return {
        name: tensor.float() * _broadcast(tensors[name + _SCALE], tensor)
        if name + _SCALE in tensors
        else tensor
        for name, tensor in tensors.items()
        if not name.endswith(_SCALE)
    }


def described(header: dict[str, Any]) -> dict[str, Any]:
    """What `unpacked` will make of a file, by what its header says of each tensor; where scales do
    not fit, as it stands, which fits no model."""
    found = dict(header)
    for name, entry in header.items():
        scale = header.get(name + _SCALE)
        if scale is not None and _belong(entry, scale):
            found[name] = {**entry, "dtype": "F32"}
            del found[name + _SCALE]
    return found


def _belong(entry: Any, scale: Any) -> bool:
    try:
        kinds = entry["dtype"] == "I8" and scale["dtype"] == "F32"
        return bool(kinds and len(entry["shape"]) >= 2 and scale["shape"] == entry["shape"][:1])
    except (KeyError, TypeError):
        return False


def _broadcast(scale: Tensor, like: Tensor) -> Tensor:
    return scale.view(-1, *[1] * (like.ndim - 1))
