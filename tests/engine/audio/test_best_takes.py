"""The best of several takes: the most probable to the model, and none that ran away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.wavenet_audio import WaveNet
from studio.engine.audio.best_takes import Tried, best_first, in_words, loudest, ranked
from studio.engine.audio.rendering import Rendering
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.test_wavenet_audio import KINDS, small


def voice(**overrides: object) -> WaveNet:
    return small(**{"dilations": (1, 2, 4, 8), "levels": 256, **overrides})


def order(tried: list[Tried]) -> list[int]:
    return [each.take for each in tried]


def test_the_take_that_costs_the_fewest_bits_comes_first() -> None:
    assert order(ranked([4, 5, 6], [3.0, 2.5, 2.8], [-12.0, -11.0, -13.0])) == [5, 6, 4]


def test_a_take_that_is_far_louder_than_the_others_comes_last_however_probable_it_is() -> None:
    tried = ranked([0, 1, 2, 3], [3.0, 1.0, 2.5, 2.8], [-14.0, -3.0, -13.0, -12.0])
    assert order(tried) == [2, 3, 0, 1]
    assert [each.dropped for each in tried] == [False, False, False, True]


def test_a_take_that_speaks_between_silent_ones_has_not_run_away() -> None:
    tried = ranked([0, 1, 2], [3.0, 1.0, 1.0], [-25.0, -math.inf, -math.inf])
    assert not any(each.dropped for each in tried)


def test_the_loudest_quarter_of_a_second_counts_and_silence_has_no_level() -> None:
    samples = np.zeros(1000, np.float32)
    assert loudest(samples, 400) == -math.inf
    samples[330:380] = 1  # half of a quarter of a second
    assert loudest(samples, 400) == pytest.approx(10 * math.log10(0.5), abs=0.01)
    assert loudest(samples[:0], 400) == -math.inf


def test_takes_are_made_to_the_end_and_ranked_by_what_the_model_says_of_them() -> None:
    rendering = Rendering(voice(), SamplingOptions(seed=2, count=4), scored=True)
    shares: list[float] = []
    tried = best_first(rendering, 300, shares.append)
    assert rendering.position == 300
    assert (sorted(order(tried)), shares[-1]) == ([0, 1, 2, 3], 1.0)
    bits = {each.take: each.bits for each in tried}
    costs = rendering.nats / (300 * math.log(2))
    assert [bits[take] for take in range(4)] == pytest.approx(costs.tolist())


def test_takes_of_a_vocoder_end_with_its_spectrogram() -> None:
    frames = np.random.default_rng(0).random((5, 5))
    model = voice(**KINDS["a spectrogram"])
    rendering = Rendering(model, SamplingOptions(count=2), spectrogram=frames, scored=True)
    best_first(rendering, 1000)
    assert rendering.position == 40


def test_what_watches_can_end_it() -> None:
    def enough(share: float) -> None:
        raise InterruptedError

    rendering = Rendering(voice(), SamplingOptions(count=2), scored=True)
    with pytest.raises(InterruptedError):
        best_first(rendering, 1500, enough)
    assert rendering.position < 1500


def test_what_was_found_is_said_in_a_sentence() -> None:
    said = in_words(ranked([0, 1, 2], [3.0, 2.5, 2.0], [-14.0, -13.0, -2.0]))
    assert said == (
        "Take 2 is the best of 3: 2.50 bits a sample, the others 3.00; take 3 ran away into noise"
        " and came last."
    )
    assert in_words(ranked([0], [3.0], [-14.0])) == "Take 1 is the best of 1: 3.00 bits a sample."
