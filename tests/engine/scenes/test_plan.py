"""The scenes of a grid, and how they are laid out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axes import axis
from studio.engine.scenes.document import as_text, from_text
from studio.engine.scenes.plan import listed, plan_in, plan_of
from studio.engine.scenes.scene import ModelReference, Scene

SCENE = Scene(ModelReference("made"), SamplingOptions(seed=3), position=40, chosen=1)


def test_two_axes_give_a_row_for_each_value_of_the_second():
    plan = plan_of(SCENE, axis("temperature=0.5,1,2"), axis("class=0,1"))

    assert (plan.columns, plan.rows) == (3, 2)
    assert plan.across == ("temperature 0.5", "temperature 1", "temperature 2")
    assert plan.down == ("class 0", "class 1")
    sampled = [(one.options.temperature, one.options.condition) for one in plan.scenes]
    assert sampled == [(0.5, 0), (1, 0), (2, 0), (0.5, 1), (1, 1), (2, 1)]
    assert plan.titles[4] == plan.scenes[4].title == "temperature 1, class 1"


def test_one_axis_gives_a_title_to_each():
    plan = plan_of(SCENE, axis("seed=1,2,3,4,5"))

    assert plan.titles == ("seed 1", "seed 2", "seed 3", "seed 4", "seed 5")
    assert (plan.columns, plan.rows, plan.across) == (3, 2, ())


def test_the_seed_is_shared_unless_it_is_the_axis():
    assert {one.options.seed for one in plan_of(SCENE, axis("top-p=0.5,1")).scenes} == {3}


def test_each_begins_at_its_beginning():
    scenes = plan_of(SCENE, axis("top-p=0.5,1")).scenes

    assert all(one.position is None and one.chosen is None for one in scenes)


@pytest.mark.parametrize("axes", [["seed=1"], ["seed=1,2,3,4", "top-p=0.1,0.2,0.3,0.4,0.5"]])
def test_fewer_than_two_or_more_than_sixteen_are_refused(axes: list[str]):
    with pytest.raises(StudioError, match="A grid has 2 to 16 scenes"):
        plan_of(SCENE, *map(axis, axes))


def test_two_axes_are_two_different_ones():
    with pytest.raises(StudioError, match="Both axes are “Seed”"):
        plan_of(SCENE, axis("seed=1,2"), axis("seed=3,4"))


def test_any_scenes_can_be_listed_under_their_titles():
    plan = listed([Scene(ModelReference("made"), title="first"), SCENE])

    assert plan.titles == ("first", "Scene 2")


def test_a_grid_goes_through_a_file_as_one_scene():
    plan = plan_of(SCENE, axis("temperature=0.5,1,2"), axis("class=0,1"))

    carried = from_text(as_text(plan.as_scene))
    back = plan_in(carried)

    assert carried.options == plan.scenes[0].options
    assert back is not None
    assert back.scenes == plan.scenes
    assert (back.columns, back.across, back.down) == (plan.columns, plan.across, plan.down)
    assert back.titles == plan.titles


def test_a_scene_of_a_grid_does_not_take_the_grid_into_another_one():
    plan = plan_of(plan_of(SCENE, axis("seed=1,2")).as_scene, axis("seed=3,4"))

    assert len(as_text(plan.as_scene)) < 4 * len(as_text(SCENE))


def test_most_scenes_are_of_no_grid():
    assert plan_in(SCENE) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"columns": 0},
        {"columns": "2"},
        {"others": 3},
        {"others": [{}]},
        {"others": []},
        {"across": ["a"]},
        {"down": [1]},
    ],
)
def test_a_damaged_grid_is_told(changed: dict):
    scene = plan_of(SCENE, axis("seed=1,2,3")).as_scene
    damaged = replace(scene, unknown={"grid": {**scene.unknown["grid"], **changed}})

    with pytest.raises(StudioError, match=r"cannot be read|A grid has"):
        plan_in(damaged)
