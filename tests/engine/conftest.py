"""Data that are easy to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    return save_stripes(tmp_path / "stripes.npz")


def save_stripes(path: Path) -> Path:
    """A data set that is easy to learn: two classes, horizontal and vertical stripes of 8 x 8
    pixels, with some noise."""
    random = np.random.default_rng(0)
    rows = np.arange(8) % 2 * 255
    pictures = np.stack([np.tile(rows[:, None], (1, 8)), np.tile(rows, (8, 1))])
    labels = random.integers(0, 2, 120)
    images = np.where(
        random.random((120, 8, 8)) < 0.03, 255 - pictures[labels], pictures[labels]
    ).astype(np.uint8)
    np.savez(path, images=images, labels=labels)
    return path


@pytest.fixture
def blots(tmp_path: Path) -> Path:
    """A data set in colour: pictures of 8 x 8 pixels, red in the left half or green in the left
    half, with labels."""
    images = np.zeros((60, 8, 8, 3), np.uint8)
    labels = np.arange(60) % 2
    for image, label in zip(images, labels, strict=True):
        image[:, :4, label] = 255
    path = tmp_path / "blots.npz"
    np.savez(path, images=images, labels=labels)
    return path


@pytest.fixture
def hums(tmp_path: Path) -> Path:
    """A data set of sound: 22 recordings of a third of a second at 8 kHz, which hum, high or low,
    in a folder each."""
    import soundfile  # only here: tests on a GPU do without sound libraries

    random = np.random.default_rng(0)
    folder = tmp_path / "hums"
    for number in range(22):
        pitch, hertz = ("low", 200) if number % 2 else ("high", 1000)
        samples = 0.4 * np.sin(
            2 * np.pi * hertz * np.arange(2_800 + 40 * number) / 8000 + random.uniform(0, 6)
        )
        (folder / pitch).mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / pitch / f"{number}.wav", samples, 8000)
    return folder
