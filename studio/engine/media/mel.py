"""Log-mel spectrograms: what a vocoder is conditioned on, what is painted,
and by what two sounds are compared.

A frame is the power spectrum of a window, summed under
triangles that are evenly spaced on the mel scale,

    mel = 2595 log10(1 + hertz / 700)               (O'Shaughnessy 1987; as HTK has it)

each of height 1 and reaching to the tops of its neighbours (Davis and Mermelstein 1980). Frame i
looks at what lies round sample (i + 1/2) hop: it belongs to the samples from i * hop on, as
`models.interface.Spectrogram` has it.

Levels are decibels below a sine as loud as can be, kept between `FLOOR` and 0 and brought to 0..1:
0 is silence, 1 loud.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FLOOR = -80.0  # dB: what is quieter, as the noise of mu-law in a pause is, is silence
_WINDOW = 0.032  # seconds
_BLOCK = 4096  # frames that are computed at once


@dataclass(frozen=True)
class MelSpec:
    """rate: samples a second.
    window: samples that a frame looks at.
    hop: from one frame to the next.
    mels: triangles, between lowest and highest, in Hz; highest 0 is half the rate."""

    rate: int = 8000
    window: int = 256
    hop: int = 80
    mels: int = 40
    lowest: float = 50.0
    highest: float = 0.0

    @classmethod
    def at(cls, rate: int, hop: int = 80, mels: int = 40) -> MelSpec:
        """With windows of 32 ms, or as long as a hop where that is longer."""
        return cls(rate, max(round(rate * _WINDOW), hop), hop, mels)


def log_mel(samples: NDArray[np.float32], spec: MelSpec) -> NDArray[np.float32]:
    """Samples (T,), -1..1, as float32 (frames, mels), 0..1; frames = ceil(T / hop)."""
    windows, triangles = windows_of(samples, spec.window, spec.hop), _triangles(spec)
    found = np.empty((len(windows), spec.mels), np.float32)
    for start in range(0, len(windows), _BLOCK):
        found[start : start + _BLOCK] = levels(powers(windows[start : start + _BLOCK]) @ triangles)
    return found


def windows_of(samples: NDArray[np.float32], window: int, hop: int) -> NDArray[np.float32]:
    """What each frame of samples (T,) looks at, as a view
    (frames, window); silence where there is nothing."""
    frames = -(-len(samples) // hop)
    before = window // 2 - hop // 2
    padded = np.pad(samples, (before, frames * hop + window - before - len(samples)))
    return sliding_window_view(padded, window)[::hop][:frames]


def powers(windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The power at each frequency, from 0 to half the rate, of windows (n, window): (n, window // 2
    + 1); 1 is that of a sine as loud as can be."""
    spectrum = np.fft.rfft(windows * _bell(windows.shape[1]))
    return spectrum.real**2 + spectrum.imag**2


def levels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Powers as levels 0..1, of which 0 stands for `FLOOR` and less."""
    return (1 - 10 / FLOOR * np.log10(np.maximum(power, 10 ** (FLOOR / 10)))).clip(0, 1)


def decibels(log_mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Levels 0..1 as dB, `FLOOR`..0."""
    return (1 - log_mels) * np.float32(FLOOR)


def tops(spec: MelSpec) -> NDArray[np.float64]:
    """The frequency at which every triangle takes in most, (mels,), Hz."""
    return _edges(spec)[1:-1]


def distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """How far two log-mels (frames, mels) of one spec are apart: the root of the mean square of
    their difference over the triangles, in dB, averaged over the frames that both have (as
    log-spectral distances are: Gray and Markel 1976).

    ValueError where they have no frame in common, or another number of triangles.
    """
    frames = min(len(a), len(b))
    if not frames or a.shape[1] != b.shape[1]:
        raise ValueError(f"log-mels of the shapes {a.shape} and {b.shape} cannot be compared")
    difference = decibels(a[:frames]) - decibels(b[:frames])
    return float(np.sqrt(np.square(difference, dtype=np.float64).mean(1)).mean())


@lru_cache(maxsize=8)
def _bell(window: int) -> NDArray[np.float64]:
    """A Hann window of which a sine of amplitude 1 has power 1 at its frequency."""
    bell = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(window) + 0.5) / window)
    return bell * 2 / bell.sum()


@lru_cache(maxsize=8)
def _triangles(spec: MelSpec) -> NDArray[np.float64]:
    """(window // 2 + 1, mels): how much of the power at
    each frequency of the spectrum a triangle takes in.

    One narrower than the spectrum is fine takes in what lies between two frequencies, by
    interpolation, so none is empty.
    """
    edges = _edges(spec)
    left, middle, right = (edges[i : i + spec.mels] for i in range(3))
    spacing = spec.rate / spec.window
    left, right = np.minimum(left, middle - spacing), np.maximum(right, middle + spacing)
    frequencies = np.arange(spec.window // 2 + 1)[:, None] * spacing
    rising, falling = (
        (frequencies - left) / (middle - left),
        (right - frequencies) / (right - middle),
    )
    return np.minimum(rising, falling).clip(0)


def _edges(spec: MelSpec) -> NDArray[np.float64]:
    """(mels + 2,), Hz: a triangle begins at one, has
    its top at the next and ends at the one after."""
    top = spec.highest or spec.rate / 2
    return _hertz(np.linspace(_mel(spec.lowest), _mel(top), spec.mels + 2))


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * (10 ** (mel / 2595) - 1)
