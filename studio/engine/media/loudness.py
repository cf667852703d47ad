"""How loud a sound is to the ear at each pitch, and how much of that is otherwise in a copy of it.

This is the model of hearing inside PESQ (ITU-T P.862, section 10.2; after Zwicker and Fastl 1990):
the power spectrum of frames, summed in bands of half a Bark, becomes specific loudness by Zwicker's
law,

    L = S (P0 / 0.5)^g [(0.5 + 0.5 P / P0)^g - 1],   g = 0.23

where P0 is the threshold of hearing. PESQ goes on from there: it aligns the two in time and level,
masks, weighs what was added more than what was left out, and maps what it finds to a mean opinion
score, by fits to listening tests that are not free to use. Here it ends with the share of the
loudness that differs, which is PESQ-like and no PESQ: 0 for the same, 1 for silence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.media.mel import powers, windows_of

_WINDOW = 0.032  # seconds; frames are half of that apart, as in PESQ
_BAND = 0.5  # Bark
_SPEECH = 79.0  # dB SPL that the original is heard at, as in PESQ
_ZWICKER = 0.23
_FLOOR = 1e-12  # power of what is silent


def loudness(samples: NDArray[np.float32], rate: int, gain: float = 0.0) -> NDArray[np.float64]:
    """Specific loudness (frames, bands) of samples (n,), in units that do not matter here.

    gain: what a sine as loud as can be is heard at, in dB SPL.
    """
    window = max(4, round(rate * _WINDOW))
    power = powers(windows_of(samples, window, window // 2)) @ _bands(rate, window)
    threshold = _threshold(_middles(rate))  # power, relative to that of 0 dB SPL
    heard = power * 10 ** (gain / 10)
    louder = (0.5 + 0.5 * heard / threshold) ** _ZWICKER - 1
    found: NDArray[np.float64] = ((threshold / 0.5) ** _ZWICKER * louder).clip(0)
    return found


def loudness_difference(
    original: NDArray[np.float32], copy: NDArray[np.float32], rate: int
) -> float:
    """How much of the loudness is otherwise in a copy, as a share of that of the original, over the
    frames that both have. The original is heard as loud as speech is, and the copy with the same
    gain.

    ValueError where they have no frame in common, or the original is silent.
    """
    count = min(len(original), len(copy))
    power = float(np.square(original[:count], dtype=np.float64).mean()) if count else 0.0
    if power < _FLOOR:
        raise ValueError("nothing can be compared with silence")
    gain = _SPEECH - 10 * np.log10(2 * power)
    own, other = (loudness(sound[:count], rate, gain) for sound in (original, copy))
    return float(np.abs(own - other).sum() / own.sum())


def _bark(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Traunmüller 1990."""
    return 26.81 * hertz / (1960 + hertz) - 0.53


def _edges(rate: int) -> NDArray[np.float64]:
    """Where bands begin and end, in Bark."""
    top = _bark(np.array(rate / 2))
    return np.linspace(0, top, max(1, round(float(top) / _BAND)) + 1)


def _middles(rate: int) -> NDArray[np.float64]:
    """Of the bands, in Hz."""
    edges = _edges(rate)
    bark = (edges[1:] + edges[:-1]) / 2
    return 1960 * (bark + 0.53) / (26.28 - bark)


def _bands(rate: int, window: int) -> NDArray[np.float64]:
    """(window // 2 + 1, bands): how much of each frequency belongs to a band. One that lies between
    two frequencies gets its share of the nearer ones."""
    spacing = rate / window
    frequencies = np.arange(window // 2 + 1) * spacing
    low, high = (_bark((frequencies + side * spacing / 2).clip(0)) for side in (-1, 1))
    edges = _edges(rate)
    inside = np.minimum(high[:, None], edges[1:]) - np.maximum(low[:, None], edges[:-1])
    found: NDArray[np.float64] = inside.clip(0) / (high - low)[:, None]
    return found


def _threshold(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least power that is heard at each frequency, 1 being 0 dB SPL (Terhardt 1979)."""
    kilo = hertz / 1000
    decibels = 3.64 * kilo**-0.8 - 6.5 * np.exp(-0.6 * (kilo - 3.3) ** 2) + 1e-3 * kilo**4
    return 10 ** (decibels / 10)
