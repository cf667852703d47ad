"""In which field the scenes of a grid differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import FIELDS, axis, axis_of, class_number
from studio.engine.scenes.scene import ModelReference, Scene
from tests.tiny import tiny_checkpoint

SCENE = Scene(ModelReference("made"), SamplingOptions(seed=3))


@pytest.mark.parametrize(
    ("text", "option", "values", "labels"),
    [
        ("temperature=0.5,1,2", "temperature", (0.5, 1, 2), ["temperature 0.5", "temperature 2"]),
        ("temperature=0,5; 1,5", "temperature", (0.5, 1.5), ["temperature 0.5", "temperature 1.5"]),
        ("temperature=0.5 1", "temperature", (0.5, 1), ["temperature 0.5", "temperature 1"]),
        ("seed=1,18446744073709551615", "seed", (1, 2**64 - 1), ["seed 1", f"seed {2**64 - 1}"]),
        ("class=0,2", "condition", (0, 2), ["class 0", "class 2"]),
        ("method=auto,clamp", "method", ("auto", "clamp"), ["Automatic method", "Clamp"]),
        ("method=particles,clamp", "method", ("smc", "clamp"), ["Particles", "Clamp"]),
        ("guidance=0,2.5", "guidance", (0, 2.5), ["no guidance", "guidance 2.5"]),
        ("top-k=0,5", "top_k", (0, 5), ["all levels", "top-k 5"]),
        ("top-p=0.9,1", "top_p", (0.9, 1), ["top-p 0.9", "top-p 1"]),
        ("steps=0,40", "steps", (0, 40), ["a step a pixel", "40 steps"]),
        ("order=raster,spiral", "order", ("raster", "spiral"), ["raster order", "spiral order"]),
    ],
)
def test_an_axis_puts_its_values_into_a_scene(text, option, values, labels):
    found = axis(text)

    assert [getattr(scene.options, option) for scene in found.on(SCENE)] == list(values)
    assert [found.labels[0], found.labels[-1]] == labels


def test_all_else_of_the_scene_stays():
    assert all(scene.options.seed == 3 for scene in axis("temperature=1,2").on(SCENE))


def test_an_axis_of_models_names_checkpoints(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)

    found = axis(f"model={place},made")

    assert [scene.model.name for scene in found.on(SCENE)] == ["tiny-pixelcnn", "made"]
    assert all(scene.model.weights.startswith("sha256:") for scene in found.on(SCENE))
    assert place in found.places


def test_a_class_is_called_by_its_name():
    found = axis("class=B,a", ("a", "b", "c"))

    assert found.values == (1, 0)
    assert found.labels == ("class b", "class a")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("temperature", "is no axis"),
        ("weather=1,2", 'There is no axis "weather"'),
        ("temperature=", "has no values"),
        ("temperature=1,hot", 'from 0 up, not "hot"'),
        ("temperature=-1", 'from 0 up, not "-1"'),
        ("temperature=1,1.0", "has temperature 1 twice"),
        ("temperature=nan", "from 0 up"),
        ("temperature=inf", "from 0 up"),
        ("top-p=0", "above 0 to 1"),
        ("guidance=21", "from 0 to 20"),
        ("seed=18446744073709551616", "Seed is a whole number"),
        ("seed=1.5", "Seed is a whole number"),
        ("class=x", "Class is a whole number"),
        ("method=magic", 'There is no method "magic"'),
        ("order=backwards", 'There is no order "backwards"'),
        ("model=nobody", 'There is no checkpoint "nobody"'),
        ("seed=" + ",".join(map(str, range(17))), "a grid up to 16"),
    ],
)
def test_what_is_no_axis_is_told_in_one_sentence(text: str, wrong: str):
    with pytest.raises(StudioError, match=wrong):
        axis(text)


def test_a_class_that_there_is_not_is_told_with_those_that_there_are():
    with pytest.raises(StudioError, match="There is no class"):
        axis_of("class", "d", ("a", "b"))


def test_the_first_word_of_a_class_is_enough_where_it_means_one():
    assert class_number("Water", ("tree 木", "water 氵")) == 1
    assert class_number("ice", ("ice cream", "ice")) == 1
    with pytest.raises(StudioError, match="There is no class"):
        class_number("ice", ("ice cream", "ice skate"))


def test_a_number_means_a_class_unless_the_names_are_numbers():
    assert class_number("1", ("cat", "dog")) == 1
    assert class_number("1", ("1", "0")) == 0


def test_every_field_has_a_title():
    assert all(field.title for field in FIELDS.values())
