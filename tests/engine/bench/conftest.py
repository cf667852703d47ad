"""The models that are measured."""

from __future__ import annotations

import pytest

import models
from models import registry
from studio.engine.bench import drawing_speed
from tests.engine.shallow import shallow


@pytest.fixture(autouse=True)
def small_models(monkeypatch):
    """Benchmarks of small models: what they say is not looked at here, only that they say it."""
    sound = {"shape": (1, None), "levels": 8, "dilations": (1, 2, 4)}
    monkeypatch.setattr(
        drawing_speed,
        "_model",
        lambda name: (
            models.build(name, **sound) if registry.variant(name).sound else shallow(name),
            "fresh weights",
        ),
    )
    monkeypatch.setattr(drawing_speed, "_MATRIX", 64)
