"""`studio complete` and `studio evaluate` with an autoencoder that goes by codes: a picture is
given back, and it is said how much of it the codes keep, and how many of them are used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.cli.reconstructing import complete, generate, recall
from studio.cli.terminal import duration

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scoring.scores import Score

__all__ = ["complete", "generate", "recall", "report"]


def report(model: Model, score: Score) -> list[str]:
    """What a score says, for a person."""
    from models.interface import DiscreteAutoencoder
    from studio.engine.checkpoints.words import NO_LIKELIHOOD, unit_of

    assert isinstance(model, DiscreteAutoencoder)
    found, count = score.figures, model.codes.levels
    height, width = model.codes.space
    bits = f"{found[model.measure]:.4f} {unit_of(model.measure)}"
    lines = [bits]
    if (error := found.get("squared_error")) is not None:
        decibels = -10 * math.log10(max(error, 1e-12))
        lines = [f"{bits}  PSNR {decibels:.2f} dB"]
    used = (
        f"{height} x {width} codes a picture; {found['codes_used']:.1%} of {count} are used, as"
        f" evenly as {found['code_perplexity']:.1f} that are all used alike"
    )
    counted = f"{score.examples:,} examples  {duration(score.seconds)}"
    return [*lines, used, f"{counted}; {NO_LIKELIHOOD}: the model is shown what it has to say."]
