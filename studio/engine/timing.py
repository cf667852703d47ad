"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

_LONG = 15.0  # seconds of repeats that are enough


def seconds_for(work: Callable[[], object], repeats: int, warm_up: bool = True) -> float:
    """Seconds that it takes, the median; fewer repeats of what takes long."""
    if warm_up:
        work()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
        if sum(seconds) > _LONG:
            break
    return median(seconds)
