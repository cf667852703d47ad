"""A training run is a folder: what was asked for, how it went, and what it made.

config.json             model, its settings, recipe, device
metrics.csv             step, epoch, seconds, the figures train_, val_ and, at the end, test_, rate,
                        gradient_norm (before it is clipped, in the mean since the last line)
tensorboard/            the same as TensorBoard events
samples/epoch-001.png   what the model made after each epoch; of sound there is a .wav beside it
latest.safetensors      the checkpoint (averaged weights)
best.safetensors        the one with the best validation figure
epochs/epoch-001.safetensors  what it had learnt after each epoch, matrices in bfloat16; at most
                        100 files and 500 MB: of more, the first, the last and some between
status.json             whether it is trained, by which process, and the error that it ended with
notes.txt               what the training said, such as that it went back to a good state
sweep.json              of a run that belongs to a sweep: its name, and what is changed in it
.lock                   held by the process that trains; empty
resume.safetensors      everything needed to go on: weights, average, optimisers; no pickle
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from models.recipe import Recipe
from studio.engine.checkpoints import places
from studio.engine.checkpoints.cards import SUFFIX
from studio.engine.checkpoints.places import (
    BEST,
    CONFIG,
    LATEST,
    LOCK,
    run_folders,
    runs_folder,
)
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import free_name
from studio.engine.runtime.files import reason, write_atomically
from studio.engine.training.metrics_table import MetricsTable

_GLANCED = 0.3  # seconds for which whoever looks whether a run is trained may hold its lock
LARGEST = 500 * 10**6  # bytes of the checkpoints of epochs that a run keeps
MOST = 100  # and how many


def columns(measure: str) -> tuple[str, ...]:
    """The columns of metrics.csv for a model with this measure."""
    figures = (f"{part}_{measure}" for part in ("train", "val", "test"))
    return ("step", "epoch", "seconds", *figures, "rate", "gradient_norm")


@dataclass(frozen=True)
class Run:
    """One run's folder, which it is called by."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.absolute().name

    @property
    def handle(self) -> str:
        """What `open` finds it by: its name where it lies among the others, else its folder."""
        return self.name if self.folder.parent == runs_folder() else str(self.folder)

    @property
    def latest(self) -> Path:
        return self.folder / LATEST

    @property
    def best(self) -> Path:
        return self.folder / BEST

    @property
    def state(self) -> Path:
        return self.folder / places.STATE

    @property
    def samples(self) -> Path:
        return self.folder / places.SAMPLES

    @property
    def tensorboard(self) -> Path:
        return self.folder / "tensorboard"

    @property
    def metrics_file(self) -> Path:
        return self.folder / places.METRICS

    @classmethod
    def create(cls, model: str, folder: Path | None = None) -> Run:
        """A new, empty folder: the one named, or one called after the model and the time in
        `runs_folder()`.

        StudioError where the folder cannot be made or has something in it already.
        """
        if folder is None:
            stem = f"{model}-{time.strftime('%Y%m%d-%H%M%S')}"
            folder = runs_folder() / free_name(stem, (f.name for f in runs_folder().glob("*")))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise StudioError(f"The folder {folder} is not empty: a run needs one of its own.")
            (folder / places.SAMPLES).mkdir()
        except OSError as error:
            raise StudioError(
                f"The folder {folder} cannot be written: {error.strerror or error}."
            ) from error
        return cls(folder)

    @classmethod
    def open(cls, name_or_path: str | Path) -> Run:
        """An existing run, by its path or its name in `runs_folder()`;
        StudioError where there is none."""
        for folder in (Path(name_or_path), runs_folder() / str(name_or_path)):
            if places.is_run(folder):
                return cls(folder)
        raise StudioError(f'There is no run "{name_or_path}".')

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from training in this folder; StudioError where one does. The
        system takes the lock back from a process that ends, however it ends."""
        lock = FileLock(self.folder / LOCK)
        try:
            lock.acquire(timeout=_GLANCED, poll_interval=_GLANCED / 10)
        except Timeout:
            raise StudioError(
                f"The run {self.name} is being trained by another process: wait for it, or stop it."
            ) from None
        except (OSError, NotImplementedError):
            pass  # a disk that has no locks
        try:
            yield
        finally:
            lock.release()

    def discard(self) -> None:
        """Remove the folder of a run that never began; one with anything in it stays."""
        if places.is_run(self.folder):
            return
        with contextlib.suppress(OSError):
            for name in (LOCK, places.STATUS, places.NOTES, places.SWEEP):
                (self.folder / name).unlink(missing_ok=True)
            self.samples.rmdir()
            self.folder.rmdir()

    def write_config(self, model: str, config: dict[str, Any], recipe: Recipe, device: str) -> None:
        document = {"model": model, "config": config, "recipe": recipe.to_dict(), "device": device}
        write_atomically(self.folder / CONFIG, json.dumps(document, indent=2).encode())

    def read_config(self) -> dict[str, Any]:
        """What `write_config` wrote; StudioError where the file is missing or damaged."""
        try:
            document = json.loads((self.folder / CONFIG).read_text())
            for key, kind in (("model", str), ("config", dict), ("recipe", dict)):
                if not isinstance(document[key], kind):
                    raise ValueError(key)
            document["recipe"] = recipe = Recipe.from_dict(document["recipe"])
            if not isinstance(recipe.config, dict):
                raise ValueError("recipe.config")
            return {key: document[key] for key in ("model", "config", "recipe", "device")}
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise StudioError(f"The run {self.folder} has no readable config.json.") from error

    def save_state(self, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
        whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        write_atomically(self.state, to_bytes(whole, {"numbers": json.dumps(numbers)}))

    def load_state(self, device: torch.device) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `save_state` kept; StudioError where there is nothing to go on from."""
        if not self.state.is_file():
            raise StudioError(f"The run {self.folder} has nothing to resume from.")
        try:
            with safe_open(str(self.state), framework="pt", device=str(device)) as file:
                numbers = json.loads((file.metadata() or {})["numbers"])
                if not isinstance(numbers, dict):
                    raise ValueError("numbers")
                return {name: file.get_tensor(name) for name in file.keys()}, numbers  # noqa: SIM118
        except (OSError, SafetensorError, ValueError, KeyError, RecursionError) as error:
            raise StudioError(
                f"The run cannot be resumed: its file {self.state} is damaged."
            ) from error

    def check_holds(self, size: int) -> None:
        """StudioError where what `save_state` kept cannot be that of weights of so many bytes,
        which are there twice at least: known before a model of this size is made."""
        if self.state.is_file() and 2 * size > self.state.stat().st_size:
            raise StudioError(
                f"The run {self.folder} cannot be resumed: its files do not fit together."
            )

    def add_metrics(self, row: dict[str, Any], names: Sequence[str]) -> None:
        """Append a line to metrics.csv, whose columns have these names, writing its header first
        where it is new."""
        fresh = not self.metrics_file.exists()
        try:
            with self.metrics_file.open("a", newline="") as file:
                writer = csv.DictWriter(file, names, restval="")
                if fresh:
                    writer.writeheader()
                writer.writerow(row)
        except OSError as error:
            raise StudioError(
                f'"{self.metrics_file}" could not be written: {reason(error)}.'
            ) from error

    def metrics(self) -> list[dict[str, float]]:
        """The lines of metrics.csv; what is empty is left out, and lines that are none."""
        table = MetricsTable(self.metrics_file)
        while table.refresh():  # a piece at a time
            pass
        return table.rows

    def rewind_metrics(self, step: int, names: Sequence[str]) -> None:
        """Drop the lines of later steps from metrics.csv, where there is one,
        and give its columns these names."""
        if not self.metrics_file.exists():
            return
        rows = [row for row in self.metrics() if row["step"] <= step]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(self.metrics_file, text.getvalue().encode())

    def sample_files(self) -> list[Path]:
        """The pictures of each epoch, in order."""
        return [*places.by_epoch(self.samples, ".png").values()]

    def epoch_checkpoints(self) -> dict[int, Path]:
        """What it had learnt after each epoch, in order, as far as that is kept."""
        return places.by_epoch(self.folder / places.EPOCHS, SUFFIX)

    def epoch_checkpoint(self, epoch: int) -> Path:
        """Where what it has learnt after an epoch is to be saved, in a folder that is there."""
        folder = self.folder / places.EPOCHS
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StudioError(f'"{folder}" could not be made: {reason(error)}.') from error
        return folder / f"epoch-{epoch:03d}{SUFFIX}"

    def thin_out(self) -> None:
        """Remove as many of the checkpoints of epochs as are too much together."""
        kept = self.epoch_checkpoints()
        with contextlib.suppress(OSError):  # somebody else has removed one
            for epoch in superfluous({epoch: path.stat().st_size for epoch, path in kept.items()}):
                kept[epoch].unlink()

    def tell(self, state: str, error: str = "") -> None:
        """Say how it stands, see `studio.engine.training.watching_runs`: "running", "stopped",
        "finished", or "failed" with a sentence."""
        said = {"state": state, "host": platform.node(), "pid": os.getpid(), "error": error}
        write_atomically(self.folder / places.STATUS, json.dumps(said).encode())

    def note(self, sentence: str) -> None:
        """Keep what the training has said, a line each."""
        with (
            contextlib.suppress(OSError),
            (self.folder / places.NOTES).open("a", encoding="utf-8") as file,
        ):
            file.write(" ".join(sentence.split()) + "\n")

    def write_sweep(self, name: str, changes: Mapping[str, str]) -> None:
        """Say that it belongs to the sweep of this name, and what is changed in it."""
        said = {"name": name, "changes": dict(changes)}
        write_atomically(self.folder / places.SWEEP, json.dumps(said).encode())


def superfluous(sizes: Mapping[int, int], largest: int = LARGEST, most: int = MOST) -> list[int]:
    """Of the checkpoints of epochs with these sizes in bytes, those that are too much: of three
    that follow each other most closely the one between, again and again; the first and the last
    stay, the last alone where there is no room for two."""
    left, gone = sorted(sizes), list[int]()
    while len(left) > 1 and (len(left) > most or sum(sizes[epoch] for epoch in left) > largest):
        between = range(1, len(left) - 1)
        found = min(between, key=lambda i: left[i + 1] - left[i - 1], default=0)
        gone.append(left.pop(found))
    if left and sizes[left[0]] > largest:
        gone.append(left.pop())
    return gone


def all_runs() -> list[Run]:
    """Every run in `runs_folder()`, the newest first."""
    return [Run(folder) for folder in run_folders()]
