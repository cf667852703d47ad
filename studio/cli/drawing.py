"""`studio generate` and `studio complete` with a model that draws:
pictures from nothing, and from a part."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import many
from studio.cli.options import check_cost, evidence_of
from studio.cli.outcomes import print_outcome
from studio.cli.recalling import scene_of
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, duration, say
from studio.engine.checkpoints.places import name_of
from studio.engine.generation.decoders import GRAPH
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model
    from studio.engine.generation.bounds import Bounds
    from studio.engine.generation.exporting import Frame
    from studio.engine.generation.generation import Generation
    from studio.engine.scenes.scene import Scene
    from studio.engine.scoring.scores import Score

_FEW = 2.0  # particles that count, too few to choose from
_SITES_A_LOOK = 16  # sites between updates of the progress line where nothing is animated


def generate(model: Model, arguments: argparse.Namespace) -> int:
    """Draw pictures from nothing; prints what came of it."""
    from studio.engine.generation.exporting import check_target
    from studio.engine.generation.generation import as_autoregressive
    from studio.engine.scenes.drawing import film_of

    model, name = as_autoregressive(model), name_of(arguments.checkpoint)
    if arguments.shard is not None:
        return many.generate(model, scene_of(arguments, model), arguments)
    out = arguments.out or Path(f"{name}-{arguments.seed}.png")
    check_target(out)
    scene = scene_of(arguments, model)
    check_cost(scene, model, arguments)
    generation = film_of(scene, model)
    status = _draw(generation, scene, model, out, arguments)
    print_outcome(arguments, [out], _facts(generation, status))
    return status


def complete(model: Model, arguments: argparse.Namespace) -> int:
    """Finish a picture; prints what came of it."""
    from studio.engine.editing.evidence import Evidence
    from studio.engine.editing.site_words import of_model
    from studio.engine.generation.bounds import check_bounded, in_words
    from studio.engine.generation.exporting import check_target
    from studio.engine.generation.generation import as_autoregressive
    from studio.engine.generation.method_choice import unseen
    from studio.engine.generation.sampling_options import check_options
    from studio.engine.scenes.drawing import film_of

    model = as_autoregressive(model)
    check_target(arguments.out)
    evidence = evidence_of(arguments, model)
    if arguments.corruption:
        raise StudioError(
            f"{model.name} keeps what is given as it is: --corruption is for models that"
            " reconstruct."
        )
    if not evidence.chosen:
        say("No mask was given: the top half is kept and the rest is drawn (see --mask).")
    if arguments.bounds:
        check_bounded(model)
    given = Evidence(evidence.values, evidence.known)
    scene = replace(scene_of(arguments, model), evidence=evidence.pixels or given)
    check_options(scene.options, model)
    check_cost(replace(scene, evidence=given), model, arguments, arguments.bounds)
    generation = film_of(scene, model)
    if generation.why:
        say(f"{generation.method.title}: {generation.why}")
    options = scene.options
    hidden = int(unseen(model, evidence.known, options.method, options.parallel).sum())
    if hidden:
        told = of_model(f"{int(evidence.known.sum())} given pixels", model)
        how = "--method smc"
        if options.parallel:
            how += " without --decode parallel"
        say(
            f"{hidden} of the {told} come later in the model's order and are not seen;"
            f" {how} takes account of them."
        )
    status = _draw(generation, scene, model, arguments.out, arguments)
    found = None
    if status == DONE:
        _say_of_particles(generation)
        if arguments.bounds:
            status, found = _bounded(generation, model)
    facts = {
        "method": generation.method.name,
        "why": generation.why or None,
        "steps": arguments.steps or None,
        "effective_sample_size": generation.effective(),
        "sweeps": arguments.sweeps if generation.method.refined or arguments.bounds else None,
        **_facts(generation, status),
        "bounds": None if found is None else found.to_dict(),
    }
    lines = [] if found is None else in_words(found, model, generation.options)
    print_outcome(arguments, [arguments.out], facts, lines)
    return status


def _facts(generation: Generation, status: int) -> dict[str, Any]:
    """What JSON says of pictures that were drawn."""
    return {
        "interrupted": status == INTERRUPTED,
        "nats": generation.nats.sum(1).tolist(),
        **({} if generation.passes is None else {"passes": generation.passes}),
    }


def recall(model: Model, scene: Scene, arguments: argparse.Namespace) -> int:
    """Draw what a scene says, up to where it says so; prints what came of it."""
    from studio.engine.generation.exporting import check_target
    from studio.engine.generation.generation import as_autoregressive
    from studio.engine.scenes.drawing import film_of

    model = as_autoregressive(model)
    check_target(arguments.out)
    check_cost(scene, model, arguments)
    generation = film_of(scene, model)
    status = _draw(generation, scene, model, arguments.out, arguments)
    print_outcome(arguments, [arguments.out], _facts(generation, status))
    return status


def _say_of_particles(generation: Generation) -> None:
    """Where hardly any particle explains what is given, what helps."""
    effective = generation.effective() or []
    few = sum(each < _FEW for each in effective)
    if few:
        further = (
            "more --sweeps"
            if generation.method.refined
            else "more --particles or --method smc-refined"
        )
        say(
            f"In {few} of {len(effective)} pictures hardly any particle explains what is given: try"
            f" {further}."
        )


def _bounded(generation: Generation, model: AutoregressiveModel) -> tuple[int, Bounds | None]:
    """How probable what is given is to the model, from below and from above; None where Ctrl+C
    came before they were found."""
    from studio.engine.generation.bounds import bounds_of

    with ProgressLine() as line:

        def waiting() -> bool:
            line.show("Computing bounds on the probability of what is given")
            return False

        try:
            return DONE, bounds_of(model, generation.evidence, generation.options, waiting)
        except KeyboardInterrupt:
            say("Interrupted before the bounds were found; the pictures are kept.")
            return INTERRUPTED, None


def report(model: Model, score: Score) -> list[str]:
    """What a score says, for a person."""
    from studio.engine.checkpoints.words import unit_of

    bits = f"{score.figures[model.measure]:.4f} {unit_of(model.measure)}"
    counted = f"{score.examples:,} examples  {duration(score.seconds)}"
    lines = [f"{bits}  {score.nats:.2f} nats  {counted}"]
    if score.orders is not None:
        alone = score.figures["single_order_bits_per_dim"]
        lines.append(f"The ensemble of {score.orders} orders; {alone:.4f} bits/dim in one alone.")
    for side, rest in score.completion.items():
        lines.append(f"{rest:.4f} bits/dim of the rest, given the {side} half")
    if score.steps_bits:
        costs = ", ".join(f"{steps} {bits:.4f}" for steps, bits in score.steps_bits.items())
        lines.append(f"bits/dim by the steps in which it draws: {costs}")
    return lines


def _draw(
    generation: Generation,
    scene: Scene,
    model: AutoregressiveModel,
    out: Path,
    arguments: argparse.Namespace,
) -> int:
    """Run the generation to where its scene says, or until Ctrl+C,
    and write what the suffix of `out` asks for, with the scene in it."""
    from studio.engine.editing.site_words import of_model
    from studio.engine.generation.decoded import shown_in
    from studio.engine.generation.exporting import ANIMATIONS, moment, pace, save_samples
    from studio.engine.generation.provenance import how_it_was_made
    from studio.engine.scenes.document import as_text
    from studio.engine.scenes.drawing import end_of, picture_alone

    animated, completed = out.suffix.lower() in ANIMATIONS, generation.evidence is not None
    alone, (shown, levels) = picture_alone(scene), shown_in(out, model)
    sites, rate = pace(arguments.speed)
    frames: list[Frame] = []
    status, end = 0, end_of(scene, generation)
    if arguments.decode == GRAPH != arguments.usual_decode:  # not just because a scene was drawn so
        generation.prepare()
    with ProgressLine() as line:
        try:
            while generation.position < end:
                if animated:
                    frames.append(shown(moment(generation, alone)))
                left = end - generation.position
                generation.step(min(left, sites if animated else _SITES_A_LOOK))
                line.show(f"Drawing: {generation.position / generation.length:.0%}")
        except KeyboardInterrupt:
            status = INTERRUPTED
    whole = generation.position == generation.length
    view = {**scene.view, "speed": arguments.speed} if animated else scene.view
    drawn = replace(scene, position=None if whole else generation.position, view=view)
    save_samples(
        shown(moment(generation, alone)),
        levels,
        out,
        frames=frames,
        metadata=how_it_was_made(
            scene.model.name,
            model,
            generation.options,
            method=generation.method.name if completed else None,
        ),
        rate=rate,
        scale=arguments.scale,
        scene=as_text(drawn),
    )
    if status == INTERRUPTED:
        reached = of_model(f"{generation.position} of {generation.length} pixels", model)
        say(f"Interrupted after {reached}; what was drawn is kept.")
    else:
        count, nats = generation.options.count, float(generation.nats.sum(1).mean())
        many = "1 picture" if count == 1 else f"{count} pictures"
        passes = "" if generation.passes is None else f" in {generation.passes} passes"
        say(f"{many} drawn{passes}, {nats:.1f} nats each.")
    return status
