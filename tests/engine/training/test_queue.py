"""Trainings wait in a folder: in order, each once, whoever changes it, and whatever is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.training import queue as queues
from studio.engine.training.queue import Entry, Queue


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """Three trainings wait: a, b, c."""
    queue = Queue(tmp_path / "queue")
    for name in "abc":
        queue.add({"model": "made", "name": name})
    return queue


def line(queue: Queue) -> str:
    return "".join(entry.name for entry in queue.entries() if entry.waits)


def entry(queue: Queue, name: str) -> Entry:
    return next(entry for entry in queue.entries() if entry.name == name)


def test_what_is_added_waits_in_order(queue: Queue) -> None:
    assert [(e.id, e.name, e.state, e.position, e.run) for e in queue.entries()] == [
        ("1", "a", "queued", 0, ""),
        ("2", "b", "queued", 1, ""),
        ("3", "c", "queued", 2, ""),
    ]
    assert Queue(queue.folder).entries() == queue.entries(), "another process sees the same"


def test_a_training_is_called_like_its_run_or_its_model(tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    queue.add({"model": "made", "name": ""})
    queue.add({"resume": "/runs/mine"})
    assert [(entry.name, entry.run) for entry in queue.entries()] == [
        ("made", ""),
        ("mine", "/runs/mine"),
    ]


@pytest.mark.parametrize("request_", [{}, {"model": ""}, {"model": "made", "name": "x" * 2**20}])
def test_what_is_no_request_is_refused(queue: Queue, request_: dict[str, str]) -> None:
    with pytest.raises(StudioError, match="needs the name of a model"):
        queue.add(request_)


def test_more_than_can_ever_be_trained_is_refused(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MOST", 3)
    with pytest.raises(StudioError, match="3 trainings wait already"):
        queue.add({"model": "made"})


@pytest.mark.parametrize(
    ("name", "position", "expected"),
    [("c", 0, "cab"), ("a", 1, "bac"), ("a", 99, "bca"), ("b", 1, "abc"), ("b", -1, "bac")],
)
def test_what_waits_is_moved(queue: Queue, name: str, position: int, expected: str) -> None:
    queue.move(entry(queue, name).id, position)
    assert line(queue) == expected


def test_the_next_one_is_taken_and_is_running_while_its_taker_works(queue: Queue) -> None:
    with queue.working() as alone:
        assert alone
        taken = queue.take()
        assert taken is not None
        assert (taken.name, taken.state, taken.tries) == ("a", "running", 1)
        assert queue.worked_off
        assert [(e.name, e.state, e.position) for e in queue.entries()] == [
            ("a", "running", -1),
            ("b", "queued", 0),
            ("c", "queued", 1),
        ]


def test_two_never_work_it_off_at_once(queue: Queue) -> None:
    with queue.working(), Queue(queue.folder).working() as alone:
        assert not alone


def test_only_those_that_are_meant_are_taken(queue: Queue) -> None:
    with queue.working():
        taken = queue.take(only=["2"])
        assert taken is not None
        assert taken.name == "b"
        queue.change("2", state="finished")
        assert queue.take(only=["2"]) is None
    assert not queue.waits(["2"])
    assert queue.waits()


def test_what_ran_when_its_process_was_killed_is_interrupted_and_goes_on_first(
    queue: Queue,
) -> None:
    with queue.working():
        queue.take()
        queue.change("1", run="/runs/a")
    # nobody has written that it is over, and nobody holds the lock
    queue.move("3", 0)
    assert [(e.name, e.state) for e in queue.entries()] == [
        ("a", "interrupted"),
        ("c", "queued"),
        ("b", "queued"),
    ]
    with queue.working():
        again = queue.take()
    assert again is not None
    assert (again.name, again.run, again.tries) == ("a", "/runs/a", 2)


def test_what_runs_is_told_to_stop(queue: Queue) -> None:
    with queue.working():
        queue.take()
        assert not queue.is_to_stop("1")
        queue.cancel("1")
        assert queue.is_to_stop("1")


def test_a_stop_that_a_killed_process_missed_is_heeded_by_the_next(queue: Queue) -> None:
    first = queue.take()
    assert first is not None
    queue.change(first.id, stop=True)
    after = queue.take()
    assert after is not None
    assert after.name == "b"
    assert entry(queue, "a").state == "stopped"


def test_what_cannot_be_read_for_a_moment_is_not_stopped(queue: Queue) -> None:
    running = queue.take()
    assert running is not None
    (queue.folder / f"{running.id}.json").write_text("{")
    assert not queue.is_to_stop(running.id)


def test_what_waits_and_is_cancelled_never_begins_but_may_wait_again(queue: Queue) -> None:
    queue.cancel("1")
    assert (line(queue), entry(queue, "a").state) == ("bc", "stopped")
    queue.again("1")
    assert line(queue) == "bca"


def test_what_is_taken_out_while_it_runs_is_stopped_and_does_not_come_back(queue: Queue) -> None:
    with queue.working():
        queue.take()
        queue.remove("1")
        assert queue.is_to_stop("1")
        queue.change("1", state="stopped")
    assert line(queue) == "bc"
    assert len(queue.entries()) == 2


def test_an_id_is_never_given_twice(queue: Queue) -> None:
    queue.remove("3")
    assert queue.add({"model": "made"}) == "4"


def test_what_is_over_is_seen_until_it_is_cleared(queue: Queue) -> None:
    queue.change("1", state="finished")
    queue.change("2", state="failed", error="The disk is full.")
    assert [(e.name, e.position, e.error) for e in queue.entries()] == [
        ("c", 0, ""),
        ("b", -1, "The disk is full."),
        ("a", -1, ""),
    ]
    queue.clear()
    assert line(queue) == "c"
    assert len(queue.entries()) == 1


@pytest.mark.parametrize("change", ["cancel", "remove", "again"])
def test_an_entry_that_is_not_there_is_named(queue: Queue, change: str) -> None:
    with pytest.raises(StudioError, match='no entry "9"'):
        getattr(queue, change)("9")


def test_what_does_not_wait_is_not_moved(queue: Queue) -> None:
    queue.change("1", state="finished")
    with pytest.raises(StudioError, match='"a" does not wait: it is finished'):
        queue.move("1", 0)


def test_files_that_are_no_entries_are_left_alone(queue: Queue) -> None:
    whole = json.loads((queue.folder / "1.json").read_text())
    damaged = {
        "4.json": "{",
        "5.json": json.dumps({**whole, "state": "on holiday"}),
        "6.json": json.dumps({**whole, "order": None}),
        "notes.json": json.dumps(whole),
    }
    for name, text in damaged.items():
        (queue.folder / name).write_text(text)
    assert line(queue) == "abc"
    assert all((queue.folder / name).is_file() for name in damaged)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_what_is_worked_off_yields_to_everything_else(
    tmp_path: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(queues, "_started", started)
    queue.start_worker()
    try:
        assert psutil.Process(started[0].pid).nice() == 19
    finally:
        started[0].kill()
        started[0].wait()
