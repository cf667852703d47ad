"""How a run stands is read from its folder, whoever trains it, and whatever lies there."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from models.recipe import Recipe
from studio.engine.checkpoints import places
from studio.engine.runtime.errors import StudioError
from studio.engine.training.runs import Run, columns
from studio.engine.training.watching_runs import RunView, runs_in
from tests.engine.trainings import trained
from tests.thorough import thorough_only

GONE = 2**22 + 1  # no process has this number


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that has written two lines, the second one with a validation figure."""
    run = Run.create("made", tmp_path / "run")
    run.write_config("made", {"hidden": 4}, Recipe(epochs=4, rate=3e-3), "cpu")
    grow(run, 1, train_bits_per_dim=0.5, gradient_norm=2.5)
    grow(run, 2, val_bits_per_dim=0.4)
    return run


def grow(run: Run, step: int, **figures: float) -> None:
    row = {"step": step, "epoch": step / 2, "seconds": step * 1.5, **figures}
    run.add_metrics(row, columns("bits_per_dim"))


def looked_at(run: Run) -> RunView:
    view = RunView(run.folder)
    view.refresh()
    return view


def tell(run: Run, state: str, **others: object) -> None:
    """What a process says of a run: one of this machine that is gone, unless told otherwise."""
    said = {"state": state, "host": platform.node(), "pid": GONE, "error": "", **others}
    (run.folder / places.STATUS).write_text(json.dumps(said))


def grow_old(run: Run) -> None:
    """All was written an hour ago."""
    for path in run.folder.iterdir():
        os.utime(path, (time.time() - 3600, time.time() - 3600))


def test_what_has_not_begun_is_queued(tmp_path: Path) -> None:
    view = RunView(tmp_path / "nowhere")
    assert not view.refresh()
    assert (view.name, view.state, view.recipe, view.progress) == ("nowhere", "queued", None, None)
    assert [len(part) for part in view.curve("train")] == [0, 0, 0]


def test_configuration_and_curves_are_read(run: Run) -> None:
    view = looked_at(run)
    assert (view.model, view.measure, view.best, view.epoch) == ("made", "bits_per_dim", 0.4, 1.0)
    assert view.recipe == Recipe(epochs=4, rate=3e-3)
    assert view.progress == 0.25
    steps, seconds, values = view.curve("val_bits_per_dim")
    assert (steps.tolist(), seconds.tolist(), values.tolist()) == ([2], [3], [0.4])
    assert np.array_equal(view.curve("val"), view.curve("val_bits_per_dim"))
    assert view.curve("gradient_norm")[2].tolist() == [2.5]


def test_a_look_says_whether_anything_is_new(run: Run) -> None:
    view = looked_at(run)
    assert not view.refresh()
    grow(run, 3, train_bits_per_dim=0.3)
    assert view.refresh()
    assert not view.refresh()
    (run.samples / "epoch-001.png").touch()
    assert view.refresh()
    assert [path.name for path in view.samples] == ["epoch-001.png"]


def test_a_run_goes_on_while_its_lock_is_held(run: Run) -> None:
    grow_old(run)
    view = looked_at(run)
    assert view.state == "stopped"
    with FileLock(run.folder / places.LOCK):
        assert view.refresh()
        assert view.state == "running"
    view.refresh()
    assert view.state == "stopped"


def test_a_run_of_this_machine_whose_process_was_killed_is_stopped_at_once(run: Run) -> None:
    tell(run, "running")
    assert looked_at(run).state == "stopped"


def test_a_run_of_another_machine_goes_on_as_long_as_it_writes(run: Run) -> None:
    tell(run, "running", host="elsewhere")
    assert looked_at(run).state == "running"
    grow_old(run)
    assert looked_at(run).state == "stopped"


def test_a_run_of_a_machine_whose_clock_is_wrong_goes_on_when_it_is_seen_to_write(run: Run) -> None:
    tell(run, "running", host="elsewhere")
    grow_old(run)
    view = looked_at(run)
    grow(run, 3, train_bits_per_dim=0.3)
    os.utime(run.metrics_file, (time.time() - 3599, time.time() - 3599))
    view.refresh()
    assert view.state == "running"


def test_a_run_that_was_stopped_says_so_though_it_has_just_written(run: Run) -> None:
    tell(run, "stopped", host="elsewhere")
    assert looked_at(run).state == "stopped"


def test_a_run_that_failed_is_stopped_and_says_why(run: Run) -> None:
    tell(run, "failed", error="The disk is full.")
    view = looked_at(run)
    assert (view.state, view.last_error) == ("stopped", "The disk is full.")


def test_a_run_of_an_earlier_version_is_finished_when_it_has_its_test_figure(run: Run) -> None:
    grow(run, 8, test_bits_per_dim=0.41)
    view = looked_at(run)
    assert (view.state, view.progress) == ("finished", 1.0)


def test_a_run_that_is_trained_leaves_all_that_is_watched(stripes: Path, tmp_path: Path) -> None:
    job = trained("made", stripes, tmp_path / "run", epochs=2, clip=1e-3)
    view = RunView(job.run.folder)
    assert view.refresh()
    assert (view.state, view.last_error, view.epoch) == ("finished", "", 2)
    assert view.recipe == job.run.read_config()["recipe"]
    assert view.checkpoints == job.run.epoch_checkpoints()
    assert [*view.checkpoints] == [1, 2]
    assert view.samples == job.run.sample_files()
    steps, _, norms = view.curve("gradient_norm")
    assert steps.tolist() == [*range(1, 19)]
    assert (norms > 1e-3).all(), "before they are clipped"


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"recipe": {"epochs": "x"}}', b"\xff\0"])
def test_whatever_lies_there_a_look_raises_nothing(run: Run, content: bytes) -> None:
    for name in (places.CONFIG, places.STATUS, places.SWEEP, places.METRICS, places.NOTES):
        (run.folder / name).write_bytes(content)
    view = looked_at(run)
    assert (view.rows, view.progress, view.last_error) == ([], None, "")
    assert view.to_dict()["state"] in ("running", "stopped")
    assert view.recipe in (None, Recipe())


def test_what_a_later_version_adds_to_recipes_is_left_out(run: Run) -> None:
    document = json.loads((run.folder / places.CONFIG).read_text())
    document["recipe"]["flavour"] = "vanilla"
    (run.folder / places.CONFIG).write_text(json.dumps(document))
    assert looked_at(run).recipe == Recipe(epochs=4, rate=3e-3)


def test_runs_are_found_in_a_folder_and_by_name(user_data_folder: Path, tmp_path: Path) -> None:
    for folder in (places.runs_folder() / "mine", tmp_path / "shared" / "theirs"):
        Run.create("made", folder).write_config("made", {}, Recipe(), "cpu")
    assert [view.name for view in runs_in()] == ["mine"]
    assert [view.name for view in runs_in("mine")] == ["mine"]
    assert [view.name for view in runs_in(tmp_path / "shared")] == ["theirs"]
    with pytest.raises(StudioError, match='no folder of runs, "nowhere"'):
        runs_in("nowhere")


@thorough_only
def test_neither_runs_nor_the_queue_need_torch() -> None:
    code = (
        "import sys; from studio.engine.training import queue, watching_runs;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
