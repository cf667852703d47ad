"""Sound made in stretches: the same seed makes the same sound, however the work is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from models.companding import mu_law_decode
from models.wavenet_audio import WaveNet
from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.audio.rendering import Rendering, as_audio_model, noise_for
from studio.engine.audio.sample_sources import Stepping
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.models.test_wavenet_audio import KINDS, small
from tests.models.zoo import small as small_picture_model


def voice(**overrides: Any) -> WaveNet:
    return small(**{"dilations": (1, 2, 4, 8), "levels": 256, **overrides})


@pytest.fixture(scope="module")
def model() -> WaveNet:
    return voice()


def test_the_same_seed_makes_the_same_sound_in_stretches_of_any_length(model: WaveNet) -> None:
    whole, parts = Rendering(model), Rendering(model)
    assert whole.run(4200) == 4200  # beyond one block of noise
    for count in (1, 63, 64, 65, 4007):
        parts.run(count)
    assert np.array_equal(whole.codes, parts.codes)
    assert len(np.unique(whole.codes)) > 50
    other = Rendering(model, SamplingOptions(seed=1))
    other.run(200)
    assert not np.array_equal(other.codes, whole.codes[:, :200])


def test_each_take_has_noise_of_its_own_whatever_their_number(model: WaveNet) -> None:
    many, few = (
        Rendering(model, SamplingOptions(count=4)),
        Rendering(model, SamplingOptions(count=2)),
    )
    for rendering in (many, few):
        rendering.run(100)
    assert many.codes.shape == (4, 100)
    assert np.array_equal(many.codes[:2], few.codes)
    assert len({take.tobytes() for take in many.codes}) == 4


def test_noise_is_even_and_never_the_same() -> None:
    blocks = [
        noise_for(seed, take, block)
        for seed in (0, 1, 2**63)
        for take in (0, 1)
        for block in (0, 1)
    ]
    assert len({block.tobytes() for block in blocks}) == 12
    counts = np.histogram(np.concatenate(blocks), 16, (0, 1))[0]
    expected = 12 * 4096 / 16
    assert (
        (counts - expected) ** 2 / expected
    ).sum() < 40  # chi-square of 15: one in 2,000 is larger


def test_a_beginning_is_kept_and_gone_on_from(model: WaveNet) -> None:
    first = Rendering(model, SamplingOptions(seed=3))
    first.run(300)
    again = Rendering(model, SamplingOptions(seed=3), beginning=first.codes[0, :200])
    assert (again.start, again.position) == (200, 200)
    again.run(100)
    assert np.array_equal(again.codes, first.codes), "a sample has the same noise after a beginning"
    takes = Rendering(model, SamplingOptions(seed=3, count=3), beginning=first.codes[0, :200])
    takes.run(100)
    assert (takes.codes[:, :200] == first.codes[0, :200]).all()
    assert len({take.tobytes() for take in takes.codes}) == 3


def test_what_is_gone_back_over_comes_out_the_same(model: WaveNet) -> None:
    rendering = Rendering(model, beginning=np.full(50, 128))
    rendering.run(250)
    before = rendering.codes.copy()
    rendering.rewind(120)
    assert rendering.position == 120
    rendering.run(180)
    assert np.array_equal(rendering.codes, before)
    rendering.rewind(0)
    assert rendering.position == 50, "the beginning stays"


def test_the_temperature_changes_what_comes_and_not_what_was(model: WaveNet) -> None:
    rendering = Rendering(model)
    rendering.run(100)
    before = rendering.codes.copy()
    rendering.set_options(SamplingOptions(temperature=0))
    expected = rendering.next_probabilities()
    rendering.run(100)
    assert np.array_equal(rendering.codes[:, :100], before)
    assert rendering.codes[0, 100] == expected.argmax()
    assert expected.max() == 1
    rendering.set_options(SamplingOptions(temperature=0, seed=9))
    assert rendering.position == 0


def test_the_next_sample_is_expected_as_it_is_drawn(model: WaveNet) -> None:
    rendering = Rendering(model, SamplingOptions(count=2000, top_k=4))
    expected = rendering.next_probabilities()
    rendering.run(1)
    drawn = np.bincount(rendering.codes[:, 0], minlength=256)
    assert (expected > 0).sum() == 4
    assert set(np.flatnonzero(drawn)) == set(np.flatnonzero(expected))
    likely = expected > 0
    assert (
        (drawn - 2000 * expected)[likely] ** 2 / (2000 * expected[likely])
    ).sum() < 22  # chi-square of 3


def test_it_ends_soon_when_it_is_interrupted(model: WaveNet) -> None:
    def answers() -> Iterator[bool]:
        yield from (False, False)
        while True:
            yield True

    answer = answers()
    rendering = Rendering(model)
    assert rendering.run(10_000, interrupted=lambda: next(answer)) == 2 * Stepping.chunk
    assert rendering.position == 2 * Stepping.chunk


def test_samples_are_what_the_codes_sound_like(model: WaveNet) -> None:
    rendering = Rendering(model, SamplingOptions(count=2))
    rendering.run(50)
    assert rendering.samples().dtype == np.float32
    assert np.array_equal(rendering.samples(10, 30), mu_law_decode(rendering.codes[:, 10:30]))


def test_a_vocoder_follows_its_spectrogram_to_the_end() -> None:
    model = voice(**KINDS["a spectrogram"])
    frames = np.random.default_rng(0).random((20, 5))
    loud, silent = (
        Rendering(model, spectrogram=frames),
        Rendering(model, spectrogram=np.zeros((20, 5))),
    )
    assert loud.length == 160
    assert (loud.run(1000), silent.run(1000)) == (160, 160)
    assert not np.array_equal(loud.codes, silent.codes)
    without_condition = Rendering(model)
    without_condition.run(160)
    assert np.array_equal(without_condition.codes, silent.codes)


def test_the_compiled_engine_takes_over_at_any_sample_and_makes_the_same() -> None:
    for overrides in ({}, {"classes": 3}, KINDS["a spectrogram"]):
        model = voice(**overrides)
        frames = np.random.default_rng(0).random((60, 5)) if model.config.mels else None
        options = SamplingOptions(count=2, condition=1 if model.config.classes else None, top_p=0.9)
        stepped, mixed = (Rendering(model, options, np.full(20, 128), frames) for _ in range(2))
        stepped.run(400)
        mixed.run(150)
        mixed.use(CompiledNetwork(model))
        before = mixed.next_probabilities(1)
        mixed.run(100)
        mixed.use(None)
        mixed.run(150)
        assert np.array_equal(mixed.codes, stepped.codes)
        stepped.rewind(170)
        np.testing.assert_allclose(stepped.next_probabilities(1), before, atol=1e-4)


def test_a_class_is_given_to_every_take() -> None:
    model = voice(classes=3)
    heard = set()
    for condition in (None, 0, 1, 2):
        rendering = Rendering(model, SamplingOptions(count=2, condition=condition))
        rendering.run(60)
        heard.add(rendering.codes.tobytes())
    assert len(heard) == 4


def test_it_says_in_a_sentence_what_does_not_fit(model: WaveNet) -> None:
    with pytest.raises(StudioError, match="for pictures"):
        as_audio_model(small_picture_model("pixelcnn"))
    with pytest.raises(StudioError, match="takes no spectrogram"):
        Rendering(model, spectrogram=np.zeros((3, 5)))
    with pytest.raises(StudioError, match="frames of 5 channels"):
        Rendering(voice(**KINDS["a spectrogram"]), spectrogram=np.zeros((3, 6)))
    with pytest.raises(StudioError, match="between 0 and 255"):
        Rendering(model, beginning=np.array([256]))
    with pytest.raises(StudioError, match="takes no class"):
        Rendering(model, SamplingOptions(condition=1))


def test_takes_can_have_beginnings_of_their_own(model: WaveNet) -> None:
    beginnings = np.random.default_rng(0).integers(0, 256, (2, 50)).astype(np.uint8)
    takes = Rendering(model, SamplingOptions(seed=1, count=3), beginnings)
    takes.run(100)
    assert takes.start == 50
    assert np.array_equal(takes.codes[:, :50], beginnings[[0, 1, 0]])
    alone = Rendering(model, SamplingOptions(seed=1), beginnings[0])
    alone.run(100)
    assert np.array_equal(takes.codes[0], alone.codes[0])


def test_takes_that_are_chosen_are_those_of_their_numbers(model: WaveNet) -> None:
    every = Rendering(model, SamplingOptions(count=6))
    few = Rendering(model, SamplingOptions(count=3, chosen_takes=(5, 1)))
    for rendering in (every, few):
        rendering.run(60)
    assert np.array_equal(few.codes, every.codes[[5, 1, 0]])
    few.set_options(SamplingOptions(count=3))
    assert few.position == 0, "others are another sound"


@torch.inference_mode()
def test_a_scored_one_knows_what_its_takes_cost_from_the_beginning_on(model: WaveNet) -> None:
    options, beginning = SamplingOptions(count=2, temperature=0.8), np.full(30, 128)
    rendering = Rendering(model, options, beginning, scored=True)
    rendering.run(5000)  # beyond the room that there is at first
    rendering.rewind(100)
    rendering.run(20)
    codes = torch.from_numpy(rendering.codes.astype(np.int64))
    params = model.conditionals(codes[:, None])
    expected = -model.likelihood.log_prob(params, codes[:, :, None])[:, 30:].sum(1)
    np.testing.assert_allclose(rendering.nats, expected, rtol=1e-4)
    with pytest.raises(ValueError, match="nobody has asked"):
        _ = Rendering(model).nats
