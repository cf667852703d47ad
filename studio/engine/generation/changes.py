"""`Change`: a value of a drawing that a person set by hand. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A value changed by hand in a drawing: what comes later is drawn after it, with the same
    noise.

    picture: which one, from 0.
    site: raster index.
    values: levels, one a channel.
    """

    picture: int
    site: int
    values: tuple[int, ...]
