"""What two processes do that train together: ten steps; a training that the second of them stops;
and the same gone on with, until the first one stops it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

from studio.engine.runtime import devices, processes
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import SMALL, small_recipe

NAME = "gated-pixelcnn-class"
# seven steps an epoch: no batch has a half, and the last one has fewer pictures; by chance they are
# shown mirrored and moved, and their class is hidden
RECIPE: dict[str, Any] = {
    "batch": 15,
    "epochs": 10 / 7,
    "optimiser": "adamw",
    "flip": True,
    "shift": 1.0,
    "label_dropout": 0.5,
}


def ten_steps(pictures: Path, folder: Path) -> TrainingJob:
    """A training of a small model, in float32 whatever the processor has."""
    return _over(_training(pictures, folder))


def all_of_it(pictures: Path, folder: Path) -> list[str]:
    """How the two trainings ended that were stopped; the runs are "ten" and "stopped"."""
    ten_steps(pictures, folder / "ten")
    stopped = _training(pictures, folder / "stopped", epochs=1e5)
    _stopped_by(1, stopped)
    resumed = TrainingJob(resume=folder / "stopped", device="cpu")
    _stopped_by(0, resumed)
    return [stopped.state.value, resumed.state.value]


def _training(pictures: Path, folder: Path, **changes: Any) -> TrainingJob:
    recipe = small_recipe(NAME, pictures, **{**RECIPE, **changes})
    return TrainingJob(NAME, recipe=recipe, config=SMALL[NAME], folder=folder, device="cpu")


def _stopped_by(rank: int, job: TrainingJob) -> None:
    if processes.rank() == rank:
        threading.Timer(0.3, job.cancel).start()
    _over(job)


def _over(job: TrainingJob) -> TrainingJob:
    with patch.object(devices, "supports_bf16", lambda device: False):
        job.start()
        assert job.join(60)
    assert not job.error, job.error
    return job
