"""`Queue`: trainings that wait for each other, in a folder, so that they outlive the window.

Each entry is a JSON file of its own, written whole or not at all; whoever changes one holds the
lock of the folder meanwhile. Whoever works the queue off (`studio train --queue`, see
`studio.engine.training.queue_worker`) holds another lock all the time, which the system takes back
from a process that ends, however it ends: an entry that is called running then was interrupted, and
is the first to go on. Free of torch.

One file over 300 lines, because all that changes an entry goes by the same lock.

    {id}.json    name, order, state, run, request, error, tries, stop
    .lock        held for a moment, by whoever changes an entry
    .worker      held by the process that works the queue off
    .wanted      what `start_worker` was told last, until a worker takes all that waits
    worker.log   what the last one had to say that the window started
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from studio.engine.checkpoints.places import is_held, queue_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import in_json, reason, write_atomically
from studio.engine.runtime.processes import step_back

QUEUED, RUNNING, INTERRUPTED = "queued", "running", "interrupted"
FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
WAITING = (QUEUED, INTERRUPTED)
_STATES = (QUEUED, RUNNING, FINISHED, STOPPED, FAILED)

MOST = 200  # entries that wait
_KEPT = 50  # entries that are over
_LARGEST = 2**20  # bytes of a request
_PATIENCE = 10.0  # seconds to wait for whoever changes an entry
_GLANCED = 0.3  # seconds for which whoever looks may hold the lock of the worker

_started: list[subprocess.Popen[bytes]] = []  # workers, until they have ended


@dataclass(frozen=True)
class Entry:
    """id: a number, as text.
    name: of the run that it is to become, or of its model.
    state: "queued"; "running"; "interrupted" where the process that ran it has gone, so that it
    goes on when the queue is worked off again; "finished", "stopped" or "failed".
    run: the folder of its run, "" before it has begun.
    request: what is asked for, see `studio.engine.training.training_request`.
    position: of those that wait, 0 for the next; -1 for others.
    error: why it failed, in a sentence.
    order: smaller ones come first.
    tries: how often it was begun.
    stop: whether it is to be stopped.
    """

    id: str
    name: str
    state: str
    run: str
    request: dict[str, Any]
    position: int = -1
    error: str = ""
    order: float = 0.0
    tries: int = 0
    stop: bool = False

    @property
    def waits(self) -> bool:
        return self.state in WAITING


class Queue:
    """folder: where its entries are; None for the person's own."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = queue_folder() if folder is None else Path(folder)

    # ---- for whoever wants something trained -----------------------------------------------------

    def add(self, request: Mapping[str, Any]) -> str:
        """Put a request at the end; returns the id of its entry. StudioError for one that is none,
        and where too many wait already."""
        run = str(request.get("resume") or "")
        name = str(request.get("name") or Path(run).name or request.get("model") or "")
        if not name or len(json.dumps(in_json(dict(request)))) > _LARGEST:
            raise StudioError("A training in the queue needs the name of a model, and settings.")
        with self._changing():
            known = self._read()
            if sum(entry.waits or entry.state == RUNNING for entry in known) >= MOST:
                raise StudioError(f"{MOST} trainings wait already: remove some of them first.")
            over = [entry for entry in known if entry.state in (FINISHED, STOPPED, FAILED)]
            for entry in over[:-_KEPT]:
                self._file(entry.id).unlink(missing_ok=True)
            last = max((entry.order for entry in known), default=0.0)
            new = Entry(self._next_id(known), name, QUEUED, run, dict(request), order=last + 1)
            self._write(new)
        return new.id

    def entries(self) -> list[Entry]:
        """All: what runs, then what waits, in order, then what is over, the latest first. Files
        that are no entries are left out."""
        known, worked = self._read(), self.worked_off
        if not worked:
            known = [
                replace(entry, state=INTERRUPTED) if entry.state == RUNNING else entry
                for entry in known
            ]
        running = [entry for entry in known if entry.state == RUNNING]
        waiting = [entry for entry in known if entry.waits]
        over = [entry for entry in known if entry not in running and entry not in waiting]
        waiting.sort(key=lambda entry: (entry.state != INTERRUPTED, *_turn(entry)))
        placed = [replace(entry, position=number) for number, entry in enumerate(waiting)]
        return [*running, *placed, *reversed(over)]

    def entry(self, id: str) -> Entry:  # noqa: A002 - what it is called
        """StudioError where there is none."""
        found = next((entry for entry in self.entries() if entry.id == id), None)
        if found is None:
            raise StudioError(f'There is no entry "{id}" in the queue.')
        return found

    def cancel(self, id: str) -> None:  # noqa: A002
        """Stop what runs, and keep what it has learnt; what waits is not begun any more.
        StudioError where there is no such entry."""
        with self._changing():
            entry = self.entry(id)
            if entry.state == RUNNING:
                self._write(replace(entry, stop=True))
            elif entry.waits:
                self._write(replace(entry, state=STOPPED))

    def again(self, id: str) -> None:  # noqa: A002
        """Let an entry that was stopped or failed wait once more; where it had begun, it goes on.
        StudioError where there is no such entry."""
        with self._changing():
            entry = self.entry(id)
            if entry.state in (STOPPED, FAILED):
                last = max(each.order for each in self._read())
                fresh = replace(entry, state=QUEUED, error="", tries=0, stop=False, order=last + 1)
                self._write(fresh)

    def remove(self, id: str) -> None:  # noqa: A002
        """Take an entry out. What runs is stopped; its run is kept. StudioError where there is no
        such entry."""
        with self._changing():
            self.entry(id)
            self._file(id).unlink(missing_ok=True)

    def move(self, id: str, position: int) -> None:  # noqa: A002
        """Let what waits be the next (0), or at another position, or the last. StudioError where it
        does not wait."""
        with self._changing():
            entry = self.entry(id)
            if not entry.waits:
                raise StudioError(f'"{entry.name}" does not wait: it is {entry.state}.')
            line = [each for each in self.entries() if each.waits and each.id != id]
            position = max(0, min(position, len(line)))
            orders = [each.order for each in line]
            low = orders[position - 1] if position else min(orders, default=0.0) - 2
            high = orders[position] if position < len(line) else max(orders, default=0.0) + 2
            # between its neighbours, so that one file changes
            self._write(replace(entry, order=(low + high) / 2, state=QUEUED))

    def clear(self) -> None:
        """Take out all that is over."""
        with self._changing():
            for entry in self._read():
                if entry.state in (FINISHED, STOPPED, FAILED):
                    self._file(entry.id).unlink(missing_ok=True)

    # ---- for whoever works it off ----------------------------------------------------------------

    @property
    def worked_off(self) -> bool:
        """Whether a process works it off now."""
        _started[:] = [process for process in _started if process.poll() is None]
        return is_held(self.folder / ".worker")

    def start_worker(self, files: Sequence[str] = ()) -> None:
        """Let a process of its own work it off, which goes on when this one ends; where one does
        already, the new one leaves at once. Of the person's own queue only.

        files: of models of the person's own, whose code is run.
        StudioError where it cannot be started.
        """
        own = ["--models", *files] if files else []
        self._make()
        # before it looks: one that works off a sweep may be at work, and cares for no other entry
        write_atomically(self._wanted, json.dumps([*files]).encode())
        try:
            with (self.folder / "worker.log").open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "studio", *own, "train", "--queue"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    start_new_session=True,
                    creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
                )
        except OSError as error:
            raise StudioError(f"The queue cannot be worked off: {reason(error)}.") from error
        _started.append(process)
        step_back(process)

    def start_wanted(self) -> None:
        """For whoever has worked off some entries only: start the process that was to work off all
        meanwhile, and left."""
        try:
            files = json.loads(self._wanted.read_bytes())
        except (OSError, ValueError):
            return
        if isinstance(files, list) and self.waits():
            self.start_worker([str(file) for file in files])

    def all_is_taken(self) -> None:
        """From now on all that waits is worked off, whoever wanted it."""
        self._wanted.unlink(missing_ok=True)

    @property
    def _wanted(self) -> Path:
        return self.folder / ".wanted"

    @contextlib.contextmanager
    def working(self) -> Iterator[bool]:
        """Be the one that works it off; False where another process does."""
        self._make()
        lock = FileLock(self.folder / ".worker")
        try:
            lock.acquire(timeout=_GLANCED, poll_interval=_GLANCED / 10)
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError) as error:
            raise StudioError(f"The disk of {self.folder} has no locks: no queue there.") from error
        try:
            yield True
        finally:
            lock.release()

    def take(self, only: Collection[str] | None = None) -> Entry | None:
        """The next entry, which is running from now on: first what was interrupted. None where none
        waits. For whoever is `working`.

        only: of these ids.
        """
        with self._changing():
            known = [entry for entry in self._read() if only is None or entry.id in only]
            for entry in known:
                if entry.state == RUNNING and entry.stop:  # its process ended before it did that
                    self._write(replace(entry, state=STOPPED, stop=False))
            waiting = [
                entry
                for entry in known
                if entry.state == QUEUED or (entry.state == RUNNING and not entry.stop)
            ]
            if not waiting:
                return None
            entry = min(waiting, key=lambda entry: (entry.state != RUNNING, *_turn(entry)))
            entry = replace(entry, state=RUNNING, tries=entry.tries + 1, stop=False)
            self._write(entry)
        return entry

    def waits(self, only: Collection[str] | None = None) -> bool:
        """Whether there is anything left to do, of these ids."""
        known = self._read()
        return any(
            entry.state in (QUEUED, RUNNING) and (only is None or entry.id in only)
            for entry in known
        )

    def is_to_stop(self, id: str) -> bool:  # noqa: A002
        """Whether what runs was cancelled or taken out."""
        entry = self._one(self._file(id))
        return not self._file(id).exists() if entry is None else entry.stop

    def change(self, id: str, **changes: Any) -> None:  # noqa: A002
        """Write how an entry stands; nothing, where it was taken out meanwhile."""
        with self._changing():
            if (entry := self._one(self._file(id))) is not None:
                self._write(replace(entry, **changes))

    # ---- files -----------------------------------------------------------------------------------

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudioError(f'"{self.folder}" could not be made: {reason(error)}.') from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        self._make()
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=_PATIENCE, poll_interval=0.01)
        except Timeout:
            raise StudioError("The queue is being changed by another process: try again.") from None
        except (OSError, NotImplementedError) as error:
            raise StudioError(f"The disk of {self.folder} has no locks: no queue there.") from error
        try:
            yield
        finally:
            lock.release()

    def _file(self, id: str) -> Path:  # noqa: A002
        return self.folder / f"{id}.json"

    def _next_id(self, known: list[Entry]) -> str:
        """One that no entry has had, as whoever still shows an old one might mean it."""
        file = self.folder / ".last"
        try:
            last = int(file.read_text())
        except (OSError, ValueError):
            last = 0
        last = max([last, *(int(entry.id) for entry in known)]) + 1
        write_atomically(file, str(last).encode())
        return str(last)

    def _write(self, entry: Entry) -> None:
        document = asdict(entry)
        del document["id"], document["position"]
        if entry.state == INTERRUPTED:  # which is seen, not written
            document["state"] = RUNNING
        write_atomically(self._file(entry.id), json.dumps(in_json(document), indent=1).encode())

    def _read(self) -> list[Entry]:
        """All entries, in the order in which they came."""
        files = [path for path in self.folder.glob("*.json") if path.stem.isdecimal()]
        found = map(self._one, sorted(files, key=lambda path: int(path.stem)))
        return [entry for entry in found if entry is not None]

    def _one(self, path: Path) -> Entry | None:
        """None for a file that is gone, or no entry."""
        try:
            with path.open("rb") as file:
                document = json.loads(file.read(2 * _LARGEST))
            entry = Entry(
                path.stem,
                str(document["name"]),
                document["state"],
                str(document["run"]),
                dict(document["request"]),
                error=str(document["error"]),
                order=float(document["order"]),
                tries=int(document["tries"]),
                stop=bool(document["stop"]),
            )
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        return entry if entry.state in _STATES and math.isfinite(entry.order) else None


def _turn(entry: Entry) -> tuple[float, int]:
    return entry.order, int(entry.id)
