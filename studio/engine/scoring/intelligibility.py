"""STOI (Taal et al. 2011), how much of what is said can be understood of a copy, 0..1: where the
library for it is installed."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
from numpy.typing import NDArray

ADVICE = (
    "STOI, how much can be understood, is left out: pip install 'autoregressive-studio[scores]'"
    " brings what it takes."
)


def installed() -> bool:
    """Whether it can be worked out here."""
    return importlib.util.find_spec("pystoi") is not None


def intelligibility(
    original: NDArray[np.float32], copy: NDArray[np.float32], rate: int
) -> float | None:
    """STOI of a copy (n,) of a recording (n,); None where the library is missing, or less than a
    third of a second of it is not silent."""
    try:
        from pystoi import stoi
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # its way to say that it has too few frames
        try:
            return float(stoi(original, copy, rate, extended=False))
        except RuntimeWarning:
            return None
