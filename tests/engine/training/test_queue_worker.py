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
from studio.engine.runtime.errors import StudioError
from studio.engine.training import queue as queues
from studio.engine.training.queue import Entry, Queue
from studio.engine.training.queue_worker import Nobody, Worker
from studio.engine.training.runs import Run, columns
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_request import request_for
from tests.engine.trainings import SMALL, StopAt, small_recipe, trained
from tests.thorough import thorough_only


@pytest.fixture
def asked(stripes: Path, user_data_folder: Path) -> Callable[..., dict[str, Any]]:
    """A request for a small training."""

    def request(**changes: Any) -> dict[str, Any]:
        recipe = small_recipe("made", stripes).with_changes(**{"epochs": 1, **changes})
        return request_for("made", recipe, SMALL["made"], device="cpu", run_name="mine")

    return request


@pytest.fixture(autouse=True)
def no_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take longer than all else."""
    monkeypatch.setattr("studio.engine.training.callbacks.made_by", lambda training: None)


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
    Run.create("made", runs_folder() / "mine")  # the name is taken
    queue.add(asked(data="nowhere"))
    queue.add(asked())
    kept = Kept()
    assert Worker(queue, kept).work()
    assert states(queue) == {"1": "failed", "2": "finished"}
    assert [entry.id for entry in kept.entries] == ["1", "2"]
    assert 'no data set "nowhere"' in kept.entries[0].error
    assert Path(queue.entry("2").run).name == "mine-2", "the one that failed has left no folder"
    assert cards.read_card(Run.open("mine-2").latest)["metrics"]["split"] == "test"


def test_an_entry_that_never_began_leaves_its_name_to_the_next(
    asked: Callable[..., dict[str, Any]], queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def job(*arguments: Any, **options: Any) -> TrainingJob:
        if not refused:
            refused.append("once")
            raise StudioError("There is no room for it.")
        return TrainingJob(*arguments, **options)

    monkeypatch.setattr("studio.engine.training.queue_worker.TrainingJob", job)
    queue.add(asked())
    queue.add(asked())
    Worker(queue).work()
    assert states(queue) == {"1": "failed", "2": "finished"}
    assert queue.entry("1").run == ""
    assert Path(queue.entry("2").run).name == "mine"


def test_a_run_that_was_interrupted_goes_on_from_what_it_has_kept(
    asked: Callable[..., dict[str, Any]], queue: Queue, stripes: Path
) -> None:
    part = trained("made", stripes, runs_folder() / "mine", StopAt(5), epochs=1)
    before = part.run.metrics()
    queue.add(asked())
    queue.change("1", state="running", run=str(part.run.folder), tries=1)
    Worker(queue).work()
    assert states(queue) == {"1": "finished"}
    assert part.run.metrics()[:5] == before, "even the seconds are those of before"
    assert part.run.metrics()[-1]["step"] == 9


def test_what_was_done_before_its_process_ended_is_not_done_again(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    run = Run.create("made", runs_folder() / "mine")
    run.write_config("made", {}, small_recipe("made", Path()), "cpu")
    run.add_metrics({"step": 9, "test_bits_per_dim": 0.5}, columns("bits_per_dim"))
    queue.add(asked())
    queue.change("1", state="running", run=str(run.folder))
    Worker(queue).work()
    assert states(queue) == {"1": "finished"}
    assert len(run.metrics()) == 1


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


def test_a_folder_that_has_become_something_else_is_left_alone(
    asked: Callable[..., dict[str, Any]], queue: Queue, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    photo = tmp_path / "photos" / "1.png"
    photo.write_bytes(b"mine")
    queue.add(asked())
    queue.change("1", state="running", run=str(photo.parent))
    Worker(queue).work()
    assert photo.read_bytes() == b"mine"
    assert "is not empty" in queue.entry("1").error


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


def test_what_is_cancelled_stops_and_is_kept(
    asked: Callable[..., dict[str, Any]], queue: Queue
) -> None:
    queue.add(asked(epochs=1e4))
    stops = Stops(lambda: queue.cancel("1"))
    Worker(queue, stops).work()
    assert states(queue) == {"1": "stopped"}
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


def test_what_was_to_be_worked_off_while_a_sweep_ran_is_worked_off_after_it(
    asked: Callable[..., dict[str, Any]], queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        begun.append(command)
        return real([sys.executable, "-c", ""], **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(queues, "_started", started)
    mine = queue.add(asked())
    sweep = Worker(queue, Stops(lambda: queue.start_worker(["own.py"])), only=[mine])
    queue.add(asked())  # by the window, meanwhile
    assert sweep.work()
    assert queue.entry("2").state == "queued"
    queue.start_wanted()
    assert begun[1] == begun[0]
    assert begun[1][3:5] == ["--models", "own.py"]
    for process in started:
        process.wait()

    Worker(queue).work()
    queue.add(asked())
    queue.start_wanted()
    assert len(begun) == 2, "a worker has taken all that was wanted"


@thorough_only
@pytest.mark.timeout(400)
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
    _until(lambda: not queue.worked_off and not queues._started)  # its process has ended too
    assert queue.entry("1").state == "stopped"


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
