"""How unsure the model was at each site: the entropy of its distribution, of all channels
together, as a share of the most that it could be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets.overlays import Overlay, of_drawn


def _shares(snapshot: Snapshot, levels: int) -> NDArray[np.floating]:
    most = snapshot.values.shape[1] * np.log(levels)
    return of_drawn(snapshot, snapshot.entropies[: snapshot.position] / most)


OVERLAY = Overlay("entropy", "Uncertainty", "viridis", ("sure", "unsure"), _shares)
