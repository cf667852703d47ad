"""What can be laid over a picture: how unsure the model was at each site, or when it drew it.
Uniform colour maps only."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.player import Snapshot

OVERLAYS = {"none": "Nothing", "entropy": "Uncertainty", "order": "Order of drawing"}
MAPS = {"entropy": "viridis", "order": "cividis"}
ENDS = {
    "entropy": ("sure", "unsure"),
    "order": ("first", "last"),
}  # what both ends of a map stand for


def overlay_colours(name: str, snapshot: Snapshot, levels: int) -> NDArray[np.uint32]:
    """Colours 0xAARRGGBB of the sites of picture 0 by raster index, (N,); 0 where there is nothing
    to say."""
    colours = np.zeros(snapshot.length, np.uint32)
    drawn = snapshot.order[: snapshot.position]
    if name == "entropy":
        entropies = snapshot.entropies[: snapshot.position]
        most = snapshot.values.shape[1] * np.log(levels)  # of all channels together
        share = np.clip(np.nan_to_num(entropies) / most, 0, 1)
        colours[drawn] = np.where(
            np.isfinite(entropies), colour_map(MAPS[name])[(share * 255).astype(int)], 0
        )
    elif name == "order":
        share = np.arange(len(drawn)) / max(1, snapshot.length - 1)
        colours[drawn] = colour_map(MAPS[name])[(share * 255).astype(int)]
    return colours


@functools.cache
def colour_map(name: str) -> NDArray[np.uint32]:
    """256 colours 0xAARRGGBB, from the low end to the high one. The first one asked for takes half
    a second to import."""
    import pyqtgraph

    table = pyqtgraph.colormap.get(name)
    assert table is not None
    rgb = table.getLookupTable(nPts=256).astype(np.uint32)
    return 0xFF000000 | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]
