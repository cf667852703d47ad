"""Where a part of a network must not be computed in fewer digits than its weights have."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch.amp import is_autocast_available


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """No autocast inside."""
    return (
        torch.autocast(device.type, enabled=False)
        if is_autocast_available(device.type)
        else nullcontext()
    )
