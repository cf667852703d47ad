"""A curve made smoother, so that several can be compared."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_LEAST_WEIGHT = 1e-3  # of a value long ago; those with less no longer count
STRONGEST = 0.98


def smoothed(values: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Each value averaged with those before it, which count less the longer ago they are.

    values: (N,), one for each line of a table.
    strength: 0 for the values themselves, up to `STRONGEST`: the weight of a value is `strength`
    times that of the value after it. The weights are scaled to 1 at the beginning too, where there
    are few (the bias correction of Kingma and Ba 2015, section 3).
    """
    strength = min(strength, STRONGEST)
    if strength <= 0 or len(values) < 2:
        return values
    reach = min(len(values), math.ceil(math.log(_LEAST_WEIGHT) / math.log(strength)) + 1)
    kernel = strength ** np.arange(reach)
    weights = np.convolve(np.ones(len(values)), kernel)[: len(values)]
    made: NDArray[np.float64] = np.convolve(values, kernel)[: len(values)] / weights
    return made
