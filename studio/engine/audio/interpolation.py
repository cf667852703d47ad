"""What a sound leads up to: how well a take that has come so far fits what follows after a gap.

Over some tens of milliseconds sound is much like an autoregressive process,

    x_t = a_1 x_{t-1} + ... + a_p x_{t-p} + e_t,    e_t Gaussian

which is how lost samples have been interpolated since Janssen, Veldhuis and Vries (1986), "Adaptive
interpolation of discrete-time signals that can be modeled as autoregressive processes". Here it
interpolates nothing. It says at every sample of the gap how probable such a process makes the first
p samples after it, given the last p samples of a take, whatever may still come between: a density
that has a closed form, by a recursion that runs backwards (the square-root form of the information
filter, Kailath, Sayed and Hassibi 2000, section 12.6).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WHITE = 1e-4  # of the power is taken to be noise, so that a pure tone has a process too
_QUIET = 1e-8  # power of what is as good as silence


def process_of(parts: Sequence[Floats], order: int) -> tuple[Floats, float]:
    """The coefficients (order,) and the variance of e of the process that stretches of sound (n,)
    come from, by their autocorrelation (Makhoul 1975, "Linear prediction", section II)."""
    lags, weight = np.zeros(order + 1), 0.0
    for part in parts:
        window = np.hanning(len(part) + 2)[1:-1]
        windowed = part * window
        found = np.correlate(windowed, windowed, "full")[len(part) - 1 :][: order + 1]
        lags[: len(found)] += found
        weight += float(window @ window)
    lags /= max(weight, 1.0)
    lags[0] = lags[0] * (1 + _WHITE) + _QUIET
    distances = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    coefficients = np.linalg.solve(lags[distances], lags[1:]).astype(np.float64)
    return coefficients, float(max(lags[0] - coefficients @ lags[1:], lags[0] * _WHITE))


class LookAhead:
    """Of a take whose last p samples are s, newest first, when sample i of the gap is the newest:

        log density of what follows = - |roots[i] s - offsets[i]|^2 / 2 + a constant

    roots: (gap, p, p), upper triangular, so that the newest sample is in the first row alone.
    offsets: (gap, p).
    """

    def __init__(self, coefficients: Floats, variance: float, gap: int, after: Floats) -> None:
        """coefficients (p,), variance: of the process.
        gap: samples.
        after: what follows, of which the first p samples count."""
        order = len(coefficients)
        self.roots, self.offsets = np.zeros((gap, order, order)), np.zeros((gap, order))
        # of sample i, in terms of it and of the p before: its e, and below what follows it
        rows, aims = np.zeros((order + 1, order + 1)), np.zeros(order + 1)
        rows[0] = np.concatenate([[1.0], -coefficients]) / np.sqrt(variance)
        for i in reversed(range(1, gap + min(order, len(after)))):
            if i < gap:
                self.roots[i], self.offsets[i] = rows[1:, :order], aims[1:]
                # whatever it may be: what is left when the first row is solved for it
                reduced = _triangular(rows, aims)[1:, 1:]
            else:
                reduced = _triangular(rows[:, 1:], aims - rows[:, 0] * after[i - gap])[:order]
            rows[1:, :order], aims[1:] = reduced[:, :-1], reduced[:, -1]
        self.roots[0], self.offsets[0] = rows[1:, :order], aims[1:]


def _triangular(rows: Floats, aims: Floats) -> Floats:
    """The same sum of squares of rows x - aims in triangular form, the aims as the last column."""
    triangle: Floats = np.asarray(np.linalg.qr(np.column_stack([rows, aims]), mode="r"))
    return triangle
