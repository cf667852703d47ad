"""What the scenes of a grid can differ in, by name: for whoever only lists it, without numpy."""

from __future__ import annotations

NAMES = (
    *("model", "temperature", "seed", "class", "method"),
    *("guidance", "top-k", "top-p", "steps", "order"),
)
ORDERS = ("raster", "s-curve", "zigzag", "spiral", "random", "certain")
MOST = 16  # scenes of a grid
