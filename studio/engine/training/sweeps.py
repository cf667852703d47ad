"""A sweep: the same training with each combination of some values, one after the other through the
queue, and a table of what came of it.

Every run of a sweep says so in its own folder (`sweep.json`), so that the table is there for as
long as the runs are, whatever they are called.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_origin

import models
from models.recipe import Recipe
from models.settings import as_text, settings_of
from studio.engine.checkpoints.places import run_folders, runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import free_name
from studio.engine.training.queue import Queue
from studio.engine.training.training_request import changed, read_request
from studio.engine.training.watching_runs import RunView

MOST = 12  # settings of a sweep


@dataclass(frozen=True)
class Row:
    """A run of a sweep. changes: what is its own in it, as text. Figures are None until there are
    any; validation is the best of its epochs, and measure what they are given in."""

    run: str
    folder: str
    state: str
    changes: dict[str, str]
    validation: float | None = None
    train: float | None = None
    test: float | None = None
    epochs: float = 0.0
    seconds: float = 0.0
    measure: str = ""
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def sweep(
    request: Mapping[str, Any],
    over: Mapping[str, Sequence[Any]],
    minutes: float = 0.0,
    name: str = "",
) -> list[dict[str, Any]]:
    """A request for each combination of these values, at most 12, with a name in common.

    over: values, or texts as a person types them, by setting.
    minutes: how long each trains; 0 for as long as the request says.
    name: of the sweep; "" for the model and the time.
    StudioError, one sentence, for a setting that is not known, for a value that it cannot have or
    that is there twice, and for too many.
    """
    if not over:
        raise StudioError("A sweep needs values to try: name some, as --over rate=0.001,0.002.")
    count = math.prod(len(values) for values in over.values())
    if not count:
        raise StudioError("A sweep needs at least one value of each setting.")
    if count > MOST:
        raise StudioError(f"These are {count:,} settings; a sweep has {MOST} at most: try less.")
    texts = {key: [_text(value) for value in values] for key, values in over.items()}
    timed = {"minutes": as_text(float(minutes))} if minutes else {}
    if timed and "minutes" in over:
        raise StudioError("The minutes are given twice: leave out --minutes, or minutes in --over.")
    if timed and "epochs" in over:
        raise StudioError("Every run trains for as many minutes: leave out these, or the epochs.")
    model = read_request(request)[0]
    name = name or _free(f"{model}-sweep-{time.strftime('%Y%m%d-%H%M%S')}")
    made: list[dict[str, Any]] = []
    for number, values in enumerate(itertools.product(*texts.values()), 1):
        own = dict(zip(texts, values, strict=True))
        one = changed(request, {**timed, **own})
        if any((one["recipe"], one["config"]) == (each["recipe"], each["config"]) for each in made):
            said = ", ".join(f"{key}={value}" for key, value in own.items())
            raise StudioError(f"{said} is there twice: leave out one of them.")
        made.append({**one, "name": f"{name}-{number}", "sweep": name, "changes": own})
    return made


def read_over(model: str, texts: Sequence[str]) -> dict[str, list[str]]:
    """`--over rate=1e-3,2e-3 dilations=1,2;1,2,4` as values by setting: those of a setting that is
    a list itself are separated by semicolons. StudioError for what cannot be read so."""
    kinds = {**settings_of(Recipe), **settings_of(type(models.registry.variant(model).defaults))}
    over: dict[str, list[str]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        if not key or not equals:
            raise StudioError(f'"{text}" is not a list of values: write key=A,B.')
        if key in over:
            raise StudioError(f"{key} is there twice: put its values into one list.")
        several = key in kinds and get_origin(kinds[key].kind) is tuple
        found = [value.strip() for value in values.split(";" if several else ",")]
        if not all(found):
            raise StudioError(f'"{text}" has an empty value: write key=A,B.')
        over[key] = found
    return over


def table(name: str, queue: Queue | None = None) -> list[Row]:
    """The runs of a sweep, the best figure of the validation part first; those without one come
    last, also those that only wait in the queue."""
    views = [RunView(folder) for folder in run_folders()]
    for view in views:
        view.refresh()
    rows = [_row(view) for view in views if view.sweep == name]
    begun = {Path(row.folder) for row in rows}
    for entry in (queue or Queue()).entries():
        if entry.request.get("sweep") == name and (not entry.run or Path(entry.run) not in begun):
            changes = dict(entry.request.get("changes") or {})
            rows.append(Row(entry.name, "", entry.state, changes, error=entry.error))
    return sorted(rows, key=lambda row: (row.validation is None, row.validation or 0.0, row.run))


def names() -> list[str]:
    """The sweeps that there are runs of, or requests in the queue."""
    views = [RunView(folder) for folder in run_folders()]
    for view in views:
        view.refresh()
    asked = (str(entry.request.get("sweep") or "") for entry in Queue().entries())
    return sorted({name for name in (*(view.sweep for view in views), *asked) if name})


def _row(view: RunView) -> Row:
    return Row(
        view.name,
        str(view.folder),
        view.state,
        view.changes,
        view.best,
        view.last("train"),
        view.last("test"),
        view.epoch,
        view.seconds,
        view.measure,
        view.last_error,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else as_text(value)


def _free(stem: str) -> str:
    """A name that those of no run begin with, nor of any that waits."""
    names = [folder.name for folder in runs_folder().glob("*")]
    names += [entry.name for entry in Queue().entries()]
    return free_name(stem, (name.rpartition("-")[0] for name in names))
