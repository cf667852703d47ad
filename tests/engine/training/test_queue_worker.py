"""A queue is worked off one after the other, and what was interrupted goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.engine.checkpoints import cards
from studio.engine.checkpoints.places import runs_folder
from studio.engine.training.queue import Entry, Queue
from studio.engine.training.queue_worker import Nobody, Worker
from studio.engine.training.runs import Run
from studio.engine.training.sweeps import sweep, table
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_request import request_for
from tests.engine.trainings import SMALL, StopAt, small_recipe, trained
from tests.thorough import thorough_only


@pytest.fixture
def asked(stripes: Path, user_data_folder: Path) -> Callable[..., dict[str, Any]]:
    """A request for a small training."""

    def request(**changes: Any) -> dict[str, Any]:
        recipe = small_recipe("made", stripes, **{"epochs": 1, **changes})
        return request_for("made", recipe, SMALL["made"], device="cpu", run_name="mine")

    return request


@pytest.fixture
def queue(user_data_folder: Path) -> Queue:
    return Queue()


def states(queue: Queue) -> dict[str, str]:
    return {entry.id: entry.state for entry in queue.entries()}


class Kept(Nobody):
    """Remembers what is over."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def over(self, entry: Entry) -> None:
        self.entries.append(entry)


def test_all_that_waits_is_trained_and_what_cannot_be_says_why(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    queue.add(asked())
    queue.add(asked(data="nowhere"))
    queue.add(asked())
    kept = Kept()
    assert Worker(queue, kept).work()
    assert states(queue) == {"1": "finished", "2": "failed", "3": "finished"}
    assert [entry.id for entry in kept.entries] == ["1", "2", "3"]
    assert 'no data set "nowhere"' in kept.entries[1].error
    names = [Path(queue.entry(number).run).name for number in ("1", "3")]
    assert names == ["mine", "mine-2"]
    assert cards.read_card(Run.open("mine-2").latest)["metrics"]["split"] == "test"
    assert not (runs_folder() / "mine-3").exists()


def test_a_run_that_was_interrupted_goes_on_bit_for_bit(
    asked: Callable[..., dict[str, Any]], queue: Queue, stripes: Path, tmp_path: Path
) -> None:
    whole = trained("made", stripes, tmp_path / "whole", epochs=1)
    part = trained("made", stripes, runs_folder() / "mine", StopAt(5), epochs=1)
    queue.add(asked())
    queue.change("1", state="running", run=str(part.run.folder), tries=1)
    Worker(queue).work()
    assert states(queue) == {"1": "finished"}
    figures = [job.run.metrics()[-1]["test_bits_per_dim"] for job in (whole, part)]
    assert figures[0] == figures[1]


def test_what_was_done_before_its_process_ended_is_not_done_again(
    asked: Callable[..., dict[str, Any]], queue: Queue, stripes: Path
) -> None:
    job = trained("made", stripes, runs_folder() / "mine", epochs=1)
    queue.add(asked())
    queue.change("1", state="running", run=str(job.run.folder))
    before = job.run.latest.stat().st_mtime_ns
    Worker(queue).work()
    assert states(queue) == {"1": "finished"}
    assert job.run.latest.stat().st_mtime_ns == before


def test_a_run_that_had_kept_nothing_begins_anew_in_its_folder(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    folder = runs_folder() / "mine"
    Run.create("made", folder).write_config("made", {}, small_recipe("made", Path()), "cpu")
    queue.add(asked())
    queue.change("1", state="running", run=str(folder))
    Worker(queue).work()
    assert states(queue) == {"1": "finished"}
    assert Path(queue.entry("1").run) == folder


def test_what_ends_the_process_each_time_is_given_up(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    queue.add(asked())
    queue.change("1", state="running", tries=5)
    Worker(queue).work()
    assert "begun 5 times" in queue.entry("1").error


class Stops(Nobody):
    """Does something while the first training runs."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do
        self.job: TrainingJob | None = None

    def look(self, job: TrainingJob) -> None:
        if self.job is None and job.run.metrics():
            self.job = job
            self.do()


@pytest.mark.parametrize("change", ["cancel", "remove"])
def test_what_is_cancelled_or_taken_out_stops_and_is_kept_and_the_next_goes_on(
    asked: Callable[..., dict[str, Any]], queue: Queue, change: str
) -> None:
    queue.add(asked(epochs=1e4))
    queue.add(asked())
    stops = Stops(lambda: getattr(queue, change)("1"))
    Worker(queue, stops).work()
    expected = {"1": "stopped"} if change == "cancel" else {}
    assert states(queue) == {**expected, "2": "finished"}
    assert stops.job is not None
    assert stops.job.run.latest.is_file()


def test_a_worker_that_is_stopped_leaves_what_it_trains_for_the_next_one(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    queue.add(asked(epochs=1e4))
    worker = Worker(queue, Stops(lambda: worker.cancel()))
    worker.work()
    (entry,) = queue.entries()
    assert (entry.state, entry.tries) == ("queued", 0)
    assert Run(Path(entry.run)).state.is_file()


def test_another_worker_is_left_alone(asked: Callable[..., dict[str, Any]], queue: Queue) -> None:
    queue.add(asked())
    with queue.working():
        assert not Worker(queue).work()
    assert queue.entry("1").state == "queued"


def test_the_runs_of_a_sweep_say_so(asked: Callable[..., dict[str, Any]], queue: Queue) -> None:
    for one in sweep(asked(), {"epochs": [0.2, 0.1]}, name="lengths"):
        queue.add(one)
    Worker(queue).work()
    rows = table("lengths")
    assert {row.changes["epochs"] for row in rows} == {"0.2", "0.1"}
    assert {row.state for row in rows} == {"finished"}
    assert rows[0].validation == min(row.validation or 9 for row in rows)


@thorough_only
def test_a_worker_of_its_own_survives_whoever_started_it_and_its_own_death(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    queue.add(asked(epochs=400))
    code = "from studio.engine.training.queue import Queue; Queue().start_worker()"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
    run = runs_folder() / "mine"
    _until(lambda: (run / "resume.safetensors").is_file())
    assert queue.worked_off
    os.kill(json.loads((run / "status.json").read_text())["pid"], signal.SIGKILL)
    _until(lambda: not queue.worked_off)
    assert queue.entry("1").state == "interrupted"
    queue.start_worker()
    _until(lambda: queue.entry("1").state == "running")
    queue.cancel("1")
    _until(lambda: not queue.worked_off)
    assert queue.entry("1").state == "stopped"


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
