"""When each site was drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets.overlays import Overlay, of_drawn


def _shares(snapshot: Snapshot, levels: int) -> NDArray[np.floating]:
    return of_drawn(snapshot, np.arange(snapshot.position) / max(1, snapshot.length - 1))


OVERLAY = Overlay("order", "Order of drawing", "cividis", ("first", "last"), _shares)
