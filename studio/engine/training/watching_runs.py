"""`RunView`: how a run stands, read from its folder alone, whoever trains it: this process, another
one, or another machine on a shared folder.

A look costs a few system calls and reads only what is new, so that it can be taken a few times a
second; off the window's thread, as the folder may be slow, and by one thread at a time. What is
being written, half written, damaged or gone is as good as not there yet: a look raises nothing.
Free of torch.
"""

from __future__ import annotations

import contextlib
import json
import math
import platform
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from numpy.typing import NDArray

from studio.engine.checkpoints import places
from studio.engine.checkpoints.cards import SUFFIX
from studio.engine.runtime.errors import StudioError
from studio.engine.training.metrics_table import MetricsTable

if TYPE_CHECKING:
    from models.recipe import Recipe

RUNNING, STOPPED, FINISHED, QUEUED = "running", "stopped", "finished", "queued"
FAILED = "failed"  # is told, and seen as stopped, with a sentence
Curve = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

_FRESH = 120.0  # seconds after the last sign of life in which a run is taken to be going on
_LARGEST_NOTE = 2**20  # bytes of a small file that are read


class RunView:
    """folder: of the run, which need not be there yet.
    model: its name, "" until it is known.
    state: "queued" until the training has begun, then "running", "stopped" (also where it failed:
    `last_error` says why) or "finished".
    samples: the pictures of each epoch, and checkpoints: what it had learnt by then, in order.
    measure: of its figures, such as "bits_per_dim"; "" until it is known.
    rows: the lines of metrics.csv, by column, without what is empty.
    rewound: how often the table began anew, as it does where a run goes on from an earlier step.
    notes: what the training said, such as that it went back to a good state.
    sweep: the name of the sweep that it belongs to, "" for none; changes: what is its own in it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.model, self.state, self.last_error = "", QUEUED, ""
        self.samples: list[Path] = []
        self.checkpoints: dict[int, Path] = {}
        self.notes: list[str] = []
        self.sweep = ""
        self.changes: dict[str, str] = {}
        self._recipe: dict[str, Any] = {}
        self._known: Recipe | None = None  # the same, checked
        self._status: dict[str, Any] = {}
        self._table = MetricsTable(self.folder / places.METRICS)
        self._stamps: dict[str, object] = {}
        self._signs: tuple[object, float] = None, -math.inf  # of life, and when they last changed

    @property
    def name(self) -> str:
        return self.folder.absolute().name

    @property
    def latest(self) -> Path:
        """Its checkpoint, which is there after the first epoch."""
        return self.folder / places.LATEST

    @property
    def recipe(self) -> Recipe | None:
        """None until it is known, or where it cannot be used. What a later version has added to
        recipes is left out."""
        if self._known is None and self._recipe:
            from models.recipe import Recipe  # comes with torch
            from models.settings import check

            known = {field.name for field in fields(Recipe)}
            values = {key: value for key, value in self._recipe.items() if key in known}
            with contextlib.suppress(TypeError, ValueError):
                check(found := Recipe.from_dict(values))
                self._known = found
        return self._known

    @property
    def measure(self) -> str:
        return self._table.measure

    @property
    def rows(self) -> list[dict[str, float]]:
        return self._table.rows

    @property
    def rewound(self) -> int:
        return self._table.begun

    @property
    def epoch(self) -> float:
        """Passes over the data made so far."""
        return self.rows[-1].get("epoch", 0.0) if self.rows else 0.0

    @property
    def seconds(self) -> float:
        """Spent in training so far, over all sessions."""
        return self.rows[-1].get("seconds", 0.0) if self.rows else 0.0

    @property
    def progress(self) -> float | None:
        """How far it has come, 0..1; None until it is known."""
        if self.state == FINISHED:
            return 1.0
        minutes, epochs = (self._recipe.get(key) for key in ("minutes", "epochs"))
        done = (self.seconds / 60, minutes) if minutes else (self.epoch, epochs)
        if not self.rows or not isinstance(done[1], int | float) or done[1] <= 0:
            return None
        return min(1.0, done[0] / done[1])

    @property
    def best(self) -> float | None:
        """The best figure of the validation part so far, of those that the epochs end with."""
        key = self.column("val")
        return min((row[key] for row in self.rows if key in row), default=None)

    def column(self, name: str) -> str:
        """A column of metrics.csv: "train", "val" and "test" are those of the run's own measure."""
        return f"{name}_{self.measure}" if name in ("train", "val", "test") else name

    def last(self, column: str) -> float | None:
        """The latest value of a column, None where it has none; see `curve`."""
        key = self.column(column)
        return next((row[key] for row in reversed(self.rows) if key in row), None)

    def curve(self, column: str) -> Curve:
        """Steps, seconds spent in training, and values of a column of metrics.csv, each (N,), where
        it has a value: "train_bits_per_dim", "rate", "gradient_norm", …; see `column`."""
        key = self.column(column)
        found = [
            (row["step"], row.get("seconds", math.nan), row[key]) for row in self.rows if key in row
        ]
        steps, seconds, values = np.array(found, np.float64).reshape(-1, 3).T
        return steps, seconds, values

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        figures = ("train", "val", "test", "rate", "gradient_norm")
        return {
            "name": self.name,
            "folder": str(self.folder),
            "model": self.model,
            "state": self.state,
            "measure": self.measure,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "progress": self.progress,
            **{name: self.last(name) for name in figures},
            "best": self.best,
            "checkpoints": {str(epoch): str(path) for epoch, path in self.checkpoints.items()},
            "notes": self.notes,
            "error": self.last_error,
            "sweep": self.sweep,
            "changes": self.changes,
            "recipe": self._recipe,
        }

    def refresh(self) -> bool:
        """Look at the folder again; whether anything is different from the last time."""
        changed = self._table.refresh()
        if self._is_new(places.CONFIG):
            changed = True
            self._take_config(_read(self.folder / places.CONFIG))
        if self._is_new(places.SWEEP):
            changed = True
            self._take_sweep(_read(self.folder / places.SWEEP))
        if self._is_new(places.STATUS):
            changed = True
            self._status = _read(self.folder / places.STATUS)
        if self._is_new(places.NOTES):
            changed = True
            self.notes = _text(self.folder / places.NOTES).splitlines()
        before = (self.samples, self.checkpoints, self.state, self.last_error)
        self.samples = [*places.by_epoch(self.folder / places.SAMPLES, ".png").values()]
        self.checkpoints = places.by_epoch(self.folder / places.EPOCHS, SUFFIX)
        self.state = self._state()
        self.last_error = self._error()
        return changed or before != (self.samples, self.checkpoints, self.state, self.last_error)

    def _is_new(self, name: str) -> bool:
        """Whether a file of the folder is another than at the last look."""
        stamp = _stamp(self.folder / name)
        new = stamp != self._stamps.get(name)
        self._stamps[name] = stamp
        return new

    def _take_config(self, document: dict[str, Any]) -> None:
        model, recipe = document.get("model"), document.get("recipe")
        self.model = model if isinstance(model, str) else ""
        self._recipe = recipe if isinstance(recipe, dict) else {}
        self._known = None

    def _take_sweep(self, document: dict[str, Any]) -> None:
        name, changes = document.get("name"), document.get("changes")
        self.sweep = name if isinstance(name, str) else ""
        changes = changes if isinstance(changes, dict) else {}
        self.changes = {str(key): str(value) for key, value in changes.items()}

    def _error(self) -> str:
        failed = self.state == STOPPED and self._status.get("state") == FAILED
        return str(self._status.get("error") or "") if failed else ""

    def _state(self) -> str:
        """By its lock, which the system takes back from a process that ends however it ends; where
        no lock reaches from another machine, by what the run says of itself and how lately."""
        if not places.is_run(self.folder):
            return QUEUED
        if places.is_trained(self.folder):
            return RUNNING
        said = self._status.get("state")
        if said == FINISHED or self.last("test") is not None:
            return FINISHED
        if said != RUNNING and said is not None:
            return STOPPED
        here = self._status.get("host") == platform.node()
        if here and not psutil.pid_exists(_number(self._status.get("pid"))):
            return STOPPED  # killed
        return RUNNING if self._lives() else STOPPED

    def _lives(self) -> bool:
        """Whether anything was written lately: by the clock of whoever wrote it, or, as clocks
        differ, as seen from here."""
        names = (places.METRICS, places.STATE, places.STATUS)
        stamps = [_stamp(self.folder / name) for name in names]
        if stamps != self._signs[0]:
            first = self._signs[0] is None
            self._signs = stamps, -math.inf if first else time.monotonic()
        latest = max((stamp[0] / 1e9 for stamp in stamps if stamp), default=-math.inf)
        return abs(time.time() - latest) < _FRESH or time.monotonic() - self._signs[1] < _FRESH


def runs_in(place: str | Path | None = None) -> list[RunView]:
    """Views, looked at once, of the runs in a folder (None: the person's own), the latest first; of
    a run, by its folder or its name, that one. StudioError where there is neither."""
    if place is None:
        folders = places.run_folders()
    else:
        named = [Path(place), places.runs_folder() / str(place)]
        run = next((folder for folder in named if places.is_run(folder)), None)
        if run is None and not named[0].is_dir():
            raise StudioError(f'There is no run, and no folder of runs, "{place}".')
        folders = [run] if run else places.run_folders(named[0])
    views = [RunView(folder) for folder in folders]
    for view in views:
        view.refresh()
    return views


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_NOTE).decode("utf-8", "replace")
    except OSError:
        return ""


def _read(path: Path) -> dict[str, Any]:
    """A small JSON document; {} for what is none."""
    try:
        document = json.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 2**31 else 0
