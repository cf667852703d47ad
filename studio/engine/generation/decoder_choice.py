"""Which way to decode is the fastest for a model here: measured once, when somebody asks, and kept
on the disk for as long as weights, device, torch and number of pictures are what they were."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import platformdirs
import torch

from models.interface import AutoregressiveModel, Model
from studio.engine.generation.decoders import (
    DECODERS,
    GRAPH,
    PARALLEL,
    SEQUENTIAL,
    Choice,
    batch_class,
    decoders_for,
)
from studio.engine.generation.generation import Generation
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions, refusal_to_decode
from studio.engine.runtime import devices
from studio.engine.runtime.files import write_atomically
from studio.engine.runtime.graphs import UncapturableError

ENOUGH = 1.0  # seconds of drawing site by site, from which the rest is worked out
_PATIENCE = 2.0  # times the best so far, after which another one is given up
_REPEATS = 3  # of what is quick
_AT_ONCE = 4096  # sites, of as many pictures as have them, that are looked over in a pass
_FEW = 16  # sites between two looks at the clock


def _never() -> bool:
    return False


def decoder_for(model: Model, options: SamplingOptions, weights: str, given: bool) -> str:
    """The way that "auto" stands for in a process that draws once: the fastest one that is known
    here and that the model has with these options; else one site after the other. Measures nothing.

    weights: see `choose`. given: whether a part of the pictures is.
    """
    found = known(model, options.count, weights)
    if found is None:
        return SEQUENTIAL
    fastest = found.fastest(given, once=True)
    refused = refusal_to_decode(replace(options, decode=fastest), model)
    return SEQUENTIAL if refused else fastest


def known(model: Model, count: int, weights: str) -> Choice | None:
    """What was measured here before; None where nothing was, or cannot be read."""
    if not weights or not decoders_for(model):
        return None
    try:
        return _read(json.loads(_place(model, count, weights).read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def choose(
    model: AutoregressiveModel,
    count: int = 1,
    weights: str = "",
    interrupted: Callable[[], bool] = _never,
    again: bool = False,
) -> Choice | None:
    """The fastest way to draw so many pictures on the model's device: known, or measured now and
    kept. None where it was interrupted.

    weights: their fingerprint (see `studio.engine.checkpoints.fingerprints`); "" keeps nothing.
    again: whatever is known.
    StudioError, one sentence, where it cannot be kept.
    """
    if not again and (found := known(model, count, weights)) is not None:
        return found
    found = measured(model, count, interrupted)
    if found is not None and weights:
        place = _place(model, count, weights)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, json.dumps(asdict(found), indent=1).encode())
    return found


def measured(
    model: AutoregressiveModel, count: int = 1, interrupted: Callable[[], bool] = _never
) -> Choice | None:
    """The same, measured whatever is known; None where it was interrupted."""
    batch = batch_class(count)
    seconds: dict[str, float | None] = {}
    differing: dict[str, int] = {}
    for decoder in decoders_for(model):
        generation = Generation(model, SamplingOptions(count=batch, decode=decoder))
        best = min((each for each in seconds.values() if each is not None), default=None)
        try:
            seconds[decoder] = _MEASURED_BY[decoder](generation, best, interrupted)
        except (UncapturableError, torch.OutOfMemoryError):
            seconds[decoder] = None
        if interrupted():
            return None
        if generation.position == generation.length:
            differing[decoder] = _differing(generation)
    where = f"{devices.name_of(model.device)}, torch {torch.__version__}"
    found = Choice(SEQUENTIAL, seconds, differing, batch, where)
    return replace(found, decoder=found.fastest(given=False))


# ---- measuring -----------------------------------------------------------------------------------


def _site_by_site(
    generation: Generation, best: float | None, interrupted: Callable[[], bool]
) -> float:
    """Seconds for all sites, worked out from the first where they take long."""
    device, sites = generation.model.device, generation.length
    generation.step(min(_FEW, sites // 2), interrupted)  # whatever happens only once
    devices.wait_for(device)
    before, began, took = generation.position, time.perf_counter(), 0.0
    while generation.position < sites and took < ENOUGH and not interrupted():
        generation.step(_FEW, interrupted)
        devices.wait_for(device)
        took = time.perf_counter() - began
    return took * sites / max(1, generation.position - before)


def _at_once(
    generation: Generation, best: float | None, interrupted: Callable[[], bool]
) -> float | None:
    model = generation.model
    model.conditionals(
        torch.zeros(
            1, model.spec.channels, *model.spec.space, dtype=torch.long, device=model.device
        )
    )
    devices.wait_for(model.device)
    began = time.perf_counter()

    def late() -> bool:
        over = best is not None and time.perf_counter() - began > _PATIENCE * best
        return over or interrupted()

    generation.step(generation.length, late)
    devices.wait_for(model.device)
    took = time.perf_counter() - began
    return took if generation.position == generation.length else None


def _by_graph(
    generation: Generation, best: float | None, interrupted: Callable[[], bool]
) -> float | None:
    generation.prepare(interrupted)
    generation.step(generation.length, interrupted)  # captured meanwhile, where that is quick
    took: list[float] = []
    for _ in range(_REPEATS):
        generation.restart()
        if (seconds := _at_once(generation, best, interrupted)) is None:
            return None
        took.append(seconds)
    return min(took)


_MEASURED_BY = {SEQUENTIAL: _site_by_site, PARALLEL: _at_once, GRAPH: _by_graph}


@torch.inference_mode()
def _differing(generation: Generation) -> int:
    """At how many values a pass over the finished pictures finds another level than was drawn:
    where the noise falls into what two ways to compute leave apart."""
    model = generation.model
    noise = noise_for(model, generation.options.count, generation.options.seed)
    differ, each = 0, max(1, _AT_ONCE // generation.length)
    for pictures, own in zip(
        torch.from_numpy(generation.values).to(model.device).split(each),
        noise.to(model.device)[:, model.order].split(each),
        strict=True,
    ):
        found = model.likelihood.sample(model.conditionals(pictures), own)
        differ += int((found != model.sites(pictures)).sum())
    return differ


# ---- kept ----------------------------------------------------------------------------------------


def folder() -> Path:
    """Where choices are kept."""
    return platformdirs.user_cache_path("autoregressive-studio", appauthor=False) / "decoders"


def _place(model: Model, count: int, weights: str) -> Path:
    """A file for all that a choice depends on."""
    said = weights, devices.name_of(model.device), torch.__version__, batch_class(count)
    return folder() / f"{hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()}.json"


def _read(kept: Any) -> Choice:
    """ValueError, TypeError or KeyError for what is none."""
    decoder, seconds = str(kept["decoder"]), dict(kept["seconds"])
    if not {decoder, *seconds} <= DECODERS.keys():
        raise ValueError(f"one of {decoder}, {seconds} is no decoder")
    return Choice(
        decoder,
        {str(name): None if each is None else float(each) for name, each in seconds.items()},
        {str(name): int(each) for name, each in dict(kept["differing"]).items()},
        int(kept["batch"]),
        str(kept["machine"]),
    )
