"""How fast pictures are drawn all at once, in passes until nothing changes, beside the cached
stepper and the naive loop: same weights, same noise, same pictures, in one run.

A pass costs what a step of the naive loop costs, a full pass over all pictures; so parallel
decoding wins against that loop as often as there are fewer passes than pixels. The cached stepper
does the arithmetic of one pass in all, in many small steps: which of the two is faster depends on
how well a machine does much at once.

The naive loop is timed at some pixels, evenly spread, with as many threads as make it fastest, and
multiplied up. That the pictures are the
same is checked at all of them, see `studio.engine.bench.drawing_speed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.bench.drawing_speed import cached, differing, naive_at, naive_threads
from studio.engine.checkpoints import cards
from studio.engine.generation.decoders import PARALLEL
from studio.engine.generation.generation import as_autoregressive
from studio.engine.generation.noise import noise_for
from studio.engine.generation.parallel_decoding import ParallelDecoding
from studio.engine.generation.sampling_options import SamplingOptions, refusal_to_decode
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.threads import one_thread, with_threads

NAME = "decode"  # of the benchmark
BATCHES, QUICK_BATCHES = (1, 64), (1, 4)
_TIMED, _QUICK_TIMED = 16, 4  # pixels of the naive loop

Document = dict[str, Any]


def run(
    names: Sequence[str] = (),
    quick: bool = False,
    show: Callable[[str], object] = lambda text: None,
) -> Document:
    """Measure, and return a document that JSON can hold.

    names: of shipped checkpoints or runs, or paths; none for all that are shipped and draw pictures
    pixel by pixel.
    quick: smaller batches and fewer pixels of the naive loop.
    show: is given each figure as soon as it is there.
    StudioError, one sentence, for a model that is named and cannot be decoded so.
    """
    document: Document = {
        "machine": devices.describe("cpu"),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "quick": quick,
        NAME: {},
    }
    for name in names or cards.shipped():
        loaded = checkpoints.load(name)
        if refusal := refusal_to_decode(SamplingOptions(decode=PARALLEL), loaded):
            if names:
                raise StudioError(refusal)
            continue
        model = as_autoregressive(loaded)
        rows = document[NAME][name] = []
        for batch in QUICK_BATCHES if quick else BATCHES:
            rows.append(measure(model, batch, _QUICK_TIMED if quick else _TIMED))
            show(f"{name}, {_in_words(rows[-1])}")
    return document


def as_text(document: Document) -> str:
    """The document for a person."""
    lines = [f"{document['machine']}, {document['threads']} threads."]
    for name, rows in document[NAME].items():
        lines += ["", f"{name}:", *(f"  {_in_words(row)}" for row in rows)]
    return "\n".join(lines)


def measure(model: AutoregressiveModel, batch: int, timed: int = _TIMED) -> Document:
    """Parallel, cached and naive, of one batch. timed: pixels of the naive loop, at most."""
    noise, sites = noise_for(model, batch, seed=0), len(model.order)
    timed = min(timed, sites)
    began = time.perf_counter()
    pictures, passes = parallel(model, noise)
    parallel_seconds = time.perf_counter() - began
    began = time.perf_counter()
    one_by_one = cached(model, noise)
    cached_seconds = time.perf_counter() - began
    differ = differing(model, noise, pictures) | (one_by_one != pictures)
    threads = naive_threads(model, pictures)
    with with_threads(threads):
        naive_seconds = naive_at(model, noise, pictures, differ, timed) * sites
    return {
        "batch": batch,
        "sites": sites,
        "passes": passes,
        "parallel_seconds": parallel_seconds,
        "cached_seconds": cached_seconds,
        "naive_seconds": naive_seconds,
        "naive_sites_timed": timed,
        "naive_threads": threads,
        "identical": not bool(differ.any()),
        "values_that_differ": int(differ.sum()),
    }


@one_thread()
@torch.inference_mode()
def parallel(model: AutoregressiveModel, noise: Tensor) -> tuple[Tensor, int]:
    """Draw all at once: noise (B, N, draws) by raster index -> int64 (B, C, H, W), and in how many
    passes."""
    order, channels, rows = model.order, model.spec.channels, len(noise)
    decoding = ParallelDecoding(
        lambda pictures, part: model.conditionals(pictures),
        model.likelihood,
        order,
        noise.transpose(0, 1)[order],
        model.spec.space,
    )
    settled = torch.zeros(0, rows, channels, dtype=torch.uint8)
    while len(settled) < len(order):
        found = decoding.run(settled, [(0, len(order), (1.0, 0, 1.0))], lambda: False)
        assert found is not None  # nothing interrupts it
        settled = torch.cat([settled, found[0]])
    pictures = torch.empty(rows, channels, len(order), dtype=torch.long)
    pictures[:, :, order] = settled.permute(1, 2, 0).long()
    return pictures.unflatten(2, model.spec.space), decoding.passes[-1].number


def _in_words(row: Document) -> str:
    same = "the same pictures"
    if not row["identical"]:
        same = f"{row['values_that_differ']} VALUES DIFFER"
    return (
        f"batch {row['batch']:>2}: {row['passes']} passes instead of {row['sites']};"
        f" {row['parallel_seconds']:.2f} s at once, {row['cached_seconds']:.2f} s cached,"
        f" {row['naive_seconds']:.1f} s naive (timed at {row['naive_sites_timed']} pixels): {same}"
    )
