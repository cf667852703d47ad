"""What a voice makes, what the page shows of it, and what is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr
from pytestqt.qtbot import QtBot

from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.audio.rendering import Rendering, as_audio_model
from studio.engine.checkpoints import load
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.sound.sound_page import SoundPage
from tests.gui.sound_server import RATE
from tests.gui.windows import until

SECONDS = 2.0  # that the window of these tests wants


def made(
    voice: Path, options: SamplingOptions | None = None, beginning: np.ndarray | None = None
) -> np.ndarray:
    """What the model makes, as samples (takes, n)."""
    model = as_audio_model(load(voice))
    rendering = Rendering(model, options, beginning, engine=CompiledNetwork(model))
    rendering.run(round(SECONDS * 8000))
    return rendering.samples()


def as_heard(samples: np.ndarray) -> np.ndarray:
    """At the rate of the devices, and without what any
    resampler does to the very beginning and end."""
    return np.asarray(soxr.resample(samples, 8000, RATE), np.float32)[RATE // 100 : -RATE // 100]


def shown(page: SoundPage, take: int = 0) -> np.ndarray:
    """The samples that the views have."""
    return page.timeline.sound.samples(take, 0, page.timeline.length)


def same(shown: np.ndarray, samples: np.ndarray) -> bool:
    """Whether they are the same but for the 16 bits that are shown."""
    return len(shown) == len(samples) and bool(np.abs(shown - samples).max() < 5e-5)


def another(folder: Path) -> Path:
    """A folder for a voice beside the one that the window begins with."""
    folder /= "another"
    folder.mkdir()
    return folder


def make_all(qtbot: QtBot, page: SoundPage, length: int = 16_000) -> None:
    page.playback.make()
    until(qtbot, lambda: page.timeline.length == length)
