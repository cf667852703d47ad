"""Pictures, and the files that they come in."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray


def random_levels(count: int = 3, channels: int = 1, levels: int = 2) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, levels, (count, channels, 6, 5), dtype=np.uint8)


def as_idx(array: NDArray[np.uint8]) -> bytes:
    """An array as an IDX file, which MNIST comes in."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()
