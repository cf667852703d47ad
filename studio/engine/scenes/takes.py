"""Takes of sound that are compared: each scene's, of the same length and equally loud, so that one
is not preferred for being louder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.engine.media.levels import Samples, level
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.document import as_text
from studio.engine.scenes.drawing import rendering_of
from studio.engine.scenes.grid import Loaded
from studio.engine.scenes.plan import Plan
from studio.engine.scenes.scene import ModelReference, Scene

if TYPE_CHECKING:
    from studio.engine.audio.rendering import Rendering

_SILENT = -80.0  # dBFS below which there is nothing to be matched
_HIGHEST = 0.98  # what no sample exceeds
_PAUSE = 0.4  # seconds between two takes in one file
_LOOK_SECONDS = 0.1  # of sound between two looks at whether to go on


@dataclass(frozen=True, eq=False)
class Take:
    """title: of its scene. samples: float32 (n,) in -1..1, `rate` a second; empty where there are
    none, and `sentence` says why.
    gain: dB by which it was made louder.
    seconds: that its model worked.
    """

    title: str
    samples: Samples
    rate: int
    gain: float = 0.0
    seconds: float = 0.0
    sentence: str = ""

    @property
    def level(self) -> float:
        """See `studio.engine.media.levels.level`."""
        return level(self.samples)


def matched(takes: Sequence[Take]) -> list[Take]:
    """The same, equally loud: as loud as the loudest, or as loud as all can be without one of them
    clipping. Silent ones stay as they are."""
    heard = [take for take in takes if take.level > _SILENT]
    if not heard:
        return list(takes)
    most = (take.level + _decibels(_HIGHEST / np.abs(take.samples).max()) for take in heard)
    common = min(max(take.level for take in heard), *most)
    return [_louder(take, common - take.level) if take in heard else take for take in takes]


def make_takes(
    plan: Plan,
    models: Mapping[ModelReference, Loaded],
    seconds: float,
    going_on: Callable[[float], bool] = lambda share: True,
) -> list[Take]:
    """The takes of all scenes, so many seconds of each after what it begins with, as far as there
    are any; not matched. What does not fit is a sentence in its take.

    going_on: is told the share that is done, every now and then; False ends it early.
    """
    made: list[Take] = []
    count = len(plan.scenes)
    for index, (scene, title) in enumerate(zip(plan.scenes, plan.titles, strict=True)):
        loaded = models[scene.model]

        def look(share: float, index: int = index) -> bool:
            return going_on((index + share) / count)

        try:
            made.append(_made(scene, title, loaded, seconds, look))
        except StudioError as error:
            made.append(Take(title, np.zeros(0, np.float32), 1, sentence=str(error)))
    return alike(made)


def _made(
    scene: Scene, title: str, loaded: Loaded, seconds: float, going_on: Callable[[float], bool]
) -> Take:
    if loaded.model is None:
        raise StudioError(loaded.sentence)
    single = scene.with_options(count=1) if scene.sound is None else scene
    rendering = rendering_of(single, loaded.model)
    end = rendering.start + round(seconds * rendering.rate)
    end = end if rendering.length is None else min(end, rendering.length)
    _hurry(rendering, end)
    began = time.perf_counter()
    stretch = max(1, round(_LOOK_SECONDS * rendering.rate))
    while rendering.position < end:
        share = (rendering.position - rendering.start) / max(1, end - rendering.start)
        if not going_on(share):
            break
        rendering.run(min(stretch, end - rendering.position))
    take = 0 if scene.sound is None else min(scene.sound.take, len(rendering.codes) - 1)
    return Take(
        title,
        rendering.samples()[take],
        rendering.rate,
        seconds=time.perf_counter() - began,
        sentence=loaded.sentence,
    )


def _hurry(rendering: Rendering, end: int) -> None:
    """Let the compiled engine make the samples, where there can be one and it is worth it."""
    from studio.engine.audio.compiled_network import CompiledNetwork, worth_compiling

    if worth_compiling(rendering.model, (end - rendering.start) * rendering.options.count):
        rendering.use(CompiledNetwork(rendering.model))


def alike(takes: Sequence[Take]) -> list[Take]:
    """At the rate of the finest, and as long as the shortest."""
    import soxr

    there = [take for take in takes if take.samples.size]
    if not there:
        return list(takes)
    rate = max(take.rate for take in there)
    finer = {
        id(take): take.samples
        if take.rate == rate
        else np.asarray(soxr.resample(take.samples, take.rate, rate, "VHQ"), np.float32)
        for take in there
    }
    shortest = min(map(len, finer.values()))
    return [
        replace(take, samples=finer[id(take)][:shortest], rate=rate) if id(take) in finer else take
        for take in takes
    ]


def in_turn(takes: Sequence[Take]) -> tuple[Samples, int]:
    """All of them one after the other, with a pause between, and their rate; StudioError where
    there are none."""
    heard = [take for take in takes if take.samples.size]
    if not heard:
        raise StudioError("None of these scenes makes sound.")
    rate = heard[0].rate
    pause = np.zeros(round(_PAUSE * rate), np.float32)
    parts = [part for take in heard for part in (pause, take.samples)][1:]
    return np.concatenate(parts), rate


def save_in_turn(plan: Plan, takes: Sequence[Take], path: Path) -> None:
    """Write them as `in_turn` has them; StudioError where that cannot be."""
    from studio.engine.media.recordings import write_recording

    samples, rate = in_turn(takes)
    metadata = {"takes": ", ".join(plan.titles)}
    write_recording(path, samples, rate, metadata, as_text(plan.as_scene))


def figures_of(take: Take) -> str:
    """How long, how loud, and by how much it was made louder or softer."""
    if not take.samples.size:
        return ""
    loud = "silent" if take.level < _SILENT else f"{take.level:.1f} dBFS"
    gain = f" · {take.gain:+.1f} dB" if take.gain else ""
    return f"{len(take.samples) / take.rate:.1f} s · {loud}{gain}"


def _decibels(ratio: float) -> float:
    return 20 * math.log10(float(ratio))


def _louder(take: Take, gain: float) -> Take:
    samples = (take.samples * np.float32(10 ** (gain / 20))).clip(-_HIGHEST, _HIGHEST)
    return replace(take, samples=samples, gain=take.gain + gain)
