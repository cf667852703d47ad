"""Calibration: of pixels to which a method gives a probability, how many turn out so (DeGroot and
Fienberg 1983; Guo et al. 2017, section 2). Of those that get 70 %, 70 % should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """Of each of `BINS` bins of equal width, from 0 to 1.

    count: how many pixels, int64.
    predicted: the mean of what they were given, float64, NaN where there are none.
    right: the share of them that turned out so, float64, NaN where there are none.
    """

    count: NDArray[np.int64]
    predicted: NDArray[np.float64]
    right: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: how far apart the two are, the mean over the pixels; 0 to
        1, NaN without any pixel."""
        if not self.count.any():
            return float("nan")
        gaps = np.nan_to_num(np.abs(self.predicted - self.right))
        return float((gaps * self.count).sum() / self.count.sum())


def calibration(probabilities: NDArray[Any], right: NDArray[Any]) -> Calibration:
    """probabilities: in [0, 1], of any shape. right: whether it was so, of the same shape.

    Of a picture of K levels each pixel may come in K times, once for each level.
    ValueError where the shapes differ, or a probability is none.
    """
    given = np.asarray(probabilities, np.float64)
    happened = np.asarray(right, np.float64)
    if given.shape != happened.shape:
        raise ValueError(f"{given.shape} probabilities, and {happened.shape} that turned out")
    if given.size and not (given.min() >= 0 and given.max() <= 1):
        raise ValueError("probabilities lie between 0 and 1")
    which = np.minimum((given.ravel() * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(which, minlength=BINS)

    def mean(each: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.bincount(which, each.ravel(), BINS)
        return np.divide(total, count, out=np.full(BINS, np.nan), where=count > 0)

    return Calibration(count, mean(given), mean(happened))
