"""Trainings so small that every test can have its own, of every model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import models
from models.recipe import Recipe
from studio.engine.runtime.jobs import State
from studio.engine.training.trainer import Callback, Trainer
from studio.engine.training.training_job import TrainingJob
from tests.small_configs import SMALL as SMALL


def small_recipe(name: str, data: Path, **changes: Any) -> Recipe:
    small: dict[str, Any] = {"data": str(data), "epochs": 3, "batch": 12, "start": "", "ema": 0.9}
    return models.recipe(name).with_changes(**(small | changes))


def trained(
    name: str, data: Path, folder: Path, *callbacks: Callback, **changes: Any
) -> TrainingJob:
    recipe = small_recipe(name, data, **changes)
    job = TrainingJob(
        name,
        recipe=recipe,
        config=SMALL.get(name, {}),
        folder=folder,
        device="cpu",
        callbacks=callbacks,
    )
    return done(job)


def done(job: TrainingJob) -> TrainingJob:
    job.start()
    assert job.join(60)
    assert job.state is not State.FAILED, job.error
    return job


class StopAt(Callback):
    """Cancels when a step has been made, as a person would."""

    def __init__(self, step: int) -> None:
        self.step = step
        self.last_step = 0

    def on_start(self, training: Trainer) -> None:
        self.token = training.token

    def on_step(self, training: Trainer) -> None:
        self.last_step = training.step
        if training.step == self.step:
            self.token.cancel()
