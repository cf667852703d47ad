"""Colour maps by name: perceptually uniform ones only."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray


@functools.cache
def colour_map(name: str) -> NDArray[np.uint32]:
    """256 colours 0xAARRGGBB, from the low end to the high one. The first one asked for takes half
    a second to import."""
    import pyqtgraph

    table = pyqtgraph.colormap.get(name)
    assert table is not None
    rgb = table.getLookupTable(nPts=256).astype(np.uint32)
    return 0xFF000000 | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]
