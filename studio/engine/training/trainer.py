"""Training: a recipe, a model and a data set become a run's folder, in a thread that can be
watched, stopped and resumed.

`TrainingJob` is the thread, `Trainer` what it works on, one `Learner` step at a time. What happens
along the way (metrics, samples, checkpoints, progress for the window) is done by the callbacks of
`studio.engine.training.callbacks`.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

import models
from models.interface import Classes, Model
from models.recipe import Recipe
from studio.engine import checkpoints
from studio.engine.checkpoints.storage import require_model
from studio.engine.data.audio_data import AudioData
from studio.engine.data.data_sets import Data, Preparation
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken, Job
from studio.engine.runtime.memory import keep_freed_memory
from studio.engine.runtime.threads import all_threads
from studio.engine.training.callbacks import (
    Callback,
    Checkpoints,
    Metrics,
    Progress,
    Reports,
    Samples,
)
from studio.engine.training.learner import Learner, seeded
from studio.engine.training.runs import Run, runs_folder
from studio.engine.training.training_source import open_for, source_for

__all__ = ["Progress", "Trainer", "TrainingJob", "read_changes"]

logging.getLogger("lightning_fabric").setLevel(
    logging.WARNING
)  # the run's own report says what it computes in

_FIRST = 64  # examples that fresh weights are fitted to
_METRIC_ROWS = 500  # lines that a whole run writes into its table


class TrainingJob(Job[Path]):
    """Trains in a thread; its mailbox carries `Progress`, its result is the path of the checkpoint.

    name: a model of `models.available()`.  recipe: None for the model's own.  config: settings for
    `models.build`, where they are not the recipe's; the shape, levels and classes come from the
    data.  folder: where the run goes (None: a new one in the person's runs folder).  resume: the
    name or folder of a run to go on with, which brings its own name, recipe, config. `cancel` stops
    after the step that is being made, and keeps the model. StudioError for what can be told at
    once.
    """

    def __init__(
        self,
        name: str = "",
        *,
        recipe: Recipe | None = None,
        config: dict[str, Any] | None = None,
        folder: str | Path | None = None,
        device: str = "auto",
        resume: str | Path | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.device = devices.pick(device)
        if resume is not None:
            self.run = Run.open(resume)
            kept = self.run.read_config()
            name, config, recipe = kept["model"], kept["config"], kept["recipe"]
            require_model(name, f'The run "{self.run.name}"')
        elif name not in models.available():
            raise StudioError(
                f'There is no model "{name}"; there are {", ".join(models.available())}.'
            )
        self.model_name, self.recipe, self.config = (
            name,
            recipe or models.recipe(name),
            dict(config or {}),
        )
        check_recipe(self.recipe)
        rank = int(
            os.environ.get("RANK", "0")
        )  # of the processes that `fabric run` starts, the first writes the run
        if resume is None and rank == 0:
            self.run = Run.create(name, None if folder is None else Path(folder))
        elif resume is None:
            self.run = Run(runs_folder() / f"rank-{rank}")  # never made
        self.resumed = resume is not None
        self.callbacks = [Metrics(), Samples(), Checkpoints(), Reports(self), *callbacks]
        super().__init__(self._train, name=f"training {name}")

    def _train(self, job: Job[Path]) -> Path:
        try:
            training = Trainer(
                self.model_name, self.recipe, self.config, self.run, self.device, self.token
            )
        except BaseException:
            self.run.discard()
            raise
        if self.resumed:
            training.resume()
        training.go(self.callbacks)
        return self.run.latest


class Trainer:
    """One training: its source, its learner and how far it has come. Callbacks read it.

    seconds: spent so far, over all sittings.  losses: in training, by the model's measure, bits/dim
    mostly: (step, value). watched: the same of the averaged weights on a part of what is held out,
    (epoch, value).  metrics: of these weights on all of it, once it is over. samples: what they
    made after the last epoch of this sitting, levels (N, C, H, W); see
    `studio.engine.training.epoch_samples`. thumbnail: the first of them.
    """

    def __init__(
        self,
        name: str,
        recipe: Recipe,
        config: dict[str, Any],
        run: Run,
        device: torch.device,
        token: CancelToken | None = None,
    ) -> None:
        keep_freed_memory()
        all_threads()
        self.name, self.run = name, run
        self.token = token or CancelToken()
        self.fabric = _fabric(device)
        config = {**recipe.config, **config}
        data, self.recipe = open_for(name, recipe, config)
        recipe = self.recipe
        model = _fresh_model(name, recipe, config, data)
        self.config = model.config.to_dict()
        self.source = source_for(data, model, recipe, self.fabric.device)
        self.steps_per_epoch = math.ceil(self.source.examples / recipe.batch)
        self.steps = max(1, round(recipe.epochs * self.steps_per_epoch))
        if not recipe.start:
            self._initialise(model)
        self.learner = Learner(model, recipe, self.fabric, self.steps, self.source)
        self.seconds = 0.0
        self.losses: list[tuple[int, float]] = []
        self.watched: list[tuple[float, float]] = []
        self.metrics: dict[str, Any] | None = None
        self.samples: np.ndarray | None = None
        self.thumbnail = ""  # a PNG in base64
        self._owed = False  # whether the end of the last epoch was interrupted
        self._sum, self._count = (
            torch.zeros((), dtype=torch.float64),
            0.0,
        )  # nats an example, of so many whole ones
        if self.fabric.is_global_zero and not (run.folder / "config.json").exists():
            run.write_config(name, self.config, recipe, str(self.fabric.device))

    def _initialise(self, model: Model) -> None:
        """Let the model fit its fresh weights to examples: the same ones on every device, and when
        a run is resumed."""
        generator = seeded(self.recipe.seed, 0)
        rows = torch.randperm(self.source.examples, generator=generator)[:_FIRST]
        x, condition, _ = self.source.first(rows, generator)
        model.initialise(x.to(model.device), condition)

    @property
    def step(self) -> int:
        return self.learner.step

    @property
    def precision(self) -> str:
        """What the steps compute in, as the card says it."""
        return str(self.fabric._precision.precision)

    @property
    def epoch(self) -> float:
        """Passes over the data made so far, with their fraction."""
        return self.step / self.steps_per_epoch

    @property
    def model(self) -> Model:
        """The averaged weights: what is scored, drawn with and kept."""
        return self.learner.averaged

    @property
    def finished(self) -> bool:
        return self.step >= self.steps

    def go(self, callbacks: Sequence[Callback]) -> None:
        """Train to the end, or until the token is cancelled; what was made is kept either way."""
        callbacks = callbacks if self.fabric.is_global_zero else []
        for callback in callbacks:
            callback.on_start(self)
        try:
            began, before = time.monotonic(), self.seconds
            if self._owed:
                self._end_epoch(callbacks)
            for rows in self._batches():
                if self.token.cancelled:
                    break
                self._note(self.learner.learn(rows), self.source.share(rows))
                self.seconds = before + time.monotonic() - began
                for callback in callbacks:
                    callback.on_step(self)
                if self.step % self.steps_per_epoch == 0 or self.finished:
                    self._end_epoch(callbacks)
            self.seconds = before + time.monotonic() - began
            if self.finished and not self.token.cancelled:
                self._score()
            for callback in callbacks:
                callback.on_stop(self)
        finally:
            for callback in callbacks:
                callback.close()

    def _end_epoch(self, callbacks: Sequence[Callback]) -> None:
        """Score and draw. Where that is interrupted, it is owed, and done when the training goes
        on."""
        self._owed = True
        self.watch()
        for callback in callbacks:
            callback.on_epoch(self)
        self._owed = self.token.cancelled

    def resume(self) -> None:
        """Go on where the run's folder stands; StudioError where it is over or its files are not
        this model's."""
        tensors, numbers = self.run.load_state(self.fabric.device)
        try:
            self.learner.load_state(tensors, int(numbers["step"]))
            self.seconds, self._count = float(numbers["seconds"]), float(numbers["count"])
            self._sum.fill_(float(numbers["sum"]))
            self._owed, self.thumbnail = bool(numbers["owed"]), str(numbers["thumbnail"])
            scored = bool(numbers["scored"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise StudioError(
                f"The run {self.run.folder} cannot be resumed: its files do not fit together."
            ) from error
        if self.finished and scored:
            raise StudioError(
                f"The run {self.run.name} is finished: there is nothing left to resume."
            )
        for row in self.run.metrics(up_to=self.step):
            if (value := row.get(f"train_{self.model.measure}")) is not None:
                self.losses.append((int(row["step"]), value))
            if (value := row.get(f"watched_{self.model.measure}")) is not None:
                self.watched.append((row["epoch"], value))

    def save_state(self) -> None:
        """Write what `resume` needs."""
        numbers = {
            "step": self.step,
            "seconds": self.seconds,
            "sum": float(self._sum),
            "count": self._count,
            "owed": self._owed,
            "scored": self.metrics is not None,
            "thumbnail": self.thumbnail,
        }
        self.run.save_state(self.learner.state(), numbers)

    def watch(self) -> None:
        """Score the averaged weights on a part of what is held out, once an epoch."""
        if self.watched and math.isclose(self.watched[-1][0], self.epoch, abs_tol=1e-6):
            return
        score = self._evaluated(whole=False)
        if score is not None:
            self.watched.append((self.epoch, score[self.model.measure]))

    def _score(self) -> None:
        score = self._evaluated(whole=True)
        if score is not None:
            self.metrics = {**score, "split": "test", "weights": "ema"}

    def _evaluated(self, whole: bool) -> dict[str, Any] | None:
        score = self.source.score(self.model, whole, self.token)
        if score is None:
            return None
        return {key: value for key, value in score.to_dict().items() if key != "seconds"}

    def _batches(self) -> Iterator[Tensor]:
        """What is left of the training, as numbers of examples (B,); with several devices, this
        one's share."""
        size, mine = self.recipe.batch, slice(self.fabric.global_rank, None, self.fabric.world_size)
        while not self.finished:
            epoch, within = divmod(self.step, self.steps_per_epoch)
            shuffled = torch.randperm(
                self.source.examples, generator=seeded(self.recipe.seed, -1 - epoch)
            )
            for start in range(within * size, len(shuffled), size):
                rows = shuffled[start : start + size]
                if len(rows) < size and self.fabric.world_size > 1:
                    rows = shuffled[-size:]  # every device needs a share of the last batch
                yield rows[mine]
                if self.finished:
                    return

    def _note(self, loss: Tensor, share: float) -> None:
        """Add a loss (nats an example, of which a share counts) to the running mean; a line of the
        table is full after a fixed number of steps."""
        self._sum = self._sum.to(loss.device) if loss.device.type != "mps" else self._sum
        self._sum += loss.to(self._sum.device, self._sum.dtype)
        self._count += share
        if self.step % max(1, self.steps // _METRIC_ROWS) == 0 or self.finished:
            value = float(self._sum) / self._count / (self.source.dimensions * math.log(2))
            if not math.isfinite(value):
                raise StudioError(
                    "The loss is no longer a number: train again with a lower rate; the last kept"
                    " model is whole."
                )
            self.losses.append((self.step, value))
            self._sum.zero_()
            self._count = 0.0


def check_recipe(recipe: Recipe) -> None:
    """StudioError, one sentence, for a value that no training can use."""
    Preparation.parse(recipe.preparation)
    limits: dict[str, tuple[float, float]] = {
        "epochs": (1e-6, 1e6),
        "batch": (1, 1e6),
        "rate": (0, 10),
        "muon_rate": (0, 10),
        "warm_up": (0, 1),
        "weight_decay": (0, 100),
        "clip": (1e-9, math.inf),
        "ema": (0, 1),
        "label_dropout": (0, 1),
        "orders": (0, 1e4),
        "seed": (0, 2**53),
        "window": (1e-3, 600),
    }
    for key, (low, high) in limits.items():
        value = getattr(recipe, key)
        if not low <= value <= high:
            raise StudioError(f"{key} is {value:g}, but must lie between {low:g} and {high:g}.")


def read_changes(name: str, texts: dict[str, str]) -> tuple[Recipe, dict[str, Any]]:
    """`--set` and the form: text values by key, as a recipe and a config for `models.build`, each
    read as the type that its field is declared with.

    The recipe is the one made for the data, where there is one. StudioError for a key that is
    neither, or a value that cannot be read.
    """
    if name not in models.available():
        raise StudioError(f'There is no model "{name}"; there are {", ".join(models.available())}.')
    recipe_kinds = {key: kind for key, kind in get_type_hints(Recipe).items() if key != "config"}
    config_kinds = get_type_hints(type(models.registry.variant(name).defaults))
    changes: dict[str, Any] = {}
    config: dict[str, Any] = {}
    for key, text in texts.items():
        if key in recipe_kinds:
            changes[key] = _read(recipe_kinds[key], key, text)
        elif key in config_kinds:
            config[key] = _read(config_kinds[key], key, text)
        else:
            known = ", ".join([*recipe_kinds, *config_kinds])
            raise StudioError(f'There is no setting "{key}" for {name}; there are {known}.')
    return models.recipe(name, changes.get("data", "")).with_changes(**changes), config


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list such as 1,2,4",
}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _read(kind: Any, key: str, text: str) -> Any:
    """A text as a value of the type that a field is declared with."""
    try:
        if kind is bool:
            return _TRUTH[text.lower()]
        if get_origin(kind) is tuple:
            return tuple(
                get_args(kind)[0](part.strip())
                for part in text.strip("()[] ").split(",")
                if part.strip()
            )
        return kind(text)
    except (ValueError, KeyError):
        wanted = _KINDS.get(get_origin(kind) or kind, "text")
        raise StudioError(f'"{text}" does not fit {key}: it takes {wanted}.') from None


def _fabric(device: torch.device) -> Fabric:
    """One device, or as many as `fabric run` was told; bf16 where the device computes in it."""
    precision: Any = "bf16-mixed" if devices.supports_bf16(device) else "32-true"
    if os.environ.get("LT_CLI_USED"):  # its processes are there already, and know how many they are
        return Fabric(precision=precision)
    which = [device.index or 0] if device.type == "cuda" else 1
    fabric = Fabric(accelerator=device.type, devices=which, precision=precision)
    fabric.launch()
    return fabric


def _fresh_model(
    name: str, recipe: Recipe, config: dict[str, Any], data: Data | AudioData
) -> Model:
    """A model for these data, with the weights that the recipe starts from; StudioError where it
    cannot be built."""
    fits: dict[str, Any] = {
        "shape": data.shape,
        "levels": Preparation.parse(recipe.preparation).levels,
    }
    conditional = (
        recipe.conditional
        or config.get("classes")
        or isinstance(models.build(name).conditioning, Classes)
    )
    if conditional and "classes" not in {
        field.name for field in fields(models.registry.variant(name).defaults)
    }:
        raise StudioError(f"{name} cannot be told a class: train it with conditional=false.")
    if conditional:
        if not data.labelled:
            raise StudioError(f"{name} learns from labels, and the data {data.name} have none.")
        fits |= {"classes": len(data.class_names), "class_names": data.class_names}
    for key, value in fits.items():
        given = config.get(key, value)
        if (
            key != "class_names"
            and (tuple(given) if isinstance(given, (list, tuple)) else given) != value
        ):
            raise StudioError(
                f"{key} is {given}, but the data {data.name}, prepared as {recipe.preparation},"
                f" have {value}."
            )
    torch.manual_seed(recipe.seed)
    try:
        model = models.build(name, **{**config, **fits})
    except (ValueError, TypeError, RuntimeError) as error:
        raise StudioError(f"The model cannot be built like this: {error}.") from error
    if recipe.start:
        _take_weights(model, recipe.start)
    return model


def _take_weights(model: Model, start: str) -> None:
    """Begin with the weights of another checkpoint; only what serves the condition may be missing
    there."""
    source = checkpoints.load(start).state_dict()
    own = model.state_dict()
    missing = own.keys() - source.keys() - model.weights_of(model.CONDITION_PARTS)
    if missing or any(
        name not in own or own[name].shape != tensor.shape for name, tensor in source.items()
    ):
        raise StudioError(
            f'The weights of "{start}" do not fit this model: choose another start, or none'
            " (start=)."
        )
    model.load_state_dict(source, strict=False)
