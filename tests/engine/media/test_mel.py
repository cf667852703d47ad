"""Log-mel spectrograms: as many frames as hops, each where its sound is, and a distance in dB."""

from __future__ import annotations

import numpy as np
import pytest

from models.companding import SILENCE, mu_law_decode
from studio.engine.media.mel import FLOOR, MelSpec, decibels, distance, log_mel, tops

SPEC = MelSpec()


def tone(hertz: float, samples: int = 8000, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(samples) / 8000)).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "frames"), [(0, 0), (1, 1), (80, 1), (81, 2), (8000, 100), (500_001, 6251)]
)
def test_every_begun_hop_has_a_frame(samples, frames):
    found = log_mel(np.zeros(samples, np.float32), SPEC)
    assert found.shape == (frames, 40)
    assert found.dtype == np.float32


def test_silence_is_zero_and_so_is_its_code():
    assert not log_mel(np.zeros(1000, np.float32), SPEC).any()
    assert not log_mel(mu_law_decode(np.full(1000, SILENCE)), SPEC).any()


def test_the_loudest_sine_is_about_one():
    assert log_mel(tone(1000), SPEC)[50].max() == pytest.approx(1.0, abs=0.03)


def test_a_tenth_of_the_amplitude_is_20_dB_less():
    loud, quiet = (decibels(log_mel(tone(1000, amplitude=a), SPEC))[50] for a in (0.8, 0.08))
    peak = loud.argmax()
    assert loud[peak] - quiet[peak] == pytest.approx(20, abs=0.1)


def test_higher_tones_lie_in_higher_triangles():
    peaks = [
        int(log_mel(tone(hertz), SPEC)[50].argmax()) for hertz in (100, 200, 400, 800, 1600, 3200)
    ]
    assert peaks == sorted(set(peaks))


def test_a_tone_is_loudest_in_the_triangle_with_its_top_there():
    for mel in (5, 20, 35):
        assert log_mel(tone(tops(SPEC)[mel]), SPEC)[50].argmax() == mel


def test_a_click_is_in_the_frame_of_its_hop():
    for place in (0, 79, 80, 4000, 7999):
        samples = np.zeros(8000, np.float32)
        samples[place] = 1.0
        assert log_mel(samples, SPEC).mean(1).argmax() == place // SPEC.hop


def test_a_stretch_has_the_frames_that_it_has_in_the_whole():
    whole = np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32)
    inner = log_mel(whole[1600:4800], SPEC)
    # the others see what was cut off
    assert inner[2:-2] == pytest.approx(log_mel(whole, SPEC)[20:60][2:-2], abs=1e-6)


@pytest.mark.parametrize("spec", [SPEC, MelSpec.at(16_000, 160, 80)])
def test_no_triangle_is_empty(spec):
    noise = np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32)
    assert log_mel(noise, spec).mean(0).min() > 0.5


def test_the_distance_is_in_dB_and_nothing_from_oneself():
    loud, quiet = (
        log_mel(np.random.default_rng(0).uniform(-a, a, 8000).astype(np.float32), SPEC)
        for a in (0.5, 0.25)
    )
    assert distance(loud, loud) == 0.0
    assert distance(loud, quiet) == pytest.approx(20 * np.log10(2), abs=0.05)
    assert distance(loud, loud[:50]) == 0.0
    assert distance(np.zeros((3, 40), np.float32), np.ones((3, 40), np.float32)) == pytest.approx(
        -FLOOR
    )


def test_what_has_no_frame_in_common_cannot_be_compared():
    with pytest.raises(ValueError, match="cannot be compared"):
        distance(np.zeros((0, 40), np.float32), np.zeros((3, 40), np.float32))


def test_a_hop_longer_than_the_usual_window_is_looked_at_whole():
    spec = MelSpec.at(8000, hop=320, mels=10)
    assert log_mel(np.ones(1000, np.float32), spec).shape == (4, 10)
