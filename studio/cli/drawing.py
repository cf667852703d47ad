"""`studio generate` and `studio complete`: pictures from nothing, and pictures from a part or from
one with noise.

With a model for sound, they are those of `studio.cli.speaking`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.cli.terminal import INTERRUPTED, ProgressLine, say
from studio.engine.generation.methods import USUAL, methods
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.autoencoder import Autoencoder
    from models.interface import AutoregressiveModel, Model
    from studio.engine.editing.evidence_files import FileEvidence
    from studio.engine.generation.exporting import Frame
    from studio.engine.generation.generation import Generation, SamplingOptions

_SITES_A_LOOK = 16  # sites between updates of the progress line where nothing is animated


def generate(arguments: argparse.Namespace) -> int:
    """Draw pictures from nothing; prints the path of the file."""
    from studio.cli import speaking
    from studio.engine import checkpoints
    from studio.engine.generation.exporting import check_target
    from studio.engine.generation.generation import Generation, generating
    from studio.engine.runtime import devices

    name = Path(arguments.checkpoint).stem
    model = generating(checkpoints.load(arguments.checkpoint, devices.pick(arguments.device)))
    if model.spec.sites is None:
        return speaking.generate(model, arguments)
    out = arguments.out or Path(f"{name}-{arguments.seed}.png")
    check_target(out)
    generation = Generation(model, options_of(arguments, model))
    return _draw(generation, model, out, name, arguments)


def complete(arguments: argparse.Namespace) -> int:
    """Finish a picture, or with an autoencoder give it back; prints the path of the file."""
    from models.autoencoder import Autoencoder
    from studio.cli import speaking
    from studio.engine import checkpoints
    from studio.engine.data.of_model import prepared_for
    from studio.engine.editing.evidence_files import read_evidence
    from studio.engine.generation.completion import unseen
    from studio.engine.generation.exporting import check_target
    from studio.engine.generation.generation import Generation, generating
    from studio.engine.runtime import devices

    model = checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
    if model.spec.sites is None:
        return speaking.complete(model, arguments)
    check_target(arguments.out)
    if arguments.image is None:
        raise StudioError(f"{model.name} finishes pictures: give one with --image.")
    preparation = prepared_for(model)
    evidence = read_evidence(
        arguments.image, arguments.mask, model.spec, preparation, arguments.resize
    )
    if isinstance(model, Autoencoder):
        return _give_back(model, evidence, arguments)
    model = generating(model)
    if arguments.corruption:
        raise StudioError(
            f"{model.name} keeps what is given as it is: --corruption is for an autoencoder."
        )
    if not evidence.chosen:
        say(
            "Nothing says which part is given: the top half is kept, the rest is drawn (see"
            " --mask)."
        )
    hidden = int(unseen(model, evidence.known).sum())
    if hidden and not methods()[arguments.method].sees_later_evidence:
        say(
            f"{hidden} of the {int(evidence.known.sum())} given sites come later in the order than"
            " what is drawn, and are not seen; --method particles takes account of them."
        )
    generation = Generation(model, options_of(arguments, model), evidence)
    return _draw(generation, model, arguments.out, Path(arguments.checkpoint).stem, arguments)


def _give_back(model: Autoencoder, evidence: FileEvidence, arguments: argparse.Namespace) -> int:
    """Write what the model was shown, and beside it what it made of it; what is not given counts as
    level 0."""
    from studio.engine.editing.evidence import Evidence
    from studio.engine.generation.exporting import save_samples
    from studio.engine.generation.reconstruction import Reconstruction

    known = evidence.known if evidence.chosen else np.ones_like(evidence.known)
    found = Reconstruction(model, options_of(arguments, model), Evidence(evidence.values, known))
    notes = {
        "model": Path(arguments.checkpoint).stem,
        "seed": arguments.seed,
        "corruption": arguments.corruption,
    }
    save_samples(
        found.values, model.spec.levels, arguments.out, metadata=notes, scale=arguments.scale
    )
    say(
        f"On the left what the model was shown, on the right what it made of it: {found.right:.1%}"
        " of the pixels right."
    )
    print(arguments.out)
    return 0


def options_of(arguments: argparse.Namespace, model: Model) -> SamplingOptions:
    """What the options ask for; StudioError for a class that the model does not have."""
    from studio.engine.generation.generation import SamplingOptions

    return SamplingOptions(
        count=arguments.count,
        seed=arguments.seed,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        condition=_class(arguments.condition, model),
        method=getattr(arguments, "method", USUAL),
        order=arguments.order,
        corruption=getattr(arguments, "corruption", 0.0),
    )


def _class(text: str | None, model: Model) -> int | None:
    """The class that was asked for, by name or number; StudioError where the model has no such
    class."""
    from models.interface import Classes, Spectrogram

    if text is None or isinstance(
        model.conditioning, Spectrogram
    ):  # that is told a recording, not a class
        return None
    if model.takes_painting:
        raise StudioError(
            f"{model.name} takes no class: what is given is its condition, see `studio complete`."
        )
    if not isinstance(model.conditioning, Classes):
        raise StudioError(f"{model.name} takes no condition.")
    names = model.conditioning.names
    if text in names:
        return names.index(text)
    if text.isdecimal() and int(text) < model.conditioning.count:
        return int(text)
    raise StudioError(f'There is no class "{text}"; there are {", ".join(names)}.')


def _draw(
    generation: Generation,
    model: AutoregressiveModel,
    out: Path,
    name: str,
    arguments: argparse.Namespace,
) -> int:
    """Run the generation to its end, or until Ctrl+C, and write what the suffix of `out` asks
    for."""
    from studio.engine.generation.exporting import ANIMATIONS, moment, pace, save_samples
    from studio.engine.generation.provenance import how_it_was_made

    animated = out.suffix.lower() in ANIMATIONS
    sites, rate = pace(arguments.speed)
    frames: list[Frame] = []
    status = 0
    with ProgressLine() as line:
        try:
            while generation.position < generation.length:
                if animated:
                    frames.append(moment(generation))
                generation.step(sites if animated else _SITES_A_LOOK)
                line.show(f"Drawing: {generation.position / generation.length:.0%}")
        except KeyboardInterrupt:
            status = INTERRUPTED
    save_samples(
        moment(generation),
        model.spec.levels,
        out,
        frames=frames,
        metadata=how_it_was_made(name, model, generation.options),
        rate=rate,
        scale=arguments.scale,
    )
    if status == INTERRUPTED:
        say(
            f"Interrupted after {generation.position} of {generation.length} sites; what was drawn"
            " is kept."
        )
    else:
        say(f"{arguments.count} drawn, {float(generation.nats.sum(1).mean()):.1f} nats each.")
    print(out)
    return status
