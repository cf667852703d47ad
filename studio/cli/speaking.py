"""`studio generate` and `studio complete` with a model for sound: from nothing, from a spectrogram,
or after a beginning. For a gap see `studio.cli.gaps`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli import drawing, gaps
from studio.cli.options import ANYWAY, options_of
from studio.cli.outcomes import print_outcome
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, duration, say
from studio.engine.checkpoints.places import name_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.interface import AudioModel, Model
    from studio.engine.audio.rendering import Rendering
    from studio.engine.scoring.scores import Score

_SECONDS = 5.0  # that are made where nothing says how many
_LONGEST = 600.0  # seconds of a recording to go on from
_MUCH = 4_000  # samples of all takes: less is made before the compiled engine is at hand
_LOOKS = 8  # updates of the progress line for each second of sound
_MEASURED = 1.0  # seconds after which the rate is known
_LONG = 20.0  # seconds: what takes longer is said before


def generate(model: Model, arguments: argparse.Namespace) -> int:
    """Make sound from nothing, or as a spectrogram has it; prints what came of it."""
    from models.interface import Spectrogram
    from studio.engine.audio.rendering import Rendering, as_audio_model
    from studio.engine.generation.exporting import check_target

    model = as_audio_model(model)
    out = arguments.out or Path(f"{name_of(arguments.checkpoint)}-{arguments.seed}.wav")
    check_target(out, sound=True)
    spectrogram = _spectrogram(arguments, None, model)
    if isinstance(model.conditioning, Spectrogram) and spectrogram is None:
        say(
            "No recording or spectrogram was given: the model is conditioned on silence"
            " (see --condition and --spectrogram)."
        )
    return _speak(
        Rendering(model, options_of(arguments, model), spectrogram=spectrogram), out, arguments
    )


def complete(model: Model, arguments: argparse.Namespace) -> int:
    """Go on from the beginning of a recording, or fill a gap in it; prints what came of
    it."""
    from models.companding import mu_law_encode
    from studio.engine.audio.rendering import Rendering, as_audio_model
    from studio.engine.generation.exporting import check_target
    from studio.engine.media.recordings import read_recording

    model = as_audio_model(model)
    check_target(arguments.out, sound=True)
    if arguments.audio is None:
        raise StudioError(f"{model.name} continues sound: give the beginning with --audio.")
    if arguments.takes is not None and arguments.gap is None:
        raise StudioError("--takes is for a gap: say with --gap where it is, or leave it out.")
    recording = read_recording(arguments.audio, model.sample_rate, _LONGEST)
    if arguments.gap is not None:
        return gaps.fill(model, recording, arguments)
    if arguments.keep is None:
        say("The first half is kept and the model continues from there (see --keep).")
    keep = recording.seconds / 2 if arguments.keep is None else arguments.keep
    if keep > recording.seconds:
        raise StudioError(
            f'"{arguments.audio}" lasts {recording.seconds:.2f} s: {keep:g} s of it cannot be kept.'
        )
    beginning = mu_law_encode(recording.samples[: round(keep * recording.rate)])
    spectrogram = _spectrogram(arguments, arguments.audio, model)
    return _speak(
        Rendering(model, options_of(arguments, model), beginning, spectrogram),
        arguments.out,
        arguments,
    )


def _spectrogram(
    arguments: argparse.Namespace, recording: Path | None, model: AudioModel
) -> NDArray[np.float32] | None:
    """The spectrogram for a vocoder, (frames, mels): what the options name, or else that of a
    recording; None for other models."""
    from models.interface import Spectrogram
    from studio.engine.audio.spectrogram_files import read_spectrogram
    from studio.engine.scoring.sound_scoring import mel_spec_of

    vocoder = isinstance(model.conditioning, Spectrogram)
    if arguments.spectrogram is not None and not vocoder:
        raise StudioError(f"{model.name} takes no spectrogram: --spectrogram is for a vocoder.")
    if arguments.spectrogram is not None and arguments.condition is not None:
        raise StudioError("Give either --condition or --spectrogram, not both.")
    given = arguments.spectrogram or arguments.condition or recording
    if given is None or not vocoder:
        return None
    return read_spectrogram(given, mel_spec_of(model))


def report(model: Model, score: Score) -> list[str]:
    """What a score says, for a person."""
    lines = drawing.report(model, score)
    if score.baselines:
        trivial = (f"{bits:.4f} {name.replace('_', ' ')}" for name, bits in score.baselines.items())
        lines.append(f"Trivial models: {', '.join(trivial)}")
    if "log_mel_distance" in score.figures:
        lines.append(
            f"{score.figures['log_mel_distance']:.2f} dB from the recordings, made again from"
            " their spectrograms"
        )
    return lines


def _speak(rendering: Rendering, out: Path, arguments: argparse.Namespace) -> int:
    """Make as much as was asked for, or until Ctrl+C, and write it: each take to a file of its own,
    or all codes to one."""
    from studio.engine.audio.compiled_network import WAITING, CompiledNetwork, compilable

    start, rate, length = rendering.start, rendering.rate, rendering.length
    ends = [] if length is None else [length]
    if arguments.seconds is not None or length is None:
        ends.append(start + round((arguments.seconds or _SECONDS) * rate))
    end, status, begun = min(ends), DONE, time.monotonic()
    if not arguments.anyway:
        _check_room(rendering, end)
    left: float | None = None  # seconds, as soon as they can be told
    with ProgressLine() as line:
        try:
            much = (end - start) * rendering.options.count > _MUCH
            if much and rendering.model.device.type == "cpu" and compilable(rendering.model):
                line.show(WAITING)
                rendering.use(CompiledNetwork(rendering.model))
                begun = time.monotonic()
            while rendering.position < end:
                rendering.run(min(rate // _LOOKS, end - rendering.position))
                told, left = left, _seconds_left(rendering, end, begun)
                if told is None and left is not None and left > _LONG:
                    line.end()
                    say(f"This will take about {duration(left)}, at the rate of the beginning.")
                line.show(
                    f"Making sound: {(rendering.position - start) / rate:.1f} of"
                    f" {(end - start) / rate:.1f} s"
                    + (f", about {duration(left)} left" if left is not None else "")
                )
        except KeyboardInterrupt:
            status = INTERRUPTED
    made = (rendering.position - start) / rate
    speed = made / max(1e-9, time.monotonic() - begun)
    if status == INTERRUPTED:
        say(f"Interrupted after {made:.1f} of {(end - start) / rate:.1f} s; what was made is kept.")
    else:
        say(f"{made:.1f} s of sound generated, {speed:.2f} × real time.")
    facts = {
        "interrupted": status == INTERRUPTED,
        "seconds": made,
        "kept_seconds": start / rate,
        "sample_rate": rate,
        "times_real_time": speed,
    }
    written = _written(rendering, out, arguments) if rendering.position else []
    print_outcome(arguments, written, facts)
    return status


def _check_room(rendering: Rendering, end: int) -> None:
    """StudioError, with the estimate, for more sound than this machine has memory for."""
    try:
        rendering.check_room(end)
    except TooLargeError as error:
        raise StudioError(f"{error}{ANYWAY}") from error


def _seconds_left(rendering: Rendering, end: int, begun: float) -> float | None:
    """At the rate so far; None before that is known."""
    elapsed, made = time.monotonic() - begun, rendering.position - rendering.start
    return elapsed * (end - rendering.position) / made if elapsed > _MEASURED and made else None


def _written(rendering: Rendering, out: Path, arguments: argparse.Namespace) -> list[Path]:
    from models.companding import mu_law_decode
    from studio.engine.generation.exporting import save_levels
    from studio.engine.generation.provenance import how_it_was_made
    from studio.engine.media.recordings import write_recording

    if out.suffix.lower() == ".npy":
        save_levels(rendering.codes, out)
        return [out]
    name, count = name_of(arguments.checkpoint), len(rendering.codes)
    numbered = (
        [out.with_stem(f"{out.stem}-{take + 1}") for take in range(count)] if count > 1 else [out]
    )
    # one at a time: as samples they need four times the memory
    for take, path in enumerate(numbered):
        kept = f"{rendering.start / rendering.rate:.2f} s" if rendering.start else None
        metadata = how_it_was_made(
            name, rendering.model, rendering.options, take=take + 1, kept=kept
        )
        write_recording(path, mu_law_decode(rendering.codes[take]), rendering.rate, metadata)
    return numbered
