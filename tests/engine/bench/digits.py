"""Pictures that a judge can learn to tell apart within a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from studio.engine.data.data_sets import Data, open_data

SIZE = 8


def bars_file(folder: Path, count: int = 300) -> Path:
    """Grey bars at one of three heights, a little noisy, with their class, as a .npz."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = random.integers(0, 90, (count, SIZE, SIZE))
    for image, label in zip(images, labels, strict=True):
        image[1 + 2 * label : 3 + 2 * label] += 150
    path = folder / "bars.npz"
    np.savez(path, images=images.astype(np.uint8), labels=labels)
    return path


def bars(folder: Path) -> Data:
    return open_data(bars_file(folder), colour=False)


def shown(data: Data) -> tuple[torch.Tensor, torch.Tensor]:
    """The pictures of the test part in black and white, and their classes."""
    assert data.test_labels is not None
    return (data.test > 127).to(torch.uint8), data.test_labels
