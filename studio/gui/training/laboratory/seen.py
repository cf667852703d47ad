"""What the laboratory shows: runs as they were when they were last looked at. Made in the thread
that reads files, and never changed afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from models.recipe import Recipe
    from studio.engine.training.queue import Entry
    from studio.engine.training.watching_runs import RunView

# what curves show, and their columns in a run's table; the second is of the validation part
COLUMNS = {
    "loss": ("train", "val"),
    "gradient norm": ("gradient_norm",),
    "learning rate": ("rate",),
}
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A column of a run's table, (N,) each: after how many steps, epochs and seconds of training
    it had which value."""

    steps: Numbers
    epochs: Numbers
    seconds: Numbers
    values: Numbers

    def along(self, axis: str) -> Numbers:
        """axis: "steps", "epochs" or "time", in seconds."""
        return {"steps": self.steps, "epochs": self.epochs, "time": self.seconds}[axis]


@dataclass(frozen=True)
class Seen:
    """A run. state: queued, running, stopped or finished; last_error: why it failed, where it did;
    notes: what else it said.

    recipe: None until it is known.
    best: the best figure on its validation part, None before its first epoch; measure: what it is
    of.
    epoch, seconds, progress: how far it has come; the last as a share, None until it is known.
    samples, checkpoints: the files of each epoch, by its number.
    sweep: the name of the sweep that it is of, "" for none; changes: what is its own there.
    chosen: whether it has its curves, by their columns.
    """

    folder: Path
    name: str
    model: str
    recipe: Recipe | None
    state: str
    measure: str
    best: float | None
    epoch: float
    seconds: float
    progress: float | None = None
    last_error: str = ""
    notes: tuple[str, ...] = ()
    samples: Mapping[int, Path] = field(default_factory=dict)
    checkpoints: Mapping[int, Path] = field(default_factory=dict)
    sweep: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    chosen: bool = False
    curves: Mapping[str, Curve] = field(default_factory=dict)

    @property
    def standing(self) -> str:
        """How it stands in a few words, such as: 0.0902 · running · 38%; or why it failed."""
        if self.last_error:
            return f"{self.state}: {self.last_error}"
        parts = [] if self.best is None else [f"{self.best:.4f}"]
        parts.append(self.state)
        if self.state == "running" and self.progress is not None:
            parts.append(f"{self.progress:.0%}")
        elif self.epoch:
            parts.append(f"epoch {self.epoch:.3g}")
        return " · ".join(parts)


@dataclass(frozen=True)
class Sight:
    """All of it: runs in their order, the pictures that are shown of the chosen ones, by their
    folders, each with its epoch, and the queue. working: whether a process works it off."""

    runs: tuple[Seen, ...] = ()
    pictures: Mapping[Path, tuple[int, QImage]] = field(default_factory=dict)
    queue: tuple[Entry, ...] = ()
    working: bool = False


def seen(view: RunView, chosen: bool) -> Seen:
    """A run as it is now. chosen: with its curves."""
    return Seen(
        folder=view.folder,
        name=view.name,
        model=view.model,
        recipe=view.recipe,
        state=view.state,
        measure=view.measure,
        best=view.best,
        epoch=view.epoch,
        seconds=view.seconds,
        progress=view.progress,
        last_error=view.last_error,
        notes=tuple(view.notes),
        samples={_number(path): path for path in view.samples},
        checkpoints=dict(view.checkpoints),
        sweep=view.sweep,
        changes=dict(view.changes),
        chosen=chosen,
        curves=_curves(view) if chosen else {},
    )


def _curves(view: RunView) -> dict[str, Curve]:
    found, (all_steps, _, epochs) = {}, view.curve("epoch")
    for column in (column for columns in COLUMNS.values() for column in columns):
        steps, seconds, values = view.curve(column)
        if len(steps) and len(all_steps):
            # every line has its epoch, so that this finds it
            found[column] = Curve(steps, np.interp(steps, all_steps, epochs), seconds, values)
    return found


def _number(path: Path) -> int:
    return int(re.sub(r"\D", "", path.stem) or 0)
