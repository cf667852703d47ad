"""Checkpoints and data so small that every test can have its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import models
from studio.engine import checkpoints
from tests.models.zoo import small_of_any_kind

SIZE = 8  # rows and columns of the pictures
CONFIGS: dict[str, dict[str, Any]] = {
    "ardm": {"width": 8, "coarse": 8, "blocks": (1, 1, 1)},
    "ardm-class": {
        "width": 8,
        "coarse": 8,
        "blocks": (1, 1, 1),
        "classes": 3,
        "class_names": ("a", "b", "c"),
    },
    "autoencoder": {"hidden": (16,), "code": 8},
    "vq-autoencoder": {"width": 8, "blocks": 0, "codes": 16, "patch": 2},
    "made": {"hidden": 16},
    "made-any-order": {"hidden": 16},
    "pixelcnn": {"width": 4, "hidden": 4, "blocks": 1, "kernel": 3, "head": 4},
    "gated-pixelcnn": {"width": 4, "dilations": (1,), "head": 4},
    "gated-pixelcnn-class": {
        "width": 4,
        "dilations": (1,),
        "head": 4,
        "classes": 3,
        "class_names": ("a", "b", "c"),
    },
    "transformer": {"width": 8, "layers": 3, "hidden": 8},
    "pixelcnn-plus-plus": {"width": 4, "blocks": (1,), "mixtures": 2},
    "gated-pixelcnn-map": {"width": 4, "dilations": (1,), "head": 4, "map_width": 8},
    "vq-prior": {
        "width": 8,
        "layers": 1,
        "heads": 2,
        "hidden": 8,
        "coder_patch": 2,
        "coder_width": 4,
        "coder_blocks": 0,
    },
}

_written: dict[str, bytes] = {}  # the checkpoints that were made, by what was asked for


def tiny_checkpoint(
    folder: Path,
    name: str = "pixelcnn",
    levels: int = 2,
    config: dict[str, Any] | None = None,
    channels: int = 1,
    **card: Any,
) -> Path:
    """A checkpoint of untrained weights, for pictures of 8 x 8, in colour with 3 channels; a model
    of two stages is for 8 x 8 codes."""
    path = folder / f"tiny-{name}.safetensors"
    asked = repr((name, levels, config, channels, card))
    if asked in _written:  # it would be the same again
        path.write_bytes(_written[asked])
    else:
        model = small_of_any_kind(
            name, (channels, SIZE, SIZE), levels, **{**CONFIGS[name], **(config or {})}
        )
        checkpoints.save(model, path, card)
        _written[asked] = path.read_bytes()
    torch.manual_seed(0)  # what comes after it does not depend on which of the two it was
    return path


def tiny_voice(
    folder: Path, name: str = "wavenet", card: dict[str, Any] | None = None, **config: Any
) -> Path:
    """A checkpoint of untrained weights, for sound of 1000 samples a second;
    a vocoder is given 100 frames of them."""
    path = folder / f"tiny-{name}.safetensors"
    upsampling = {"hop": 10, "upsampling": (5, 2), "mels": 6} if name == "wavenet-mel" else {}
    config = {
        "sample_rate": 1000,
        "width": 4,
        "skip": 4,
        "dilations": (1, 2, 4),
        **upsampling,
        **config,
    }
    checkpoints.save(models.build(name, **config), path, card)
    return path


def squares(count: int = 60) -> NDArray[np.uint8]:
    """White squares on black, uint8 (count, 8, 8)."""
    random = np.random.default_rng(0)
    pictures = np.zeros((count, SIZE, SIZE), np.uint8)
    for picture in pictures:
        low, high = sorted(random.integers(0, SIZE, 2))
        picture[low : high + 1, low : high + 1] = 255
    return pictures


def tiny_data(folder: Path, count: int = 60, classes: int = 3) -> Path:
    """Squares with labels, as a .npz."""
    path = folder / "squares.npz"
    np.savez(path, images=squares(count), labels=np.arange(count) % classes)
    return path


def tiny_sounds(folder: Path, count: int = 4, seconds: float = 0.1) -> Path:
    """A folder of noises at 8 kHz, each a little longer than the one before."""
    import soundfile

    random = np.random.default_rng(0)
    path = folder / "noises"
    path.mkdir()
    for number in range(count):
        samples = random.uniform(-0.5, 0.5, round(8000 * (seconds + number / 100)))
        soundfile.write(path / f"{number}.wav", samples, 8000)
    return path
