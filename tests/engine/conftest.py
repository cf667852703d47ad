"""Data that are easy to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """A data set that is easy to learn: two classes, horizontal and vertical stripes of 8 x 8 pixels, with some noise."""
    random = np.random.default_rng(0)
    rows = np.arange(8) % 2 * 255
    pictures = np.stack([np.tile(rows[:, None], (1, 8)), np.tile(rows, (8, 1))])
    labels = random.integers(0, 2, 120)
    images = np.where(random.random((120, 8, 8)) < 0.03, 255 - pictures[labels], pictures[labels]).astype(np.uint8)
    path = tmp_path / "stripes.npz"
    np.savez(path, images=images, labels=labels)
    return path


@pytest.fixture
def blots(tmp_path: Path) -> Path:
    """A data set in colour: pictures of 8 x 8 pixels, red in the left half or green in the left half, with labels."""
    images = np.zeros((60, 8, 8, 3), np.uint8)
    labels = np.arange(60) % 2
    for image, label in zip(images, labels, strict=True):
        image[:, :4, label] = 255
    path = tmp_path / "blots.npz"
    np.savez(path, images=images, labels=labels)
    return path
