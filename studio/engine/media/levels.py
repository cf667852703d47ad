"""How strong a sound is, and what a copy of it lacks: whether it is louder or softer as a whole,
and where it is silent though something is to be heard."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.engine.media.mel import windows_of

Samples = NDArray[np.float32]

_FRAME = 0.02  # seconds
_HEARD = 40.0  # dB below the loudest frame: softer ones count as silence
_MISSING = 20.0  # dB by which a frame of a copy is softer where it lacks what is heard
_SILENT = 90.0  # dB below full scale: about what one step of 16 bits is


def level(samples: Samples) -> float:
    """RMS in dB relative to full scale (a square wave of -1 and 1 has 0); -inf for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf


def level_difference(original: Samples, copy: Samples) -> float | None:
    """By how many dB a copy (n,) is louder than a recording (n,), below 0 where it is softer; None
    where one of them is silent."""
    apart = level(copy) - level(original)
    return apart if math.isfinite(apart) else None


def missing(original: Samples, copy: Samples, rate: int) -> float:
    """The share of the frames of a recording (n,) in which something is heard, and a copy (n,) is
    all but silent."""
    if not original.size:
        return 0.0
    before, after = (_levels(samples, rate) for samples in (original, copy))
    heard = before > max(before.max() - _HEARD, -_SILENT)
    if not heard.any():
        return 0.0
    return float((after[heard] < before[heard] - _MISSING).mean())


def _levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Of each frame, dB relative to full scale."""
    frame = max(1, round(rate * _FRAME))
    power = np.square(windows_of(samples, frame, frame), dtype=np.float64).mean(1)
    return 10 * np.log10(np.maximum(power, 10 ** (-_SILENT / 10)))
