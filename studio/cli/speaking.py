"""`studio generate` and `studio complete` with a model for sound: from nothing, from a spectrogram,
or after a beginning. For a gap see `studio.cli.gaps`."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from studio.cli import drawing, gaps, many
from studio.cli.options import ANYWAY
from studio.cli.outcomes import print_outcome
from studio.cli.recalling import scene_of
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, duration, say
from studio.engine.checkpoints.places import name_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.interface import AudioModel, Model
    from studio.engine.audio.best_takes import Tried
    from studio.engine.audio.rendering import Rendering
    from studio.engine.scenes.scene import Scene
    from studio.engine.scoring.scores import Score

_LONGEST = 600.0  # seconds of a recording to go on from
_LOOKS = 8  # updates of the progress line for each second of sound
_MEASURED = 1.0  # seconds after which the rate is known
_LONG = 20.0  # seconds: what takes longer is said before


def generate(model: Model, arguments: argparse.Namespace) -> int:
    """Make sound from nothing, or as a spectrogram has it; prints what came of it."""
    from studio.engine.audio.rendering import as_audio_model
    from studio.engine.generation.exporting import check_target
    from studio.engine.scenes.drawing import rendering_of

    model = as_audio_model(model)
    if arguments.shard is not None:
        if arguments.takes is not None:
            raise StudioError("--takes chooses among all of them: leave out --shard.")
        return many.generate(model, _asked(arguments, model), arguments)
    out = arguments.out or Path(f"{name_of(arguments.checkpoint)}-{arguments.seed}.wav")
    check_target(out, sound=True)
    scene, facts = _asked(arguments, model), dict[str, Any]()
    if arguments.takes is not None:
        tried = _tried(scene, model, arguments)
        best = tuple(each.take for each in tried[: scene.options.count])
        scene = scene.with_options(chosen_takes=best)
        facts = {"takes": [_take_facts(each) for each in tried]}
    return _speak(rendering_of(scene, model), scene, out, arguments, facts=facts)


def _asked(arguments: argparse.Namespace, model: AudioModel) -> Scene:
    """What the options of `studio generate` ask for."""
    from models.interface import Spectrogram
    from studio.engine.scenes.scene import Sound

    given = scene_of(arguments, model)
    sound, spectrogram = given.sound or Sound(), _spectrogram(arguments, None, model)
    if spectrogram is not None:
        sound = replace(sound, spectrogram=spectrogram)
    if isinstance(model.conditioning, Spectrogram) and sound.spectrogram is None:
        say(
            "No recording or spectrogram was given: the model is conditioned on silence"
            " (see --condition and --spectrogram)."
        )
    # all of a spectrogram, however much of it the scene had made
    seconds = arguments.seconds or (0.0 if sound.spectrogram is not None else sound.seconds)
    return replace(given, sound=replace(sound, seconds=seconds))


def complete(model: Model, arguments: argparse.Namespace) -> int:
    """Go on from the beginning of a recording, or fill a gap in it; prints what came of
    it."""
    from models.companding import mu_law_encode
    from studio.engine.audio.rendering import as_audio_model
    from studio.engine.generation.exporting import check_target
    from studio.engine.media.recordings import read_recording
    from studio.engine.scenes.drawing import rendering_of
    from studio.engine.scenes.scene import Sound

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
    sound = Sound(
        beginning, model.sample_rate, spectrogram=spectrogram, seconds=arguments.seconds or 0.0
    )
    scene = replace(scene_of(arguments, model), sound=sound)
    return _speak(rendering_of(scene, model), scene, arguments.out, arguments)


def recall(model: Model, scene: Scene, arguments: argparse.Namespace) -> int:
    """Make the sound that a scene says: the take that it names, or the codes of all of them; prints
    what came of it."""
    from studio.engine.audio.rendering import as_audio_model
    from studio.engine.generation.exporting import check_target
    from studio.engine.scenes.drawing import rendering_of

    model = as_audio_model(model)
    check_target(arguments.out, sound=True)
    return _speak(rendering_of(scene, model), scene, arguments.out, arguments, alone=True)


def _tried(scene: Scene, model: AudioModel, arguments: argparse.Namespace) -> list[Tried]:
    """As many takes as the options ask for, the best first; StudioError where they are too many, or
    fewer than are to be kept."""
    from studio.engine.audio.best_takes import best_first, in_words
    from studio.engine.generation.sampling_options import MOST_TAKES
    from studio.engine.scenes.drawing import end_of_sound, rendering_of

    takes = arguments.takes
    if takes > MOST_TAKES:
        raise StudioError(f"At most {MOST_TAKES} takes are tried, not {takes}.")
    if takes < scene.options.count:
        raise StudioError(
            f"Of {takes} takes no {scene.options.count} can be kept: choose more with --takes, or"
            " fewer with --count."
        )
    every = scene.with_options(count=takes, chosen_takes=())
    rendering = rendering_of(every, model, scored=True)
    end = end_of_sound(every, rendering)
    if not arguments.anyway:
        _check_room(rendering, end)
    with ProgressLine() as line:
        tried = best_first(
            rendering, end, lambda share: line.show(f"Trying {takes} takes: {share:.0%}")
        )
    say(in_words(tried))
    return tried


def _take_facts(tried: Tried) -> dict[str, Any]:
    """What JSON says of a take that was tried."""
    return {
        "take": tried.take + 1,
        "bits_per_sample": tried.bits,
        "loudest_dbfs": tried.loudest if math.isfinite(tried.loudest) else None,
        "dropped": tried.dropped,
    }


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
    from studio.engine.scoring import intelligibility

    lines = drawing.report(model, score)
    if score.baselines:
        trivial = (f"{bits:.4f} {name.replace('_', ' ')}" for name, bits in score.baselines.items())
        lines.append(f"Trivial models: {', '.join(trivial)}")
    if "log_mel_distance" in score.figures:
        lines.append(
            f"{score.figures['log_mel_distance']:.2f} dB from the recordings, made again from"
            f" their spectrograms; {score.figures['loudness_difference']:.1%} of the loudness"
            " differs"
        )
        level, missing = (score.figures.get(name, 0.0) for name in ("level_difference", "missing"))
        lines.append(
            f"{level:.1f} dB louder or softer as a whole; gaps in {missing:.1%} of what is heard"
        )
        if "stoi" in score.figures:
            lines.append(f"{score.figures['stoi']:.3f} of 1 can be understood (STOI)")
        elif not intelligibility.installed():
            lines.append(intelligibility.ADVICE)
    return lines


def _speak(
    rendering: Rendering,
    scene: Scene,
    out: Path,
    arguments: argparse.Namespace,
    alone: bool = False,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Make the sound up to its end, or until Ctrl+C, and write them with the scene: each
    take to a file of its own, or only the scene's, or all codes to one."""
    from studio.engine.audio.compiled_network import WAITING, CompiledNetwork, worth_compiling
    from studio.engine.scenes.drawing import end_of_sound

    end = end_of_sound(scene, rendering)
    start, rate, status, begun = rendering.start, rendering.rate, DONE, time.monotonic()
    if not arguments.anyway:
        _check_room(rendering, end)
    left: float | None = None  # seconds, as soon as they can be told
    with ProgressLine() as line:
        try:
            if worth_compiling(rendering.model, (end - start) * rendering.options.count):
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
        **facts,
        "interrupted": status == INTERRUPTED,
        "seconds": made,
        "kept_seconds": start / rate,
        "sample_rate": rate,
        "times_real_time": speed,
    }
    written = _written(rendering, scene, out, alone) if rendering.position else []
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


