"""A small voice, and what is made and heard of it."""

from __future__ import annotations

import time

import numpy as np

from models.wavenet_audio import WaveNet
from studio.engine.audio.rendering import Rendering
from studio.engine.audio.sound_ring import SoundRing
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.playing import PATIENCE
from tests.models.test_wavenet_audio import small

RATE = 1000  # of the models here: a second of sound takes a second of work at most
LENGTH = 1500  # samples that are wanted


def voice(**config) -> WaveNet:
    return small(**{"levels": 256, "sample_rate": RATE, "dilations": (1, 2, 4, 8), **config})


def heard(ring: SoundRing, samples: int | None = None) -> np.ndarray:
    """What comes out of a ring, as fast as it is there: so many samples, or all to its end."""
    parts: list[np.ndarray] = []
    deadline = time.monotonic() + PATIENCE
    while (
        missing := 1 if samples is None else samples - sum(map(len, parts))
    ) > 0 and not ring.exhausted:
        assert time.monotonic() < deadline
        there = min(round(ring.level * RATE), 100 if samples is None else missing)
        parts.append(ring.read(there) if ring.ready else ring.read(0))
        time.sleep(0.002)
    return np.concatenate(parts)


def made(
    model: WaveNet, options: SamplingOptions | None = None, beginning: np.ndarray | None = None
) -> np.ndarray:
    """Codes (takes, LENGTH)."""
    rendering = Rendering(model, options, beginning)
    rendering.run(LENGTH - rendering.start)
    return rendering.codes
