"""How fast drawing is: the cached stepper against the naive loop, and the player against the bare
loop, in one run.

The naive loop is the one of many tutorials: for every pixel a full forward pass over the whole
picture, of which one row is used. Both loops have the same weights and the same noise and must come
to the same pictures. Its time does not depend on which pixel it stands at, so with a large batch it
is timed at some sites, evenly spread, and multiplied up; the document says how many. That the
pictures are the same is checked at all sites even then: given a finished picture, one parallel pass
has the parameters that the naive loop would have found at every site, as no site depends on later
ones. A model that predicts all unknown sites has no such pass, and nothing to cache: its stepper
makes the passes of the naive loop, and what is compared is one thread with as many as are best.

It computes with as many threads as make it fastest, which is tried; the stepper with one. Beside
both stand the other ways to draw that a model has: all sites at once, again and again until nothing
changes, and captured steps, compiled for the processor, with what capturing them took before.

Beside it stands what the arithmetic alone would take: the floating-point operations of one parallel
pass, which uses every weight once at every site, as a cached loop has to, at the speed of a large
matrix product measured on this machine.

What speaks instead of drawing is measured in `studio.engine.bench.sound_speed`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Tensor

import models
from models.interface import AutoregressiveModel, OrderAgnosticModel
from studio.demonstrations import QUICK_BENCH
from studio.engine import checkpoints, kinds
from studio.engine.audio.compiled_network import compilable
from studio.engine.audio.rendering import as_audio_model
from studio.engine.bench import sound_speed
from studio.engine.checkpoints import cards
from studio.engine.generation.decoders import CALLED, GRAPH, PARALLEL, SEQUENTIAL, decoders_for
from studio.engine.generation.generation import Generation, as_autoregressive
from studio.engine.generation.noise import noise_for
from studio.engine.generation.player import Player
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import devices
from studio.engine.runtime.actor import DISPLAY_RATE
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.operations import Counter
from studio.engine.runtime.threads import fastest, one_thread, with_threads
from studio.engine.runtime.timing import seconds_for

GROUPS = ("sampling", "player", "audio")
BATCHES, QUICK_BATCHES = (1, 64), (1, 4)
_PATIENCE = 2.0  # times the cached one, after which another way is given up
_MATRIX = 1024  # side of the matrices whose product sets the limit

Document = dict[str, Any]


def run(
    only: str | None = None, quick: bool = False, show: Callable[[str], object] = lambda text: None
) -> Document:
    """Measure, and return a document that JSON can hold.

    only: a model, or one of `GROUPS`; StudioError for anything else.
    quick: fewer models, batches and repeats; for tests.
    show: is given what is being measured.
    """
    names = list(QUICK_BENCH) if quick else models.autoregressive()
    if only in models.autoregressive():
        names = [only]
    elif only is not None and only not in GROUPS:
        alone = ("completion", "gaps", "training", "decode", "recognised")
        known = ", ".join((*GROUPS, *alone, *models.autoregressive()))
        raise StudioError(f'There is no benchmark "{only}": choose one of {known}.')
    groups = [only] if only in GROUPS else list(GROUPS)
    peak = matmul_speed()
    document: Document = {
        "machine": devices.describe("cpu"),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "quick": quick,
        "matmul_gflops": peak / 1e9,
    }
    for group in groups:
        document[group] = {}
    for name in names:
        sound = kinds.listed(name).endless
        wanted = [group for group in groups if (group == "audio") == sound]
        if not wanted:
            continue
        show(f"Measuring {name}; anything else that runs here makes the figures worse.")
        model, weights = _model(name)
        if "sampling" in wanted:
            document["sampling"][name] = [
                {"weights": weights, **sampling(model, batch, peak, quick)}
                for batch in (QUICK_BATCHES if quick else BATCHES)
            ]
        if "player" in wanted:
            document["player"][name] = {"weights": weights, **playing(model, quick)}
        if "audio" in wanted and compilable(audio := as_audio_model(model)):
            document["audio"][name] = {"weights": weights, **sound_speed.measure(audio, quick)}
    return document


def as_text(document: Document) -> str:
    """The document for a person."""
    lines = [
        f"{document['machine']}; a matrix product runs at {document['matmul_gflops']:.0f} GFLOP/s."
    ]
    for name, rows in document.get("sampling", {}).items():
        lines += ["", f"{name}, {rows[0]['weights']}:"]
        for row in rows:
            same = (
                "the same pictures"
                if row["identical"]
                else f"{row['values_that_differ']} VALUES DIFFER"
            )
            timed = (
                ""
                if row["naive_sites_timed"] == row["sites"]
                else f" (timed at {row['naive_sites_timed']} sites)"
            )
            lines.append(
                f"  batch {row['batch']:>2}: {row['cached_seconds']:.3f} s cached,"
                f" {row['naive_seconds']:.1f} s naive with {row['naive_threads']} of"
                f" {document['threads']} threads{timed}: {row['speedup']:.0f} times as fast,"
                f" {same}; {row['times_the_arithmetic']:.1f} times what the arithmetic alone would"
                f" take{_others_as_text(row)}"
            )
    for name, row in document.get("player", {}).items():
        lines.append(
            f"{name}: the player draws {row['player_sites_per_second']:,.0f} sites a second, "
            f"{row['share_of_bare']:.0%} of the bare loop"
        )
    for name, row in document.get("audio", {}).items():
        lines += ["", sound_speed.as_text(name, row)]
    return "\n".join(lines)


def _others_as_text(row: Document) -> str:
    found = ""
    for way in (PARALLEL, GRAPH):
        if (other := row["ways"].get(way)) is None:
            continue
        if other["seconds"] is None:
            found += f"; {CALLED[way]} longer than twice as long"
            continue
        found += (
            f"; {CALLED[way]} {other['seconds']:.3f} s, {other['speedup']:.1f} times the cached"
        )
        if "capturing_seconds" in other:
            found += f" (once {other['capturing_seconds']:.1f} s to capture)"
        if other["values_that_differ"]:
            found += f", {other['values_that_differ']} values differ"
    return found


def _model(name: str) -> tuple[AutoregressiveModel, str]:
    """The model, and where its weights come from."""
    if name in cards.shipped():
        return as_autoregressive(checkpoints.load(name)), "shipped weights"
    torch.manual_seed(0)
    return as_autoregressive(models.build(name)).requires_grad_(False).eval(), "fresh weights"


def matmul_speed() -> float:
    """Floating-point operations a second of a large float32 matrix product."""
    a = torch.rand(_MATRIX, _MATRIX)
    seconds = seconds_for(lambda: a @ a, repeats=7)
    return 2 * _MATRIX**3 / seconds


@one_thread()
@torch.inference_mode()
def cached(model: AutoregressiveModel, noise: Tensor) -> Tensor:
    """Draw with the stepper: noise (B, N, draws) by raster index -> int64 (B, C, H, W)."""
    stepper = model.stepper(len(noise))
    drawn = []
    for each in noise[:, model.order].unbind(1):
        values = model.likelihood.sample(stepper.conditional(), each)
        stepper.commit(values)
        drawn.append(values)
    pictures = torch.empty(len(noise), model.spec.channels, len(model.order), dtype=torch.long)
    pictures[:, :, model.order] = torch.stack(drawn, 2)
    return pictures.unflatten(2, model.spec.space)


@torch.inference_mode()
def naive(model: AutoregressiveModel, noise: Tensor) -> Tensor:
    """Draw with a full forward pass for every site."""
    pictures = torch.zeros(len(noise), model.spec.channels, *model.spec.space, dtype=torch.long)
    flat = pictures.flatten(2)
    for i, site in enumerate(model.order.tolist()):
        flat[:, :, site] = model.likelihood.sample(whole_pass(model, pictures, i), noise[:, site])
    return pictures


def whole_pass(model: AutoregressiveModel, pictures: Tensor, rank: int) -> Tensor:
    """The parameters (B, P) of one site of the order by a pass over all of pictures (B, C, H, W),
    whose later sites make no difference."""
    if not isinstance(model, OrderAgnosticModel):
        return model.conditionals(pictures)[:, rank]
    known = (model.order.argsort() < rank).expand(len(pictures), -1)
    return model.predict(pictures, known.unflatten(1, model.spec.space))[:, model.order[rank]]


def sampling(model: AutoregressiveModel, batch: int, peak: float, quick: bool) -> Document:
    """Cached against naive for one batch."""
    noise, sites = noise_for(model, batch, seed=0), len(model.order)
    found: list[Tensor] = []
    cached_seconds = seconds_for(
        lambda: found.append(cached(model, noise)), repeats=1 if quick else 5
    )
    pictures = found[-1]
    differ = (
        torch.zeros_like(pictures, dtype=torch.bool)
        if model.predicts_all
        else differing(model, noise, pictures)
    )
    threads = naive_threads(model, pictures)
    if batch == 1 and not quick:
        timed, other = sites, list[Tensor]()
        with with_threads(threads):
            naive_seconds = seconds_for(
                lambda: other.append(naive(model, noise)), repeats=3, warm_up=False
            )
        differ = differ | (other[-1] != pictures)
    else:
        timed = min(sites, 4 if quick else 16)
        with with_threads(threads):
            naive_seconds = naive_at(model, noise, pictures, differ, timed) * sites
    arithmetic = operations(model) * batch / peak
    ways = {
        way: other_way(model, way, pictures, cached_seconds, 1 if quick else 5)
        for way in decoders_for(model)
        if way != SEQUENTIAL
    }
    return {
        "batch": batch,
        "sites": sites,
        "cached_seconds": cached_seconds,
        "cached_sites_per_second": sites / cached_seconds,
        "naive_seconds": naive_seconds,
        "naive_sites_timed": timed,
        "naive_threads": threads,
        "speedup": naive_seconds / cached_seconds,
        "identical": not bool(differ.any()),
        "values_that_differ": int(differ.sum()),
        "arithmetic_seconds": arithmetic,
        "times_the_arithmetic": cached_seconds / arithmetic,
        "ways": ways,
    }


def other_way(
    model: AutoregressiveModel, way: str, pictures: Tensor, cached_seconds: float, repeats: int
) -> Document:
    """Another way to draw the same pictures, (B, C, H, W), of the same noise.

    `seconds` is None where it takes more than twice as long as the cached one.
    """
    generation = Generation(model, SamplingOptions(count=len(pictures), decode=way))
    until, found = math.inf, Document()
    if way == GRAPH:
        began = time.perf_counter()
        generation.prepare()
        found["capturing_seconds"] = time.perf_counter() - began
    else:
        until = time.perf_counter() + _PATIENCE * cached_seconds

    def draw() -> None:
        generation.restart()
        generation.step(generation.length, lambda: time.perf_counter() > until)

    draw()
    if generation.position < generation.length:
        return {**found, "seconds": None}
    differ = torch.from_numpy(generation.values) != pictures
    until = math.inf
    seconds = seconds_for(draw, repeats, warm_up=False)
    return {
        **found,
        "seconds": seconds,
        "speedup": cached_seconds / seconds,
        "values_that_differ": int(differ.sum()),
    }


@torch.inference_mode()
def differing(model: AutoregressiveModel, noise: Tensor, pictures: Tensor) -> Tensor:
    """Where a full pass would have led to another value, bool like pictures (B, C, H, W)."""
    # (B, N, C)
    drawn = model.likelihood.sample(model.conditionals(pictures), noise[:, model.order])
    other = torch.empty_like(pictures).flatten(2)
    other[:, :, model.order] = drawn.transpose(1, 2)
    return other.view_as(pictures) != pictures


@torch.inference_mode()
def naive_at(
    model: AutoregressiveModel, noise: Tensor, pictures: Tensor, differ: Tensor, timed: int
) -> float:
    """Seconds of one step of the naive loop, the median over some sites; marks in `differ`
    where its value is another one."""
    order, seconds = model.order.tolist(), []
    whole_pass(model, pictures, 0)
    for i in range(timed):
        rank = (2 * i + 1) * len(order) // (2 * timed)
        site, prefix = order[rank], pictures.clone()
        prefix.flatten(2)[:, :, order[rank:]] = 0
        began = time.perf_counter()
        values = model.likelihood.sample(whole_pass(model, prefix, rank), noise[:, site])
        prefix.flatten(2)[:, :, site] = values
        seconds.append(time.perf_counter() - began)
        differ.flatten(2)[:, :, site] |= values != pictures.flatten(2)[:, :, site]
    return median(seconds)


@torch.inference_mode()
def naive_threads(model: AutoregressiveModel, pictures: Tensor) -> int:
    """With how many threads a pass over these pictures is fastest: with these the naive loop is
    timed, lest a bad number of them flatter the others."""
    return fastest(lambda: whole_pass(model, pictures, 0))


@torch.inference_mode()
def operations(model: AutoregressiveModel) -> int:
    """Floating-point operations in one parallel pass over one picture:
    every weight once at every site."""
    picture = torch.zeros(1, model.spec.channels, *model.spec.space, dtype=torch.long)
    with Counter() as counted:
        model.conditionals(picture)
    return counted.operations


def playing(model: AutoregressiveModel, quick: bool) -> Document:
    """The player at full speed, somebody looking at display rate, against the bare loop.

    The player's own figure: from the command to the last site, without the wait for the next
    picture to be shown.
    """
    noise, sites = noise_for(model, 1, seed=0), len(model.order)
    bare, played = [], []
    player = Player(model)
    try:
        _run_watched(player)
        for _ in range(3 if quick else 7):
            bare.append(sites / seconds_for(lambda: cached(model, noise), repeats=1, warm_up=False))
            player.restart()
            played.append(_run_watched(player))
    finally:
        player.close()
        player.join()
    return {
        "player_sites_per_second": median(played),
        "bare_sites_per_second": median(bare),
        "share_of_bare": median(played) / median(bare),
    }


def _run_watched(player: Player) -> float:
    """Run to the end, taking what there is to see as a window would; returns sites a second."""
    player.finish()
    last, over = None, False
    while not over:
        over = player.join(1 / DISPLAY_RATE)
        last = player.mailbox.take() or last
    failure = player.failures.take()
    if failure is not None or last is None:
        raise StudioError(f"The player failed: {failure[0] if failure else 'it showed nothing'}.")
    return last.sites_per_second
