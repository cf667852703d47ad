"""Scoring sound: bits a sample by the definition,
whole or in part, and what a vocoder makes again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from models.interface import AudioModel, Spectrogram
from models.wavenet_audio import WaveNet
from studio.engine import checkpoints
from studio.engine.audio.rendering import as_audio_model
from studio.engine.data import audio_data
from studio.engine.data.audio_data import Sounds
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring import sound_scoring
from studio.engine.scoring.sound_scoring import (
    compared,
    data_of,
    evaluate_sounds,
    held_out_for,
    mel_spec_of,
    side_by_side,
    takes,
)
from tests.engine.data.test_audio_windows import small, sounds
from tests.thorough import thorough_only
from tests.tiny import tiny_sounds, tiny_voice


def mean_nats(model: WaveNet, some: Sounds) -> float:
    """A sample, of whole recordings."""
    with torch.inference_mode():
        return -sum(float(model.log_prob(codes[None, None])) for codes in some.codes) / some.samples


def test_bits_a_sample_are_the_mean_over_all_samples():
    model, some = small("wavenet"), sounds()
    score = evaluate_sounds(model, some)
    assert score is not None
    assert score.figures["bits_per_sample"] == pytest.approx(
        mean_nats(model, some) / math.log(2), rel=1e-5
    )
    assert score.nats == pytest.approx(mean_nats(model, some) * some.samples / 5, rel=1e-5)
    assert score.examples == 5
    assert set(score.figures) == {"bits_per_sample", "nats"}


def test_a_cancelled_scoring_has_no_figure_and_a_whole_one_reports_to_the_end():
    token = CancelToken()
    parts: list[float] = []
    assert evaluate_sounds(small("wavenet"), sounds(), parts.append, token) is not None
    assert parts == sorted(parts)
    assert parts[-1] == 1
    token.cancel()
    assert evaluate_sounds(small("wavenet"), sounds(), token=token) is None


def test_what_is_made_again_can_be_cancelled():
    token = CancelToken()

    def stop_in_the_second_half(part: float) -> None:
        if part >= 0.5:
            token.cancel()

    model = small("wavenet-mel")
    assert evaluate_sounds(model, sounds(), stop_in_the_second_half, token, remake=True) is None


def test_recordings_that_were_not_learnt_from_are_those_of_its_data_or_the_few_that_come_along(
    tmp_path, monkeypatch
):
    def voice(data: str, **config: Any) -> AudioModel:
        (folder := tmp_path / str(len(config))).mkdir()
        path = tiny_voice(folder, card={"data": data}, **config)
        return as_audio_model(checkpoints.load(path))

    own = voice(str(tiny_sounds(tmp_path)))
    assert held_out_for(own).files == data_of(own).test.files
    monkeypatch.setattr(audio_data, "shipped_names", lambda: ("speech",))
    assert held_out_for(voice("speech-16k", sample_rate=16_000)).files == (
        "en-demo-nomatch.ogg",
        "en-queue-youarenext.ogg",
        "es-conf-userswilljoin.ogg",
    )


@thorough_only
def test_takes_are_told_apart_and_the_compiled_engine_makes_the_same(monkeypatch):
    """Two takes under spectrograms of their own, by the stepper and by the engine."""
    model = small("wavenet-mel")
    assert isinstance(model.conditioning, Spectrogram)
    random = np.random.default_rng(0)
    condition = side_by_side(
        [random.uniform(0, 1, (frames, 40)).astype(np.float32) for frames in (2, 3)]
    )
    assert condition.shape == (2, 40, 3)
    plain = takes(model, condition, range(2), 240, seed=0)
    monkeypatch.setattr(sound_scoring, "_WORTH_COMPILING", 0)
    compiled = takes(model, condition, range(2), 240, seed=0)
    alone = takes(model, condition[:1], range(1), 240, seed=0)
    assert plain is not None
    assert compiled is not None
    assert alone is not None
    assert np.mean(plain == compiled) > 0.99  # but for ties
    assert np.array_equal(alone[0], compiled[0])
    assert np.mean(compiled[0] == compiled[1]) < 0.5


def test_sound_is_shown_by_the_spectrogram_of_its_condition_or_a_usual_one():
    assert mel_spec_of(small("wavenet-mel")).hop == 80
    assert mel_spec_of(small("wavenet", sample_rate=16_000)).hop == 160


def test_a_voice_of_16_khz_is_given_80_bands_of_ten_milliseconds():
    spec = mel_spec_of(small("wavenet-mel-16k"))
    assert (spec.rate, spec.hop, spec.mels, spec.window) == (16_000, 160, 80, 512)


def test_a_copy_is_compared_by_every_figure_that_there_is(monkeypatch):
    spec = mel_spec_of(small("wavenet-mel"))
    sound = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    monkeypatch.setattr(sound_scoring, "intelligibility", lambda original, copy, rate: None)
    same = compared(sound, sound, spec)
    nothing = dict.fromkeys(
        ("log_mel_distance", "loudness_difference", "level_difference", "missing"), 0
    )
    assert same == nothing
    monkeypatch.setattr(sound_scoring, "intelligibility", lambda original, copy, rate: 0.9)
    softer = compared(sound, sound / np.float32(2), spec)
    assert softer["log_mel_distance"] == pytest.approx(6.02, abs=0.05)
    assert 0 < softer["loudness_difference"] < 0.5
    assert softer["level_difference"] == pytest.approx(6.02, abs=0.01)
    assert softer["missing"] == 0
    assert softer["stoi"] == 0.9
    assert "level_difference" not in compared(sound, np.zeros_like(sound), spec)
