"""Takes of sound that are compared: of the same length, and equally loud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.companding import mu_law_decode
from studio.engine import checkpoints
from studio.engine.audio.rendering import Rendering
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.levels import level
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import axis
from studio.engine.scenes.grid import load_models
from studio.engine.scenes.plan import plan_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene
from studio.engine.scenes.takes import Take, alike, figures_of, in_turn, make_takes, matched
from tests.tiny import tiny_checkpoint, tiny_voice

RATE = 8000
NOTHING = np.zeros(RATE, np.float32)


def tone(amplitude: float, rate: int = RATE, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


def click(amplitude: float) -> np.ndarray:
    """Loud for a moment, else quiet: little room to make it louder."""
    samples = tone(0.01)
    samples[::1000] = amplitude
    return samples


def takes(*sounds: np.ndarray) -> list[Take]:
    return [Take(str(number), samples, RATE) for number, samples in enumerate(sounds)]


@pytest.mark.parametrize(
    "sounds",
    [(tone(0.5), tone(0.05)), (tone(0.9), click(0.9)), (tone(1.0), click(0.5), tone(0.001))],
)
def test_matched_takes_are_equally_loud_and_none_clips(sounds: tuple[np.ndarray, ...]):
    found = matched(takes(*sounds))

    levels = [take.level for take in found]
    assert max(levels) - min(levels) < 0.1
    assert max(float(np.abs(take.samples).max()) for take in found) < 1
    assert max(levels) <= max(map(level, sounds)) + 1e-3


def test_they_are_as_loud_as_the_loudest_where_there_is_room():
    loud, soft = matched(takes(tone(0.5), tone(0.05)))

    assert loud.gain == pytest.approx(0, abs=1e-6)
    assert soft.gain == pytest.approx(20, abs=0.01)


def test_silence_stays_silent():
    loud, silent = matched(takes(tone(0.5), NOTHING))

    assert not silent.samples.any()
    assert loud.gain == pytest.approx(0, abs=1e-6)
    assert figures_of(silent) == "1.0 s · silent"


def test_takes_of_other_rates_and_lengths_are_made_alike():
    coarse = Take("coarse", tone(0.5, 4000, 2.0), 4000)
    fine = Take("fine", tone(0.5, 8000, 1.0), 8000)

    found = alike([coarse, fine])

    assert [take.rate for take in found] == [8000, 8000]
    assert [len(take.samples) for take in found] == [8000, 8000]
    middle = slice(1000, 7000)
    np.testing.assert_allclose(found[0].samples[middle], found[1].samples[middle], atol=2e-3)


def test_each_is_what_its_scene_is_alone(tmp_path: Path):
    place = tiny_voice(tmp_path)
    scene = Scene(reference_to(place), SamplingOptions(seed=3))
    plan = plan_of(scene, axis("temperature=0.5,1"))

    found = make_takes(plan, load_models(plan.scenes, "cpu", [place]), 0.2)

    for one, take in zip(plan.scenes, found, strict=True):
        alone = Rendering(checkpoints.load(place), one.options)
        alone.run(200)
        np.testing.assert_array_equal(take.samples, mu_law_decode(alone.codes[0]))
    assert [take.title for take in found] == ["temperature 0.5", "temperature 1"]


def test_what_makes_no_sound_is_a_sentence_in_its_take(tmp_path: Path):
    voice, picture = tiny_voice(tmp_path), tiny_checkpoint(tmp_path)
    scene = Scene(reference_to(voice))
    plan = plan_of(scene, axis(f"model={voice},{picture}"))

    heard, silent = make_takes(plan, load_models(plan.scenes, "cpu", [voice, picture]), 0.1)

    assert len(heard.samples) == 100
    assert "is for pictures and makes no sound" in silent.sentence
    assert silent.samples.size == 0


def test_told_to_stop_it_keeps_what_there_is(tmp_path: Path):
    place = tiny_voice(tmp_path)
    plan = plan_of(Scene(reference_to(place)), axis("seed=1,2"))
    shares: list[float] = []

    def going_on(share: float) -> bool:
        shares.append(share)
        return share < 0.75

    found = make_takes(plan, load_models(plan.scenes, "cpu", [place]), 0.4, going_on)

    assert len(found[0].samples) == len(found[1].samples) == 200
    assert shares == sorted(shares)


def test_in_turn_they_are_one_sound_with_pauses():
    samples, rate = in_turn(takes(tone(0.5), tone(0.3)))

    assert rate == RATE
    assert len(samples) > 2 * RATE
    np.testing.assert_array_equal(samples[:RATE], tone(0.5))
    np.testing.assert_array_equal(samples[-RATE:], tone(0.3))


def test_where_there_is_none_that_is_told():
    with pytest.raises(StudioError, match="None of these scenes makes sound"):
        in_turn([Take("a", np.zeros(0, np.float32), 1, sentence="No.")])
