"""Random scenes of tiny models, and what they look like when they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.interface import Model
from studio.engine import checkpoints, kinds
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.exporting import (
    SOUND_SUFFIXES,
    SUFFIXES,
    Frame,
    save_levels,
    save_samples,
)
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretch
from studio.engine.media.recordings import write_recording
from studio.engine.scenes.document import as_text
from studio.engine.scenes.drawing import drawn, rendering_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene, Sound
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice

PICTURES = (
    "ardm-class",
    "autoencoder",
    "gated-pixelcnn-class",
    "gated-pixelcnn-map",
    "made-any-order",
    "pixelcnn",
)
VOICES = ("wavenet", "wavenet-mel")
SITES = SIZE * SIZE


@dataclass(frozen=True)
class Made:
    """A scene, the checkpoint of its model, and the kinds of file that hold what it makes."""

    scene: Scene
    checkpoint: Path
    model: Model

    @property
    def sound(self) -> bool:
        return self.scene.sound is not None

    @property
    def suffixes(self) -> tuple[str, ...]:
        return SOUND_SUFFIXES if self.sound else SUFFIXES


def a_scene(number: int, folder: Path) -> Made:
    """One of any number of random ones; the same for the same number."""
    random = np.random.default_rng(number)
    name = (*PICTURES, *VOICES)[number % (len(PICTURES) + len(VOICES))]
    sound = name in VOICES
    path = tiny_voice(folder, name) if sound else tiny_checkpoint(folder, name)
    model = checkpoints.load(path)
    scene = Scene(reference_to(path), view={"overlay": "entropy", "speed": 40.0})
    return Made((_heard if sound else _seen)(scene, model, random), path, model)


def _seen(scene: Scene, model: Model, random: np.random.Generator) -> Scene:
    draws = kinds.of(model).generates
    count = int(random.integers(1, 5)) if draws else 1
    options = SamplingOptions(
        count=count,
        seed=int(random.integers(2**63)),
        temperature=float(random.uniform(0.3, 2)),
        top_p=float(random.uniform(0.5, 1)),
        condition=int(random.integers(3)) if hasattr(model.conditioning, "names") else None,
        order="spiral" if model.any_order and random.random() < 0.5 else None,
        steps=7 if getattr(model, "predicts_all", False) and random.random() < 0.5 else 0,
        corruption=0.0 if draws else float(random.uniform(0, 0.5)),
    )
    known = random.random((SIZE, SIZE)) < 0.3
    values = random.integers(0, 2, (1, SIZE, SIZE)).astype(np.uint8) * known
    changes = {
        int(site): Change(int(random.integers(count)), int(site), (int(random.integers(2)),))
        for site in random.integers(0, SITES, 3)
    }
    return Scene(
        model=scene.model,
        options=options,
        evidence=Evidence(values, known) if not draws or random.random() < 0.6 else None,
        changes=tuple(changes.values()) if draws and random.random() < 0.5 else (),
        position=int(random.integers(SITES)) if draws and random.random() < 0.5 else None,
        earlier=(Stretch(20, (3.0, 0, 1.0)),) if draws and random.random() < 0.3 else (),
        chosen=int(random.integers(count)) if draws and random.random() < 0.5 else None,
        view=scene.view,
    )


def _heard(scene: Scene, model: Model, random: np.random.Generator) -> Scene:
    vocoder = hasattr(model.conditioning, "mels")
    kept = int(random.integers(1, 200))
    return Scene(
        model=scene.model,
        options=SamplingOptions(
            count=int(random.integers(1, 4)),
            seed=int(random.integers(2**63)),
            temperature=float(random.uniform(0.3, 2)),
            chosen_takes=tuple(random.permutation(5)[:2].tolist()),
        ),
        position=kept + 300,
        sound=Sound(
            beginning=random.integers(0, 256, kept).astype(np.uint8),
            rate=1000,
            spectrogram=random.random((60, 6)).astype(np.float32) if vocoder else None,
            seconds=0.3,
        ),
        view=scene.view,
    )


def values_of(scene: Scene, model: Model) -> NDArray[np.uint8]:
    """What it shows: levels of the pictures, or codes of the takes."""
    if scene.sound is None:
        return drawn(scene, model).snapshot(None, False, 0.0).values
    rendering = rendering_of(scene, model)
    assert scene.position is not None
    rendering.run(scene.position - rendering.position)
    return rendering.codes


def exported(made: Made, path: Path) -> NDArray[np.uint8]:
    """Write a file of what it shows; returns that."""
    from models.companding import mu_law_decode

    values, text = values_of(made.scene, made.model), as_text(made.scene)
    if not made.sound:
        middle = Frame(values, np.zeros((SIZE, SIZE), bool), (3, 3))
        save_samples(values, 2, path, [middle] * 3, {"seed": 1}, scene=text)
    elif path.suffix in (".npy", ".npz"):
        save_levels(values, path, text)
    else:
        write_recording(path, mu_law_decode(values[0]), 1000, {"seed": 1}, text)
    return values
