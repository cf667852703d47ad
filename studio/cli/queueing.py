"""`studio queue`, `studio train --queue`, `studio sweep`: trainings one after the other."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.terminal import (
    DONE,
    INTERRUPTED,
    ProgressLine,
    duration,
    print_json,
    print_table,
    say,
)
from studio.cli.training import Shown, asked, interrupts_stop
from studio.engine.checkpoints.places import checked
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from studio.engine.training.queue import Entry, Queue
    from studio.engine.training.queue_worker import Worker
    from studio.engine.training.sweeps import Row
    from studio.engine.training.training_job import TrainingJob

_EVERY = 1.0  # seconds between looks at a queue that another process works off


def queue(arguments: argparse.Namespace) -> int:
    """What waits to be trained, what runs and what is over; changed by the options."""
    from studio.engine.training.queue import Queue

    waiting = Queue()
    if arguments.move:
        waiting.move(arguments.move[0], _position(arguments.move[1]))
    for wanted, change in (
        (arguments.stop, waiting.cancel),
        (arguments.again, waiting.again),
        (arguments.remove, waiting.remove),
    ):
        if wanted:
            change(wanted)
    if arguments.clear:
        waiting.clear()
    entries = waiting.entries()
    if arguments.json:
        print_json({"entries": [_plain(entry) for entry in entries], "worked": waiting.worked_off})
        return DONE
    if not entries:
        print("nothing waits")
        return DONE
    rows = [
        [entry.id, "" if entry.position < 0 else str(entry.position), entry.name, entry.state]
        for entry in entries
    ]
    print_table(["id", "position", "name", "state"], rows, frozenset([0, 1]))
    for entry in entries:
        if entry.error:
            say(f"{entry.id}: {entry.error}")
    if any(entry.waits for entry in entries) and not waiting.worked_off:
        say("Nothing works it off: `studio train --queue` does.")
    return DONE


def add(arguments: argparse.Namespace) -> int:
    """Put a training into the queue; prints the id of its entry."""
    from studio.engine.training.queue import Queue

    if arguments.resume:
        from studio.engine.training.runs import Run

        run = Run.open(arguments.resume)
        request: dict[str, Any] = {"resume": str(run.folder.absolute()), "device": arguments.device}
    else:
        request = _request(arguments, arguments.run_name or "")
    print(Queue().add(request))
    say("It waits in the queue; `studio train --queue` works it off, `studio queue` shows it.")
    return DONE


def work_off() -> int:
    """Train what waits in the queue, one after the other."""
    from studio.engine.training.queue import Queue
    from studio.engine.training.queue_worker import Worker

    with ProgressLine() as line:
        worker = Worker(Queue(), _Terminal(line))
        with interrupts_stop(worker):
            alone = worker.work()
    if not alone:
        say("Another process works the queue off already.")
    return INTERRUPTED if worker.token.cancelled else DONE


def sweep(arguments: argparse.Namespace) -> int:
    """Train with each combination of some values; prints a table, the best first."""
    from studio.engine.training import sweeps
    from studio.engine.training.queue import Queue
    from studio.engine.training.queue_worker import Worker

    if arguments.table:
        rows = sweeps.table(arguments.table)
        if not rows:
            there = ", ".join(sweeps.names()) or "none"
            raise StudioError(f'There is no sweep "{arguments.table}"; there are {there}.')
        _print_rows(arguments, arguments.table, rows)
        return DONE
    request = _request(arguments)
    if arguments.run_name:
        arguments.run_name = checked(arguments.run_name)
        if arguments.run_name in sweeps.names():
            raise StudioError(
                f'There is a sweep "{arguments.run_name}" already: choose another name, or see what'
                " came of it with --table."
            )
    over = sweeps.read_over(request["model"], arguments.over)
    requests = sweeps.sweep(request, over, arguments.minutes or 0.0, arguments.run_name or "")
    name, waiting = requests[0]["sweep"], Queue()
    ids = [waiting.add(each) for each in requests]
    say(f"{len(ids)} trainings, of the sweep {name}; Ctrl+C leaves the rest in the queue.")
    with ProgressLine() as line:
        worker = Worker(waiting, _Terminal(line), only=ids)
        with interrupts_stop(worker):
            _until_over(worker, waiting, ids)
    _print_rows(arguments, name, sweeps.table(name))
    if worker.token.cancelled:
        say("The rest waits in the queue; `studio train --queue` goes on.")
        return INTERRUPTED
    waiting.start_wanted()
    return DONE


def _until_over(worker: Worker, waiting: Queue, ids: list[str]) -> None:
    """Work off these entries, or wait for the process that does."""
    told = False
    while not worker.work() and waiting.waits(ids) and not worker.token.cancelled:
        if not told:
            told = True
            say("Another process works the queue off: waiting for it.")
        time.sleep(_EVERY)


class _Terminal:
    """Shows each training of a queue as `studio train` does."""

    def __init__(self, line: ProgressLine) -> None:
        self._line = line

    def begun(self, entry: Entry, job: TrainingJob) -> None:
        self._shown = Shown(self._line)

    def look(self, job: TrainingJob) -> None:
        self._shown.look(job)

    def over(self, entry: Entry) -> None:
        self._line.end()
        end = f"failed: {entry.error}" if entry.error else f"is {entry.state}."
        say(f"{Path(entry.run).name or entry.name} {end}")


def _request(arguments: argparse.Namespace, run_name: str = "") -> dict[str, Any]:
    name, recipe, config = asked(arguments)
    if run_name:
        from studio.engine.checkpoints.places import run_named

        run_name = run_named(run_name).name
    from studio.engine.training.training_request import request_for

    return request_for(
        name,
        recipe,
        config,
        device=arguments.device,
        run_name=run_name,
        anyway=arguments.anyway,
    )


def _position(text: str) -> int:
    if not text.isdecimal():
        raise StudioError(f'"{text}" is not a position: the next one is at 0.')
    return int(text)


def _plain(entry: Entry) -> dict[str, Any]:
    keys = ("id", "name", "state", "position", "run", "error", "request")
    return {key: getattr(entry, key) for key in keys}


def _print_rows(arguments: argparse.Namespace, name: str, rows: list[Row]) -> None:
    if arguments.json:
        print_json({"sweep": name, "runs": [row.to_dict() for row in rows]})
        return
    from studio.engine.checkpoints.words import unit_of

    keys = list(dict.fromkeys(key for row in rows for key in row.changes))
    measure = next((row.measure for row in rows if row.measure), "")
    header = [*keys, "validation", "training", "test", "epochs", "spent", "state", "run"]
    table = [
        [
            *(row.changes.get(key, "") for key in keys),
            *(
                "" if figure is None else f"{figure:.4f}"
                for figure in (row.validation, row.train, row.test)
            ),
            f"{row.epochs:.3g}",
            duration(row.seconds),
            row.state,
            row.run,
        ]
        for row in rows
    ]
    print_table(header, table, frozenset(range(len(keys) + 4)))
    if measure:
        print(f"Figures in {unit_of(measure)}; validation is the best of the epochs.")
    for row in rows:
        if row.error:
            say(f"{row.run}: {row.error}")
