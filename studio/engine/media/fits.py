"""What can be done with a picture of another shape, in words: see `studio.engine.media.fitting`,
which does it. Free of everything, so that the commands can name them at once."""

from __future__ import annotations

from dataclasses import dataclass

FITS = {
    "pad": "all of it, with a margin",
    "crop": "its middle, the edges are cut off",
    "stretch": "all of it, stretched or squeezed",
}


@dataclass(frozen=True)
class Fitting:
    """fit: one of `FITS`. invert: dark becomes light, and light dark.

    ValueError for another fit.
    """

    fit: str = "pad"
    invert: bool = False

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise ValueError(f"{self.fit!r} is not one of {', '.join(FITS)}")
