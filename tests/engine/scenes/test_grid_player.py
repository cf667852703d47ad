"""A grid in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.engine import checkpoints
from studio.engine.generation import room
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import memory
from studio.engine.scenes.axes import axis
from studio.engine.scenes.grid import Cell, CellMoment, Grid, Loaded
from studio.engine.scenes.grid_player import GridMoment, GridPlayer
from studio.engine.scenes.plan import Plan, plan_of
from studio.engine.scenes.references import reference_to
from studio.engine.scenes.scene import Scene
from tests.engine.playing import PATIENCE, rested, watched
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    place = tiny_checkpoint(tmp_path)
    return plan_of(Scene(reference_to(place), SamplingOptions(count=2)), axis("seed=1,2,3"))


@pytest.fixture
def player(plan: Plan, tmp_path: Path) -> Iterator[GridPlayer]:
    models = {
        plan.scenes[0].model: Loaded(checkpoints.load(tmp_path / "tiny-pixelcnn.safetensors"))
    }
    player = GridPlayer(plan.scenes, models)
    yield player
    player.close()
    assert player.join(PATIENCE)


def positions(moment: GridMoment) -> list[int]:
    return [cell.snapshot.position for cell in moment.cells if cell.snapshot]


def test_the_beginning_is_shown_before_anything_is_asked(player: GridPlayer):
    assert positions(rested(player)) == [0, 0, 0]


@pytest.mark.parametrize("race", [False, True])
def test_played_all_come_to_their_end(player: GridPlayer, plan: Plan, race: bool):
    player.set_speed(None, race)
    player.play()

    moment = rested(player)

    assert moment.finished
    assert not moment.playing
    alone = Grid(plan.scenes, dict(player._models))
    alone.draw(64)
    for cell, other in zip(moment.cells, alone.moments, strict=True):
        assert cell.snapshot is not None
        assert other.snapshot is not None
        np.testing.assert_array_equal(cell.snapshot.values, other.snapshot.values)


def test_paced_they_go_in_step_until_they_are_paused(player: GridPlayer):
    player.set_speed(100.0, False)
    player.play()
    moment = watched(player, lambda moment: positions(moment)[0] > 3)
    assert moment.playing
    player.pause()

    rested_at = positions(rested(player))

    assert max(rested_at) < SIZE * SIZE
    assert max(rested_at) - min(rested_at) <= 1, "a pause may come between two of them"


def test_a_restart_begins_again(player: GridPlayer):
    player.play()
    rested(player)
    player.restart()

    moment = rested(player)

    assert positions(moment) == [0, 0, 0]
    assert [cell.seconds for cell in moment.cells] == [0, 0, 0]


def test_played_at_the_end_it_begins_again(player: GridPlayer):
    player.play()
    rested(player)
    player.set_speed(50.0, False)
    player.play()

    assert watched(player, lambda moment: 0 < positions(moment)[0] < SIZE * SIZE).playing


def test_closed_while_it_looks_at_a_cell_it_does_not_come_to_the_next(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    looked: list[Cell] = []
    begun, go_on = threading.Event(), threading.Event()
    moment = Cell.moment

    def slow(cell: Cell) -> CellMoment:
        looked.append(cell)
        begun.set()
        assert go_on.wait(PATIENCE)
        return moment(cell)

    monkeypatch.setattr(Cell, "moment", slow)
    model = checkpoints.load(tmp_path / "tiny-pixelcnn.safetensors")
    player = GridPlayer(plan.scenes, {plan.scenes[0].model: Loaded(model)})
    assert begun.wait(PATIENCE)
    player.close()
    go_on.set()

    assert player.join(PATIENCE)

    assert len(looked) == 1
    assert player.failures.take() is None


def test_it_leaves_room_for_what_others_have_begun(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = checkpoints.load(tmp_path / "tiny-pixelcnn.safetensors")
    models = {plan.scenes[0].model: Loaded(model)}
    monkeypatch.setattr(room, "_SMALL", 0)
    monkeypatch.setattr(room, "room", lambda model, rows: 1.0)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 2 * len(plan.scenes))
    Grid(plan.scenes, models)
    player = GridPlayer(plan.scenes, models)

    assert player.join(PATIENCE)

    failure = player.failures.take()
    assert failure is not None
    assert "others may not have taken theirs yet" in failure[0]
    player.close()
    assert player.join(PATIENCE)
