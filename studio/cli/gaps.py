"""`studio complete --gap`: a gap in a recording is filled; all around it stays as it is."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.options import ANYWAY, options_of
from studio.cli.outcomes import print_outcome
from studio.cli.recalling import scene_of
from studio.cli.terminal import DONE, ProgressLine, say
from studio.engine.checkpoints.places import name_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

if TYPE_CHECKING:
    from models.interface import AudioModel
    from studio.engine.audio.gaps import Beam, Filling
    from studio.engine.media.recordings import Recording


def fill(model: AudioModel, recording: Recording, arguments: argparse.Namespace) -> int:
    """Fill the gap that the options name; prints what came of it."""
    from models.companding import mu_law_encode
    from studio.engine.audio.gaps import TAKES, Beam
    from studio.engine.editing.gap import gap_between

    _check_options(arguments)
    begin, end = arguments.gap
    gap = gap_between(begin, end, len(recording.samples), recording.rate)
    takes = arguments.takes or TAKES
    options = options_of(arguments, model)
    beam = Beam(model, mu_law_encode(recording.samples), gap, takes, options)
    _check_room(beam, arguments.anyway)
    say(f"{_plan(beam)}: {beam.estimate()}.")
    with ProgressLine() as line:
        filling = beam.run(lambda share: line.show(f"Filling the gap: {share:.0%}"))
    if outcome := _outcome(filling, arguments.count):
        say(outcome)
    facts = {
        "gap": {"begin": gap.begin / beam.rate, "end": gap.end / beam.rate},
        "takes": filling.beam,
        "effective_takes": filling.effective,
        "scored_samples": filling.evidence,
        "log_evidence": {"nats": filling.log_evidence, "bits": filling.log_evidence / math.log(2)},
    }
    print_outcome(arguments, _written(filling, recording, model, arguments), facts)
    return DONE


def _check_options(arguments: argparse.Namespace) -> None:
    """StudioError for what does not go together with a gap."""
    for option in ("keep", "seconds"):
        if getattr(arguments, option) is not None:
            raise StudioError(
                f"With --gap the sound stays as long as the recording: leave out --{option}."
            )


def _check_room(beam: Beam, anyway: bool) -> None:
    """StudioError, with the estimate, for more takes than this machine has memory for."""
    try:
        beam.check_room()
    except TooLargeError as error:
        if not anyway:
            raise StudioError(f"{error}{ANYWAY}") from error


def _plan(beam: Beam) -> str:
    """What is going to be done."""
    length, heard = (1000 * count / beam.rate for count in (beam.gap.length, beam.evidence))
    scored = (
        f", scored by the {heard:.0f} ms after it"
        if beam.evidence
        else "; nothing comes after it, so the model simply goes on from what comes before"
    )
    return f"Filling {length:.0f} ms by {beam.takes} takes{scored}"


def _outcome(filling: Filling, count: int) -> str:
    """How well the takes fit, and how many of them there are."""
    lines = []
    if filling.evidence:
        bits = -filling.explained[0] / math.log(2)
        lines.append(
            f"The heaviest take leads up to what follows with {bits:.2f} bits a sample; effective"
            f" number of takes {filling.effective:.1f} of {filling.beam}."
        )
    if count > len(filling.takes):
        different = len(filling.takes)
        many = "take is" if different == 1 else "takes are"
        lines.append(f"Only {different} {many} different: choose more with --takes.")
    return " ".join(lines)


def _written(
    filling: Filling, recording: Recording, model: AudioModel, arguments: argparse.Namespace
) -> list[Path]:
    from models.companding import mu_law_decode, mu_law_encode
    from studio.engine.generation.exporting import ARRAYS, save_levels
    from studio.engine.generation.provenance import how_it_was_made
    from studio.engine.media.recordings import write_recording
    from studio.engine.scenes.document import as_text
    from studio.engine.scenes.drawing import of_take
    from studio.engine.scenes.scene import Sound

    out: Path = arguments.out
    codes = filling.filled(mu_law_encode(recording.samples), arguments.count)
    gap, rate = filling.gap, recording.rate
    # what is filled is a beginning of which all is kept: it can be gone on from
    scene = replace(
        scene_of(arguments, model).with_options(count=len(codes)),
        sound=Sound(codes, rate, (gap,)),
        position=codes.shape[1],
    )
    if out.suffix.lower() in ARRAYS:
        save_levels(codes, out, as_text(scene))
        return [out]
    many = len(codes) > 1
    files = [out.with_stem(f"{out.stem}-{n + 1}") if many else out for n in range(len(codes))]
    for take, (path, own) in enumerate(zip(files, codes, strict=True)):
        samples = recording.samples.copy()
        samples[gap.begin : gap.end] = mu_law_decode(own[gap.begin : gap.end])
        metadata = how_it_was_made(
            name_of(arguments.checkpoint),
            model,
            options_of(arguments, model),
            take=take + 1,
            filled=gap.in_words(rate),
        )
        write_recording(path, samples, rate, metadata, as_text(of_take(scene, take)))
    return files
