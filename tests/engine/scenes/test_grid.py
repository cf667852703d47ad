"""Several scenes drawn side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.editing.evidence import Evidence
from studio.engine.generation import room
from studio.engine.generation.decoding import pictures_of
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import memory
from studio.engine.runtime.jobs import Cancelled, CancelToken
from studio.engine.runtime.memory import TooLargeError
from studio.engine.scenes.axes import axis
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.grid import Cell, Grid, Loaded, figures, load_models
from studio.engine.scenes.plan import Plan, plan_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import ModelReference, Scene
from tests.coded_models import SIDE, shades
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice

COUNT = 3
SITES = SIDE * SIDE  # codes of a picture


def scene_of(place: Path, **more: Any) -> Scene:
    return Scene(reference_to(place), SamplingOptions(count=COUNT, seed=5), **more)


def some_evidence() -> Evidence:
    known = np.zeros((SIZE, SIZE), bool)
    known[2, 1:6] = known[6, 2] = True
    return Evidence(np.ones((1, SIZE, SIZE), np.uint8) * known, known)


def grid_of(plan: Plan, *besides: Path) -> Grid:
    return Grid(plan.scenes, load_models(plan.scenes, "cpu", besides))


@pytest.mark.parametrize("race", [False, True])
def test_each_cell_is_what_its_scene_is_alone_bit_for_bit(tmp_path: Path, race: bool):
    places = [tiny_checkpoint(tmp_path), tiny_checkpoint(tmp_path, "made")]
    plan = plan_of(
        scene_of(places[0], evidence=some_evidence()),
        axis(f"model={places[0]},{places[1]}"),
        axis("temperature=0.5,1"),
    )
    grid = grid_of(plan, *places)

    grid.draw(3, race=race)

    for scene, cell in zip(plan.scenes, grid.moments, strict=True):
        model = checkpoints.load(tmp_path / f"{scene.model.name}.safetensors")
        assert cell.snapshot is not None
        np.testing.assert_array_equal(cell.snapshot.values, drawn(scene, model).values)
        assert cell.finished


def test_cells_go_in_step(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    grid = grid_of(plan_of(scene_of(place), axis("seed=1,2,3")), place)

    grid.advance(5)
    while grid.keep_up():
        pass

    assert [cell.snapshot.position for cell in grid.moments if cell.snapshot] == [5, 5, 5]
    assert not grid.behind


def test_in_a_race_each_has_its_turn_whatever_the_others_do(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    grid = grid_of(plan_of(scene_of(place), axis("seed=1,2,3")), place)

    assert grid.race()
    assert grid.race()

    positions = [cell.snapshot.position for cell in grid.moments if cell.snapshot]
    assert positions == [SIZE * SIZE, SIZE * SIZE, 0]


def test_a_cell_tells_what_it_cost_and_took(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    plan = plan_of(scene_of(place), axis("temperature=0.5,1"))
    grid = grid_of(plan, place)
    assert grid.moments[0].bits is None

    grid.draw(16, lambda: grid.moments)

    cell, alone = grid.moments[1], drawn(plan.scenes[1], checkpoints.load(place))
    assert isinstance(alone, Generation)
    assert cell.bits == pytest.approx(alone.nats.sum(1).mean() / np.log(2))
    assert cell.sites == SIZE * SIZE
    assert cell.sites_per_second == pytest.approx(cell.sites / cell.seconds)
    assert [mark.position for mark in cell.marks] == [0, 16, 32, 48, 64]
    assert cell.marks[-1].bits == pytest.approx(cell.bits)


def test_sites_that_are_given_first_cost_no_time(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    known = np.zeros((SIZE, SIZE), bool)
    known[:4] = True
    evidence = Evidence(np.zeros((1, SIZE, SIZE), np.uint8), known)
    grid = grid_of(plan_of(scene_of(place, evidence=evidence), axis("seed=1,2")), place)

    grid.draw(8)

    assert grid.moments[0].sites == SIZE * SIZE // 2


def test_what_does_not_fit_is_a_sentence_in_its_cell_and_the_rest_goes_on(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    voice, colour = tiny_voice(tmp_path), tmp_path / "colour"
    colour.mkdir()
    colour = tiny_checkpoint(colour, "made", channels=3)
    plan = plan_of(
        scene_of(place, evidence=some_evidence()),
        axis(f"model={place},{voice},{colour}"),
        axis("method=clamp,map"),
    )
    grid = grid_of(plan, place, voice, colour)

    grid.draw(8)

    sentences = [cell.sentence for cell in grid.moments]
    assert sentences[0] == ""
    assert "makes sound" in sentences[1]
    assert "has the shape" in sentences[2]
    assert "is not conditioned on what is given" in sentences[3]
    assert [cell.snapshot is not None for cell in grid.moments] == [True] + 5 * [False]


def test_a_model_that_is_not_there_is_a_sentence_too(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    missing = replace(scene_of(place), model=ModelReference("nobody"))

    found = load_models([scene_of(place), missing], "cpu", [place])
    grid = Grid([scene_of(place), missing], found)
    grid.draw(64)

    assert "“nobody” is not on this machine" in grid.moments[1].sentence
    assert grid.moments[0].finished


def test_a_model_at_hand_is_not_read_again(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    model, scene = checkpoints.load(place), scene_of(place)

    assert load_models([scene], "cpu", at_hand={scene.model: model})[scene.model].model is model


def test_what_is_no_longer_wanted_is_not_read(tmp_path: Path):
    place, token = tiny_checkpoint(tmp_path), CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        load_models([scene_of(place)], "cpu", [place], token=token)


def test_restarted_everything_comes_out_the_same(tmp_path: Path):
    place = tiny_checkpoint(tmp_path)
    grid = grid_of(plan_of(scene_of(place), axis("seed=1,2")), place)
    grid.draw(64)
    before = [cell.snapshot.values for cell in grid.moments if cell.snapshot]

    grid.restart()
    assert [cell.seconds for cell in grid.moments] == [0, 0]
    grid.draw(7)

    after = [cell.snapshot.values for cell in grid.moments if cell.snapshot]
    np.testing.assert_array_equal(before, after)


def test_more_than_there_is_memory_for_is_told_before_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tiny_checkpoint(tmp_path)
    plan = plan_of(scene_of(place).with_options(count=1 << 20), axis("seed=1,2"))
    models = {plan.scenes[0].model: Loaded(checkpoints.load(place))}
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1 << 20)

    with pytest.raises(TooLargeError, match="Drawing these 2 scenes together would take about"):
        Grid(plan.scenes, models)
    model = models[plan.scenes[0].model].model
    assert isinstance(model, AutoregressiveModel)
    wanted = 2 * room.room(model, 1 << 20)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 2 * wanted)
    with pytest.raises(TooLargeError, match="others may not have taken theirs yet"):
        Grid(plan.scenes, models, room.SHARE)


def test_scenes_that_are_small_alone_are_not_small_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tiny_checkpoint(tmp_path)
    scenes = plan_of(scene_of(place), axis("seed=1,2,3,4")).scenes
    models = {scenes[0].model: Loaded(checkpoints.load(place))}
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1)
    monkeypatch.setattr(room, "_SMALL", 4 * COUNT * SIZE * SIZE)

    Grid(scenes[:3], models)
    with pytest.raises(TooLargeError, match="Drawing these 4 scenes together would take about"):
        Grid(scenes, models)


def test_the_attempts_at_what_is_painted_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tiny_checkpoint(tmp_path)
    scenes = [scene_of(place), scene_of(place, evidence=some_evidence())]
    models = {scenes[0].model: Loaded(checkpoints.load(place))}
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1)
    monkeypatch.setattr(room, "_SMALL", 4 * COUNT * SIZE * SIZE)

    Grid(scenes[:1] * 2, models)
    with pytest.raises(TooLargeError, match="Drawing these 2 scenes together would take about"):
        Grid(scenes, models)


def test_figures_are_read_at_a_glance():
    assert figures(54.321, 1234.5, 0.1666)[0] == "54.3 bits · 1,200 pixels/s · 0.17 s"
    assert figures(54.321, 1234.5, 0.1666)[-1] == "54 bits"
    assert figures(None, 0.0, 0.0) == ("",)


def test_a_cell_of_a_model_of_codes_shows_the_pictures_that_they_stand_for():
    model, scene = shades(), Scene(ModelReference("shades"), SamplingOptions(count=COUNT, seed=5))
    cell = Cell(scene, Loaded(model))
    cell.step(SITES // 2)
    moment = cell.moment()
    assert moment.levels == model.pictures.levels
    assert moment.snapshot is not None
    assert not moment.snapshot.waiting
    known = moment.snapshot.there[::2, ::2]
    expected = pictures_of(model, moment.snapshot.values, known)
    np.testing.assert_array_equal(moment.snapshot.pictures, expected)
