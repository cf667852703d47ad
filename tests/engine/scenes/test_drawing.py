"""A scene drawn again without a window, and what does not fit its model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.engine import checkpoints
from studio.engine.generation.changes import Change
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretch
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.drawing import (
    ENLARGED,
    drawn,
    film_of,
    made_scene,
    of_take,
    picture_alone,
    rendering_of,
    take_of,
)
from studio.engine.scenes.scene import ModelReference, Scene, Sound
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice

SCENE = Scene(ModelReference("tiny"), SamplingOptions(count=3, seed=5, temperature=0.7))


@pytest.fixture
def model(tmp_path: Path):
    return checkpoints.load(tiny_checkpoint(tmp_path))


@pytest.fixture
def voice(tmp_path: Path):
    return checkpoints.load(tiny_voice(tmp_path))


def test_it_is_drawn_as_a_generation_draws_it(model):
    plain = Generation(model, SCENE.options)
    plain.step(99)
    np.testing.assert_array_equal(drawn(SCENE, model).values, plain.values)


def test_it_is_drawn_as_far_as_its_position(model):
    assert drawn(replace(SCENE, position=7), model).position == 7
    assert drawn(replace(SCENE, position=10**6), model).position == SIZE * SIZE


def test_what_was_changed_by_hand_is_in_it(model):
    values = drawn(SCENE, model).values[1, 0]
    other = 1 - int(values[0, 3])
    again = drawn(replace(SCENE, changes=(Change(1, 3, (other,)),)), model)
    assert again.values[1, 0, 0, 3] == other


def test_it_begins_with_the_sampling_of_that_time(model):
    mixed = Generation(model, replace(SCENE.options, temperature=4.0))
    mixed.step(30)
    mixed.set_options(SCENE.options)
    mixed.step(99)
    scene = replace(SCENE, earlier=(Stretch(30, (4.0, 0, 1.0)),))
    assert mixed.earlier == scene.earlier
    np.testing.assert_array_equal(drawn(scene, model).values, mixed.values)


def test_one_picture_is_alone_where_it_is_chosen_and_large():
    large = replace(SCENE, chosen=2, view={ENLARGED: True})
    assert picture_alone(large) == 2
    assert picture_alone(replace(large, view={})) is None
    assert picture_alone(replace(large, chosen=3)) is None


def test_a_sound_is_made_after_its_beginning_at_the_rate_of_the_model(voice):
    beginning = np.full(100, 128, np.uint8)
    scene = replace(SCENE, sound=Sound(beginning, 500))
    rendering = rendering_of(scene, voice)
    assert rendering.start == 200
    rendering.run(50)
    made = made_scene(scene, rendering)
    assert made.sound is not None
    assert (made.position, made.sound.seconds) == (250, 0.05)


def test_the_take_that_is_heard_is_one_of_them():
    assert take_of(of_take(SCENE, 1)) == 1
    assert take_of(of_take(SCENE, 9)) == 2
    assert take_of(SCENE) == 0


def test_a_scene_of_the_other_kind_is_refused(model, voice):
    with pytest.raises(StudioError, match="makes sound"):
        film_of(SCENE, voice)
    with pytest.raises(StudioError, match="makes no sound"):
        rendering_of(SCENE, model)
