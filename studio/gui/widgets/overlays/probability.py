"""What the model expects of the pixels that are not there yet: of two levels the probability of
white, of more the expected level, and of colour the expected colour itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets.overlays import Overlay


def _unknown(snapshot: Snapshot) -> NDArray[np.floating]:
    """Expected levels as shares of the highest, (C, N), NaN at what is there by now."""
    if snapshot.expected is None:
        return np.full((snapshot.values.shape[1], snapshot.length), np.nan)
    expected = snapshot.expected.reshape(len(snapshot.expected), -1).copy()
    expected[:, snapshot.order[: snapshot.position]] = np.nan
    return expected


def _shares(snapshot: Snapshot, levels: int) -> NDArray[np.floating]:
    return _unknown(snapshot).mean(0)


class _Probability(Overlay):
    def paint(self, snapshot: Snapshot, levels: int) -> NDArray[np.uint32]:
        if snapshot.values.shape[1] != 3:
            return super().paint(snapshot, levels)
        expected = _unknown(snapshot)
        red, green, blue = np.rint(np.nan_to_num(expected) * 255).astype(np.uint32)
        colours = 0xFF000000 | (red << 16) | (green << 8) | blue
        return np.where(np.isfinite(expected).all(0), colours, 0).astype(np.uint32)


OVERLAY = _Probability(
    "probability",
    "Probability",
    "viridis",
    ("black", "white"),
    _shares,
    of_unknown=True,
    in_colour="expected colour",
)
