"""STOI by the library for it, where that is installed."""

from __future__ import annotations

import sys
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest

from studio.engine.scoring import intelligibility as scoring
from studio.engine.scoring.intelligibility import intelligibility

SOUND = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """One that says how far two sounds correlate, and warns of short ones as the real one does."""

    def stoi(clean: np.ndarray, noisy: np.ndarray, rate: int, extended: bool) -> float:
        if len(clean) < 0.4 * rate:
            warnings.warn("Not enough STFT frames", RuntimeWarning, stacklevel=2)
            return 1e-5
        return float(np.corrcoef(clean, noisy)[0, 1])

    module = ModuleType("pystoi")
    module.__spec__ = ModuleSpec("pystoi", None)
    module.stoi = stoi  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pystoi", module)
    return module


def test_it_is_what_the_library_says(library):
    assert scoring.installed()
    assert intelligibility(SOUND, SOUND, 16_000) == pytest.approx(1)
    other = np.roll(SOUND, 1000)
    assert intelligibility(SOUND, other, 16_000) == pytest.approx(0, abs=0.1)


def test_what_is_too_short_to_be_understood_has_none(library):
    assert intelligibility(SOUND[:1000], SOUND[:1000], 16_000) is None


def test_without_the_library_there_is_none_and_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pystoi", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert intelligibility(SOUND, SOUND, 16_000) is None
    assert not scoring.installed()
    assert "autoregressive-studio[scores]" in scoring.ADVICE
