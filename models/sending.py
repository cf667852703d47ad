"""Tensors on their way from the host to a device, which nobody waits for."""

from __future__ import annotations

import torch
from torch import Tensor


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """A tensor on a device.

    To a GPU it goes through page-locked memory, and the host goes on at once; a copy from other
    memory would wait for all that the GPU has still to do.
    """
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
