"""`TrainingJob`: a training in a thread, which can be watched, stopped and resumed; a recipe, a
model and a data set become a run's folder."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import models
from models.recipe import Recipe
from studio.engine.checkpoints.places import runs_folder
from studio.engine.checkpoints.storage import require_model
from studio.engine.runtime import costs, devices, processes
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job
from studio.engine.runtime.memory import TooLargeError, let_freed_memory_go
from studio.engine.training.callbacks import Checkpoints, Metrics, Reports, Samples
from studio.engine.training.recipe_values import check_recipe
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Callback, Trainer


class TrainingJob(Job[Path]):
    """Trains in a thread; its mailbox carries `Progress`, its result is the path of the checkpoint.

    name: a model of `models.available()`.
    recipe: None for the model's own.
    config: settings for `models.build`, where they are not the recipe's; the shape, levels and
    classes come from the data.
    folder: where the run goes (None: a new one in the person's runs folder).
    anyway: also where it is estimated to take more than this machine has; else it fails, and
    `too_large` says why.
    resume: the name or folder of a run to go on with, which brings its own name, recipe, config.
    clock: what the time is, in seconds, where it is another than the real one.

    `notes` are sentences for the person that came up meanwhile: whoever shows them takes them out.
    `cancel` stops after the step that is being made, and keeps the model.
    StudioError for what is known to be wrong at once.
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
        anyway: bool = False,
        clock: Callable[[], float] = time.monotonic,
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
        self._leads = processes.leads()  # and so writes the run
        if resume is None and self._leads:
            self.run = Run.create(name, None if folder is None else Path(folder))
        elif resume is None:
            self.run = Run(
                runs_folder() / f"rank-{processes.rank()}"
            )  # a folder that is never made
        self.anyway = anyway or resume is not None  # what was begun goes on
        self.too_large = False
        self.notes: deque[str] = deque()
        self.resumed, self._clock = resume is not None, clock
        self.callbacks = [Metrics(), Samples(), Checkpoints(), Reports(self), *callbacks]
        super().__init__(self._train, name=f"training {name}")

    def _train(self, job: Job[Path]) -> Path:
        try:
            if not self._leads:
                return self._trained()
            with self.run.held():
                return self._told()
        finally:  # the trainer is gone by now
            let_freed_memory_go()

    def _told(self) -> Path:
        """`_trained`, and the run's folder says how it stands, for whoever watches it."""
        self.run.tell("running")
        try:
            path = self._trained()
        except BaseException as error:
            if self.run.folder.is_dir():  # else it never began
                with suppress(StudioError):
                    self.run.tell("failed", str(error) or type(error).__name__)
            raise
        self.run.tell("stopped" if self.token.cancelled else "finished")
        return path

    def _note(self, sentence: str) -> None:
        if self._leads:  # the others would say the same
            self.notes.append(sentence)
            self.run.note(sentence)

    def _trained(self) -> Path:
        if self.resumed:
            with suppress(ValueError, TypeError, RuntimeError):  # said when it is really built
                config = {**self.recipe.config, **self.config}
                self.run.check_holds(costs.weights(self.model_name, config, buffers=False))
        try:
            training = Trainer(
                self.model_name,
                self.recipe,
                self.config,
                self.run,
                self.device,
                self.token,
                self.anyway,
                self._note,
                self.resumed,
                self._clock,
            )
        except BaseException as error:
            self.too_large = isinstance(error, TooLargeError)
            if self._leads:
                self.run.discard()
            raise
        if self.resumed:
            training.resume()
        training.go(self.callbacks)
        return self.run.latest
