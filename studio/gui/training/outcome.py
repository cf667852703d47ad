"""What is said of a training that is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.words import scored_in_words
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State
from studio.engine.runtime.texts import shortened

if TYPE_CHECKING:
    from studio.engine.training.training_job import TrainingJob


def called(training: TrainingJob) -> str:
    """What a training is called: by its run."""
    return f'"{shortened(training.run.name, 60)}"'


def being_trained(training: TrainingJob | None, checkpoint: Path) -> str:
    """A sentence, where a checkpoint is that of the training that runs; else ""."""
    if training is None or training.run.folder.absolute() != checkpoint.parent:
        return ""
    return f"{called(training)} is being trained: rename it when the training is over."


def outcome(training: TrainingJob) -> str:
    """How a training ended, in one sentence."""
    name = called(training)
    if training.state is State.FAILED:
        return f"The training of {name} failed: {training.message}"
    try:
        card = read_card(training.run.latest)
    except StudioError:  # it was stopped before it began
        return f"The training of {name} was stopped before its first step."
    if training.state is State.CANCELLED:
        return f"{name} was stopped after {card.get('epochs', 0):.3g} epochs; the model is kept."
    scored = scored_in_words(card.get("metrics", {}))
    return f"{name} is trained: {scored}." if scored else f"{name} is trained."
