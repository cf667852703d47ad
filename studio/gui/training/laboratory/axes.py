"""The axes of the laboratory's charts: times in the unit that fits them, and figures of any size,
also where each factor takes the same room."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg

_UNITS = ((2 * 3600, 3600, "hours"), (120, 60, "minutes"), (0, 1, "seconds"))
_DIGITS = (1, 2, 3, 5, 7)  # where a decade has room for no more than a few
_FEW, _MOST = 3, 8  # figures along an axis
_POWERS = 300  # of ten, that a number can be
_TINY = 1e-9  # what rounding adds to 0.3


def unit_of_time(most: float) -> tuple[float, str]:
    """How many seconds the unit has in which times up to `most` seconds are told, and its name."""
    return next((size, name) for least, size, name in _UNITS if most >= least)


class LogAxis(pg.AxisItem):
    """Writes 0.08, 0.1, 0.2, also within one decade, where pyqtgraph would write one power of
    ten."""

    def logTickValues(
        self, minVal: float, maxVal: float, size: float, stdTicks: object
    ) -> list[tuple[float, list[float]]]:
        if not -_POWERS <= minVal < maxVal <= _POWERS:
            return []  # still the range of the chart before it was logarithmic
        return [(1.0, [math.log10(value) for value in log_ticks(10**minVal, 10**maxVal)])]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{10**value:.3g}" for value in values]


def log_ticks(low: float, high: float) -> list[float]:
    """Round values from `low` to `high`, both above 0, that lie about as far apart where each
    factor takes the same room; a few, and no more than there is room for."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5), _DIGITS):
        found = [digit * 10.0**decade for decade in decades for digit in digits]
        found = [value for value in found if low * (1 - _TINY) <= value <= high * (1 + _TINY)]
        if _FEW <= len(found) <= _MOST:
            return found
    if len(found) > _MOST:
        return [10.0**decade for decade in decades if low <= 10.0**decade <= high]
    step = 10 ** math.floor(math.log10((high - low) / _FEW))  # nearly the same all along
    every = next(step * factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= 6)
    first = math.ceil(low / every) * every
    return [float(value) for value in np.arange(first, high + every / 1000, every) if value > 0]
