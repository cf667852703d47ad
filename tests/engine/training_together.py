"""Two processes that train together: ten steps; a training that the second of them stops; and the same
gone on with. Each says how it stands then.

    python -m tests.engine.training_together PICTURES FOLDER
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

from studio.engine.runtime import devices
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import SMALL, small_recipe
from tests.engine.two_processes import both

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


def ten_steps(pictures: Path, folder: Path, **changes: Any) -> TrainingJob:
    """In float32, whatever the processor has."""
    recipe = small_recipe(NAME, pictures, **{**RECIPE, **changes})
    job = TrainingJob(NAME, recipe=recipe, config=SMALL[NAME], folder=folder, device="cpu")
    return _over(job)


def main(pictures: Path, folder: Path) -> dict[str, Any]:
    rank = int(os.environ["RANK"])
    ten_steps(pictures, folder / "ten")
    endless = small_recipe(NAME, pictures, **{**RECIPE, "epochs": 1e5})
    stopped = TrainingJob(
        NAME, recipe=endless, config=SMALL[NAME], folder=folder / "stopped", device="cpu"
    )
    _stopped_by(1, stopped, rank)
    resumed = TrainingJob(resume=folder / "stopped", device="cpu")
    _stopped_by(0, resumed, rank)
    return {"rank": rank, "states": [stopped.state.value, resumed.state.value]}


def _stopped_by(which: int, job: TrainingJob, rank: int) -> None:
    timer = threading.Timer(0.3, job.cancel)
    if rank == which:
        timer.start()
    _over(job)


def _over(job: TrainingJob) -> TrainingJob:
    with patch.object(devices, "supports_bf16", lambda device: False):
        job.start()
        assert job.join(60)
    assert not job.error, job.error
    return job


if __name__ == "__main__":
    both(lambda: main(Path(sys.argv[1]), Path(sys.argv[2])))
