"""What one of the processes says that train together, of a small model: what it was scored, with
the other and by itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

import models
from studio.engine.audio.rendering import as_audio_model
from studio.engine.data.audio_data import Sounds
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.shares import ALONE, Share
from studio.engine.scoring.sound_scoring import evaluate_sounds
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from tests.engine.trainings import SMALL, small_recipe


def scores(pictures: Path, folder: Path) -> dict[str, Any]:
    recipe = small_recipe("made", pictures, epochs=1)
    training = Trainer("made", recipe, SMALL["made"], Run(folder), torch.device("cpu"))
    share = Share(training.fabric.global_rank, training.fabric.world_size)
    counted = _counting(training)
    training.go([])
    together = [training.validation[-1][1], (training.metrics or {})["bits_per_dim"]]
    scored = counted.copy()
    alone = [
        training.source.score(training.model, split, CancelToken(), ALONE)
        for split in ("validation", "test")
    ]
    token = CancelToken()
    if share.rank == 1:
        token.cancel()
    return {
        "rank": share.rank,
        "pictures": together,
        "pictures alone": [score.bits_per_dim for score in alone if score],
        "scored": scored,
        "cancelled": training.source.score(training.model, "test", token, share) is None,
        "steps": _steps_by_clock(pictures, folder, share.rank),
        "sound": _sound(share),
        "sound alone": _sound(ALONE),
    }


def _counting(training: Trainer) -> list[int]:
    """How many examples this process scores, a number for each batch."""
    counts: list[int] = []
    figures = training.model.figures

    def counted(x: torch.Tensor, *rest: Any) -> dict[str, torch.Tensor]:
        counts.append(len(x))
        return figures(x, *rest)

    training.model.figures = counted  # type: ignore[assignment, method-assign]
    return counts


def _steps_by_clock(pictures: Path, folder: Path, rank: int) -> int:
    """How many steps a training of three seconds has, where every process has a clock of its
    own."""
    (folder / "by-clock").mkdir(exist_ok=True)
    training = Trainer(
        "made",
        small_recipe("made", pictures, minutes=0.05),
        SMALL["made"],
        Run(folder / "by-clock"),
        torch.device("cpu"),
        clock=lambda: time.monotonic() * (1 + rank),
    )
    training.go([])
    return training.step


def _sound(share: Share) -> list[dict[str, float]]:
    """Of three recordings, and of one, which is none for a second process."""
    torch.manual_seed(0)
    model = as_audio_model(models.build("wavenet-mel", **SMALL["wavenet-mel"]).eval())
    codes = torch.randint(256, (3, 900), dtype=torch.uint8)
    several = Sounds(tuple(codes), ("a", "b", "c"), None)
    one = Sounds((codes[0],), ("a",), None)
    scores = (evaluate_sounds(model, some, remake=True, share=share) for some in (several, one))
    return [score.figures for score in scores if score]
