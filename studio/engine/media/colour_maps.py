"""Colour maps by name: perceptually uniform ones only, as pyqtgraph brings them along.

They are read from its files, without pyqtgraph itself: to import it takes half a second, and is
nothing to do beside the window's thread, as it makes objects of Qt.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@functools.cache
def colour_map(name: str) -> NDArray[np.uint32]:
    """256 colours 0xAARRGGBB, from the low end to the high one."""
    package = find_spec("pyqtgraph")
    assert package is not None
    assert package.origin is not None
    table = np.loadtxt(
        Path(package.origin).parent / "colors" / "maps" / f"{name}.csv", delimiter=",", comments=";"
    )
    places = np.linspace(0, 1, 256)
    own = np.linspace(0, 1, len(table))
    rgb = np.stack([np.interp(places, own, channel) for channel in table[:, :3].T], 1)
    rgb = np.round(255 * rgb).astype(np.uint32)
    return 0xFF000000 | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]