def _written(rendering: Rendering, scene: Scene, out: Path, alone: bool) -> list[Path]:
    from models.companding import mu_law_decode
    from studio.engine.generation.exporting import ARRAYS, save_levels
    from studio.engine.generation.provenance import how_it_was_made
    from studio.engine.media.recordings import write_recording
    from studio.engine.scenes.document import as_text
    from studio.engine.scenes.drawing import made_scene, of_take, take_of

    made = made_scene(scene, rendering)
    if out.suffix.lower() in ARRAYS:
        save_levels(rendering.codes, out, as_text(made))
        return [out]
    takes = [take_of(scene)] if alone else range(len(rendering.codes))
    several, numbers = len(takes) > 1, rendering.options.take_numbers
    files = {take: out.with_stem(f"{out.stem}-{take + 1}") if several else out for take in takes}
    # one at a time: as samples they need four times the memory
    for take, path in files.items():
        kept = f"{rendering.start / rendering.rate:.2f} s" if rendering.start else None
        metadata = how_it_was_made(
            scene.model.name, rendering.model, rendering.options, take=numbers[take] + 1, kept=kept
        )
        samples = mu_law_decode(rendering.codes[take])
        document = as_text(of_take(made, take))
        write_recording(path, samples, rendering.rate, metadata, document)
    return list(files.values())
