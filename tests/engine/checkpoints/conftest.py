"""A small checkpoint, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from tests.models.zoo import built


@pytest.fixture
def model() -> AutoregressiveModel:
    return built(
        "gated-pixelcnn-class",
        shape=(1, 6, 5),
        levels=3,
        width=8,
        dilations=(1, 2),
        head=8,
        classes=4,
    )


@pytest.fixture
def saved(model: AutoregressiveModel, tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    checkpoints.save(model, path, {"data": "mnist", "metrics": {"bits_per_dim": 0.1}})
    return path
