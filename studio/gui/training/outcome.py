"""What is said of a training that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.words import scored_in_words
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State

if TYPE_CHECKING:
    from studio.engine.training.training_job import TrainingJob


def outcome(training: TrainingJob) -> str:
    """How a training ended, in one sentence."""
    name = training.model_name
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
