"""Which of the last samples of a sound count for the next one, as it is asked and said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import models
from models.interface import AudioModel
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights.sound_field import begin, question, sound_field
from studio.engine.insights.strength import sound_strength

RATE = 1000


def voice(name: str = "wavenet", **overrides: Any) -> AudioModel:
    """One that looks back eight samples."""
    torch.manual_seed(0)
    config = {"levels": 8, "width": 4, "skip": 4, "dilations": (1, 2, 4), **overrides}
    model = models.build(name, **config).eval().requires_grad_(False)
    assert isinstance(model, AudioModel)
    return model


def codes(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 8, count).astype(np.uint8)


def test_the_last_samples_that_are_seen_have_a_colour_and_the_strongest_the_last() -> None:
    answer = sound_field(100, RATE).ask(voice(), question(codes(20), 8, SamplingOptions()))
    shown = answer.maps[0].values
    assert np.isfinite(shown).tolist() == [False] * 12 + [True] * 8
    assert np.nanmax(shown) == 1
    assert answer.arrays["first"] == 100


def test_it_is_said_how_far_back_the_model_looks() -> None:
    answer = sound_field(0, RATE).ask(voice(), question(codes(20), 8, SamplingOptions()))
    assert answer.sentence.startswith("The next sample sees the last 8, 8 ms; half of")


def test_of_the_first_sample_there_is_nothing_to_see() -> None:
    answer = sound_field(0, RATE).ask(voice(), question(codes(0), 8, SamplingOptions()))
    assert answer.sentence == "It is the first sample: nothing comes before it."


def test_where_nothing_counts_it_is_said_and_no_sample_has_a_strong_colour() -> None:
    model = voice()
    dict(model.named_parameters())["out.weight"].zero_()
    answer = sound_field(0, RATE).ask(model, question(codes(20), 8, SamplingOptions()))
    assert answer.sentence == "The next sample sees the last 8, 8 ms; none of them counts just now."
    assert np.nanmax(answer.maps[0].values) == 0


@pytest.mark.parametrize(("position", "start"), [(0, 0), (5, 0), (8, 0), (30, 22)])
def test_a_sound_has_to_be_there_as_far_back_as_the_model_looks(position: int, start: int) -> None:
    assert begin(voice(), position) == start


def test_of_a_vocoder_whole_frames_have_to_be_there_and_those_that_they_see() -> None:
    model = voice("wavenet-mel", mels=3, hop=2, upsampling=(2,), map_width=4)
    start = begin(model, 101)
    assert start == (93 // 2 - model.frames_ahead) * 2
    frames = np.random.default_rng(1).random((60, 3)).astype(np.float32)
    whole = sound_strength(model, codes(101), spectrogram=frames)
    part = sound_strength(model, codes(101)[start:], spectrogram=frames[start // 2 :])
    assert whole is not None
    assert part is not None
    np.testing.assert_allclose(part, whole, rtol=1e-4)
