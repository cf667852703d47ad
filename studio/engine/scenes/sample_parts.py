"""Very many samples from nothing, drawn in parts by many processes, and joined to one file; see
`studio.engine.media.parts`.

A sample is a picture, or a take of sound. A part is made at once, and is the same whoever makes it:
its noise comes from the seed and the numbers of its samples, and how many it has does not depend on
how many shards there are. It carries a scene, from which the studio makes the same again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from models.interface import AudioModel, AutoregressiveModel, Model
from studio.engine.audio.compiled_network import CompiledNetwork, compilable
from studio.engine.audio.rendering import as_audio_model
from studio.engine.generation.exporting import ARRAYS, check_target
from studio.engine.generation.generation import Generation, as_autoregressive
from studio.engine.generation.noise import Noise
from studio.engine.generation.room import check_room, is_small, room
from studio.engine.generation.sampling_options import CERTAIN, MOST_FIRST, check_options
from studio.engine.media.attached import attach
from studio.engine.media.parts import Part, Parts
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically
from studio.engine.runtime.shards import Shard
from studio.engine.scenes.document import (
    FORMAT,
    VERSION,
    as_document,
    as_text,
    from_document,
)
from studio.engine.scenes.drawing import end_of_sound, rendering_of
from studio.engine.scenes.scene import Scene

KIND = "samples"
_ASKED = "model", "options", "sound"  # the parts of a scene's document that samples depend on
# the arrays of a part: levels (n, C, H, W), of sound (n, samples); and (n,)
SAMPLES, NATS = "samples", "nats"
_MOST, _MOST_TAKES = 1024, 16  # pictures of a part, and takes
_LEAST_PARTS = 16  # of fewer samples, so that several processes have something to do
_ROOM = 2 << 30  # bytes that drawing a part may take
_SITES = 16  # drawn between two reports
_LOOKS = 8  # reports for each second of sound

Making = Callable[[Scene, Callable[[float], object]], dict[str, NDArray[Any]]]


def begin(folder: Path, scene: Scene, model: Model, shard: Shard, anyway: bool = False) -> Parts:
    """The parts of what a scene asks for, in a folder that is made where there is none;
    StudioError, one sentence, where something is given in it that is to be gone on from, or the
    folder is of other work.

    scene: of sound, how many seconds there are, or a spectrogram.

    anyway: also where a part is estimated to take more memory than there is.
    """
    model, options = _checked(scene, model), scene.options
    document = as_document(Scene(scene.model, options, sound=scene.sound))
    asked = {key: document[key] for key in _ASKED if key in document}
    size = _size_for(model, scene)
    parts = Parts(folder, KIND, asked, options.count, size, shard.of).begun()
    if not anyway:
        _check_room(model, scene.with_options(count=parts.size))
    return parts


def draw(
    parts: Parts,
    shard: Shard,
    scene: Scene,
    model: Model,
    report: Callable[[float], object] = lambda share: None,
) -> int:
    """Draw those parts of a shard that are not there; how many these were.

    report: is called with 0..1, how much of the shard is there.
    """
    model, mine, drawn = as_autoregressive(model), parts.of(shard), 0
    make = (
        _pictures(model, scene.options.seed)
        if model.spec.sites is not None
        else _takes(as_audio_model(model))
    )
    for place, part in enumerate(mine):
        if parts.is_done(part):
            continue
        alone = _scene_of(part, scene)
        arrays = make(alone, partial(_report_of_part, report, place, len(mine)))
        parts.write(part, arrays, as_text(alone))
        drawn += 1
    return drawn


def _pictures(model: AutoregressiveModel, seed: int) -> Making:
    """What draws the pictures of a part."""
    noise = Noise(model, seed)

    def make(scene: Scene, report: Callable[[float], object]) -> dict[str, NDArray[Any]]:
        rows = noise.rows(scene.options.first, scene.options.count)
        generation = Generation(model, scene.options, noise=rows)
        while generation.position < generation.length:
            generation.step(min(_SITES, generation.length - generation.position))
            report(generation.position / generation.length)
        return {SAMPLES: generation.values, NATS: generation.nats.sum(1)}

    return make


def _takes(model: AudioModel) -> Making:
    """What makes the takes of a part, by the compiled engine where there is one."""
    compiled = model.device.type == "cpu" and compilable(model)
    engine = CompiledNetwork(model) if compiled else None

    def make(scene: Scene, report: Callable[[float], object]) -> dict[str, NDArray[Any]]:
        rendering = rendering_of(scene, model, scored=True)
        rendering.use(engine)
        end = end_of_sound(scene, rendering)
        while rendering.position < end:
            rendering.run(min(rendering.rate // _LOOKS, end - rendering.position))
            report(rendering.position / end)
        return {SAMPLES: rendering.codes, NATS: rendering.nats}

    return make


def _report_of_part(
    report: Callable[[float], object], place: int, parts: int, share: float
) -> None:
    report((place + share) / parts)


def join(parts: Parts, path: Path) -> None:
    """Write all samples to one .npy or .npz, the file that one process would have written which had
    drawn them at once; a part at a time, so that they are never in memory together. StudioError,
    one sentence, where parts are missing or damaged."""
    if path.suffix.lower() not in ARRAYS:
        raise StudioError(f'"{path}" cannot hold them: choose .npy or .npz.')
    check_target(path)
    parts.check_whole()
    scene = scene_of(parts)
    first = parts.read(parts.part(0)).get(SAMPLES)
    if first is None:
        raise StudioError(f'The parts in "{parts.folder}" hold no samples.')
    shape = (parts.total, *first.shape[1:])

    def write(to: Path) -> None:
        if path.suffix.lower() == ".npy":
            with to.open("wb") as file:
                _write_array(file, shape, _samples(parts, shape))
        else:  # as np.savez_compressed does, that takes whole arrays only
            with (
                zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive,
                archive.open("arr_0.npy", "w", force_zip64=True) as file,
            ):
                _write_array(file, shape, _samples(parts, shape))
        attach(to, as_text(scene))

    write_atomically(path, write)


def scene_of(parts: Parts) -> Scene:
    """The scene of all samples together; StudioError where the index is of other work."""
    if parts.kind != KIND:
        raise StudioError(f'The parts in "{parts.folder}" are no samples, but {parts.kind}.')
    document = {"format": FORMAT, "version": VERSION, **parts.asked}
    return from_document(document, f'The index of "{parts.folder}"')


def _scene_of(part: Part, scene: Scene) -> Scene:
    count, first = part.end - part.begin, scene.options.first + part.begin
    options = replace(scene.options, count=count, first=first)
    return Scene(scene.model, options, sound=scene.sound)


def _checked(scene: Scene, model: Model) -> AutoregressiveModel:
    model, options = as_autoregressive(model), scene.options
    beginning = scene.sound is not None and scene.sound.beginning is not None
    if scene.evidence is not None or scene.changes or scene.earlier or beginning:
        raise StudioError(
            "--shard is for samples from nothing, and in this scene something is given."
        )
    if options.chosen_takes:
        raise StudioError(
            "--shard makes the takes of a seed in turn, and in this scene some of them are chosen."
        )
    check_options(options, model)
    if options.order == CERTAIN:
        raise StudioError(
            f"In the order {CERTAIN} a picture depends on those that are drawn with it: choose"
            " another --order, or draw without --shard."
        )
    if options.first + options.count > MOST_FIRST:
        raise StudioError(
            f"A seed has {MOST_FIRST:,} samples: ask for fewer, or take several seeds."
        )
    return model


def _size_for(model: AutoregressiveModel, scene: Scene) -> int:
    """How many samples a part has: a power of two that depends on the model and on what is asked
    for, and on nothing else, so that every process makes the same parts."""
    sound, count = model.spec.sites is None, scene.options.count
    most = min(_MOST_TAKES if sound else _MOST, count // _LEAST_PARTS)
    size = 1 << (max(1, most).bit_length() - 1)
    while size > 1 and not sound and not is_small(model, size) and room(model, size) > _ROOM:
        size //= 2
    return size


def _check_room(model: AutoregressiveModel, scene: Scene) -> None:
    """TooLargeError for a part that this machine has no memory for."""
    if model.spec.sites is not None:
        check_room(model, scene.options)
    else:
        rendering = rendering_of(scene, model, scored=True)
        rendering.check_room(end_of_sound(scene, rendering))


def _samples(parts: Parts, shape: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    """One part after the other."""
    for number in range(parts.count):
        part = parts.part(number)
        samples = parts.read(part).get(SAMPLES)
        wanted = (part.end - part.begin, *shape[1:])
        if samples is None or samples.dtype != np.uint8 or samples.shape != wanted:
            raise StudioError(f'"{parts.folder / part.file}" does not hold what the index says.')
        yield samples


def _write_array(file: Any, shape: tuple[int, ...], pieces: Iterator[NDArray[np.uint8]]) -> None:
    """An array of bytes in NumPy's format, in pieces along its first dimension."""
    header = {"descr": npy.dtype_to_descr(np.dtype(np.uint8)), "fortran_order": False}
    npy.write_array_header_1_0(file, {**header, "shape": shape})
    for piece in pieces:
        file.write(np.ascontiguousarray(piece).tobytes())
