"""Very many samples from nothing, drawn in parts by many processes, and joined to one file; see
`studio.engine.media.parts`.

A part is drawn at once, and is the same whoever draws it: its noise comes from the seed and the
numbers of its pictures, and how many it has does not depend on how many shards there are. It
carries a scene, from which the studio draws the same again.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from models.interface import AutoregressiveModel, Model
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
from studio.engine.scenes.scene import Scene

KIND = "samples"
SAMPLES, NATS = "samples", "nats"  # the arrays of a part: levels (n, C, H, W), and (n,)
_MOST = 1024  # samples of a part
_LEAST_PARTS = 16  # of fewer samples, so that several processes have something to do
_ROOM = 2 << 30  # bytes that drawing a part may take
_SITES = 16  # drawn between two reports


def begin(folder: Path, scene: Scene, model: Model, shard: Shard, anyway: bool = False) -> Parts:
    """The parts of what a scene asks for, in a folder that is made where there is none;
    StudioError, one sentence, where that is not pictures from nothing, or the folder is of other
    work.

    anyway: also where a part is estimated to take more memory than there is.
    """
    model, options = _checked(scene, model), scene.options
    document = as_document(Scene(scene.model, options))
    asked = {key: document[key] for key in ("model", "options")}
    size = _size_for(model, options.count)
    parts = Parts(folder, KIND, asked, options.count, size, shard.of).begun()
    if not anyway:
        check_room(model, replace(options, count=parts.size))
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
    model = as_autoregressive(model)
    noise, mine, drawn = Noise(model, scene.options.seed), parts.of(shard), 0
    for place, part in enumerate(mine):
        if parts.is_done(part):
            continue
        alone = _scene_of(part, scene)
        rows = noise.rows(alone.options.first, alone.options.count)
        generation = Generation(model, alone.options, noise=rows)
        while generation.position < generation.length:
            generation.step(min(_SITES, generation.length - generation.position))
            report((place + generation.position / generation.length) / len(mine))
        arrays = {SAMPLES: generation.values, NATS: generation.nats.sum(1)}
        parts.write(part, arrays, as_text(alone))
        drawn += 1
    return drawn


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
    return Scene(scene.model, replace(scene.options, count=count, first=first))


def _checked(scene: Scene, model: Model) -> AutoregressiveModel:
    model, options = as_autoregressive(model), scene.options
    if model.spec.sites is None:
        raise StudioError(f"{model.name} makes sound: --shard is for models that draw pictures.")
    if scene.evidence is not None or scene.changes or scene.earlier:
        raise StudioError(
            "--shard is for pictures from nothing, and in this scene something is given."
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


def _size_for(model: AutoregressiveModel, count: int) -> int:
    """How many samples a part has: a power of two that depends on the model and on how many there
    are in all, and on nothing else, so that every process draws the same batches."""
    size = 1 << (max(1, min(_MOST, count // _LEAST_PARTS)).bit_length() - 1)
    while size > 1 and not is_small(model, size) and room(model, size) > _ROOM:
        size //= 2
    return size


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
