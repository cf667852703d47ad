"""Overlays: what can be laid over a picture, one file each.

A module of this package that has an `OVERLAY` is offered in the inspector and the menu, painted on
the stage and explained in the legend; nothing else needs to know of it.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets.colour_maps import colour_map


@dataclass(frozen=True)
class Overlay:
    """name: by which it is chosen and remembered.
    title: what the window calls it.
    colours: the name of its colour map.
    ends: what both ends of the map stand for.
    shares: where on the map each site of the picture shown lies, (N,) floats in 0..1 by raster
    index, NaN where there is nothing to say; it is given a snapshot and the number of levels.
    of_unknown: whether it is about the sites that are not there yet, and has to be asked for.
    in_colour: what the legend says instead of a scale where pictures have colour, and the overlay
    shows colours of theirs; "" for none.
    """

    name: str
    title: str
    colours: str
    ends: tuple[str, str]
    shares: Callable[[Snapshot, int], NDArray[np.floating]]
    of_unknown: bool = False
    in_colour: str = ""

    def paint(self, snapshot: Snapshot, levels: int) -> NDArray[np.uint32]:
        """Colours 0xAARRGGBB of the sites of that picture by raster index, (N,); 0 for nothing."""
        shares = self.shares(snapshot, levels)
        places = (np.nan_to_num(shares).clip(0, 1) * 255).astype(int)
        return np.where(np.isfinite(shares), colour_map(self.colours)[places], 0).astype(np.uint32)


def of_drawn(snapshot: Snapshot, shares: NDArray[np.floating]) -> NDArray[np.floating]:
    """Of the drawn sites in the order of generation, (position,): of all by raster index, (N,), NaN
    for the others."""
    found = np.full(snapshot.length, np.nan)
    found[snapshot.order[: snapshot.position]] = shares
    return found


@functools.cache
def overlays() -> dict[str, Overlay]:
    """Every overlay by its name, in the order of their files."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    return {module.OVERLAY.name: module.OVERLAY for module in modules}


def titles() -> dict[str, str]:
    """What can be chosen, by its name: no overlay, or one of them."""
    return {"none": "Nothing", **{name: overlay.title for name, overlay in overlays().items()}}
