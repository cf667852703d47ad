"""The colours of what an insight says of each site."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.insights.question import Map
from studio.engine.media.colour_maps import colour_map


def colours_of(found: Map, name: str) -> NDArray[np.uint32]:
    """0xAARRGGBB of every site, (*space), 0 where there is nothing to say.

    name: of the colour map, for what is no colour itself.
    """
    values = found.values
    there = np.isfinite(values)
    shares = (np.where(there, values, 0).clip(0, 1) * 255).round().astype(np.uint32)
    if len(values) == 3 and values.ndim == 3:
        red, green, blue = shares
        colours = 0xFF000000 | (red << 16) | (green << 8) | blue
        return np.where(there.all(0), colours, 0).astype(np.uint32)
    return np.where(there, colour_map(name)[shares], 0).astype(np.uint32)
