"""Trivial models of sound need the bits that they should."""

from __future__ import annotations

import pytest
import torch

from studio.engine.data.audio_data import AudioData, Sounds, open_audio
from studio.engine.runtime.assets import assets_folder
from studio.engine.scoring.baselines import baselines


def test_trivial_models_of_speech_need_the_more_bits_the_less_they_know() -> None:
    """Of a sixth of the recordings that ship."""
    digits = assets_folder() / "data" / "speech" / "digits"
    found = baselines(open_audio(digits, 8000))
    assert found["uniform"] == 8
    assert 7 < found["unigram"] < 8
    assert 5 < found["previous_sample"] < 6


def test_baselines_of_what_is_known_are_what_they_should_be() -> None:
    """An eternal round of four codes: the code before says
    which comes next, the frequencies say one of four."""
    round_ = Sounds((torch.arange(100_000).remainder(4).to(torch.uint8),), ("a",), None)
    found = baselines(AudioData("round", 8000, round_, round_, round_))
    assert found["unigram"] == pytest.approx(2.0, abs=0.01)
    assert found["previous_sample"] == pytest.approx(0.0, abs=0.02)
