"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

_LONG = 15.0  # seconds of repeats that are enough


def seconds_for(
    work: Callable[[], object],
    repeats: int,
    warm_up: bool = True,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds that it takes, the median; fewer repeats of what takes long.

    clock: `time.thread_time` counts only while the thread has a processor, whatever else wants one.
    """
    if warm_up:
        work()
    seconds: list[float] = []
    while len(seconds) < repeats and sum(seconds) <= _LONG:
        began = clock()
        work()
        seconds.append(clock() - began)
    return median(seconds)
