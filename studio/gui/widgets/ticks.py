"""Where the numbers of an axis stand: at round values, with room between them."""

from __future__ import annotations

import math


def spacing(least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20 ... and of their tenths, hundredths ... that is no smaller
    than `least`, above 0."""
    ten = 10.0 ** math.floor(math.log10(least))
    return next(ten * times for times in (1, 2, 5, 10) if ten * times >= least * (1 - 1e-9))


def written(value: float, step: float) -> str:
    """The value with as many decimals as are needed to tell it from one a step away."""
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
