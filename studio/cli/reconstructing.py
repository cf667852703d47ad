"""`studio complete` with a model that reconstructs: a picture is given back,
as it is or with noise on it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from studio.cli.options import evidence_of
from studio.cli.outcomes import print_outcome
from studio.cli.recalling import scene_of
from studio.cli.terminal import duration, say
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scenes.scene import Scene
    from studio.engine.scoring.scores import Score


def generate(model: Model, arguments: argparse.Namespace) -> int:
    """It cannot: StudioError, one sentence, why."""
    raise StudioError(model.why)


def complete(model: Model, arguments: argparse.Namespace) -> int:
    """Write what the model was shown, and beside it what it made of it, and print what came of it;
    what is not given counts as level 0."""
    from studio.engine.editing.evidence import Evidence
    from studio.engine.generation.exporting import check_target

    check_target(arguments.out)
    evidence = evidence_of(arguments, model)
    known = evidence.known if evidence.chosen else np.ones_like(evidence.known)
    scene = replace(scene_of(arguments, model), evidence=Evidence(evidence.values, known))
    return recall(model, scene, arguments)


def recall(model: Model, scene: Scene, arguments: argparse.Namespace) -> int:
    """Reconstruct what a scene gives; prints what came of it."""
    from studio.engine.generation.exporting import check_target, save_samples
    from studio.engine.generation.reconstruction import as_reconstructor
    from studio.engine.scenes.document import as_text
    from studio.engine.scenes.drawing import film_of

    check_target(arguments.out)
    found = film_of(scene, as_reconstructor(model))
    metadata = {
        "model": scene.model.name,
        "seed": scene.options.seed,
        "corruption": scene.options.corruption,
    }
    save_samples(
        found.values,
        model.spec.levels,
        arguments.out,
        metadata=metadata,
        scale=arguments.scale,
        scene=as_text(scene),
    )
    say(
        f"On the left what the model was shown, on the right what it made of it: {found.right:.1%}"
        " of the pixels are right."
    )
    facts = {"corruption": arguments.corruption, "pixels_right": found.right}
    print_outcome(arguments, [arguments.out], facts)
    return 0


def report(model: Model, score: Score) -> list[str]:
    """What a score says, for a person."""
    from studio.engine.checkpoints.words import NO_LIKELIHOOD
    from studio.engine.generation.reconstruction import as_reconstructor

    lines = []
    for shown, prefix in (
        (f"with {as_reconstructor(model).scored_corruption:.0%} of the pixels noise", ""),
        ("as they are", "plain_"),
    ):
        bits, right = (
            score.figures[prefix + name] for name in ("reconstruction_bits", "pixels_right")
        )
        lines.append(
            f"{bits:.4f} bits/dim to reconstruct  {right:.2%} of the pixels right  from pictures"
            f" {shown}"
        )
    counted = f"{score.examples:,} examples  {duration(score.seconds)}"
    return [*lines, f"{counted}; {NO_LIKELIHOOD}: the model is shown what it has to say."]
