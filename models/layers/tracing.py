"""Whether what is computed is being written down by torch, as an export does it."""

from __future__ import annotations

import torch


def traced() -> bool:
    """A trace cannot follow what is written in place: layers then compute the same plainly."""
    found: bool = torch.jit.is_tracing()  # type: ignore[attr-defined]
    return found
