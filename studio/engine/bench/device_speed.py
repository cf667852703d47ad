"""How fast a device draws and trains, on fresh weights and made-up data: one picture and many by
every way to decode, and steps of training, one operation at a time and, on a GPU, captured.

The same seed draws the same picture on every device but for ties within the rounding of float32:
the values that differ from the processor's are counted.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

import models
from models.interface import AutoregressiveModel
from studio.engine.bench.made_up import learner_for
from studio.engine.bench.text_columns import columns
from studio.engine.generation.decoders import SEQUENTIAL, decoders_for
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import devices
from studio.engine.runtime.devices import wait_for
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.graphs import CAPTURING

BATCHES, QUICK_BATCHES = (1, 64), (1,)
_WARM_UP = 6  # steps of training, of which one is captured
_SECONDS, _QUICK_SECONDS = 1.0, 0.0  # for which steps are counted
_MOST = 200  # steps

Document = dict[str, Any]


def run(
    device: torch.device,
    names: Sequence[str] = (),
    quick: bool = False,
    show: Callable[[str], object] = lambda text: None,
    config: Callable[[str], dict[str, Any]] = lambda name: {},
) -> Document:
    """Measure, and return a document that JSON can hold.

    names: of models; none for one of each family.
    quick: no batches, and as few steps as there can be.
    show: is given what is being measured.
    config: the settings of a model, by its name, where they are not its own.
    StudioError for a name that there is not.
    """
    if unknown := [name for name in names if name not in models.available()]:
        known = ", ".join(models.available())
        raise StudioError(f'There is no model "{unknown[0]}": choose one of {known}.')
    document: Document = {
        "machine": devices.describe(device),
        "device": str(device),
        "torch": torch.__version__,
        "quick": quick,
        "drawing": {},
        "training": {},
    }
    for name in names or models.registry.families():
        show(f"Measuring {name} on {device}.")
        settings = {**models.recipe(name).config, **config(name)}
        torch.manual_seed(0)
        model = models.build(name, **settings).requires_grad_(False).eval()
        if isinstance(model, AutoregressiveModel) and model.spec.sites:
            document["drawing"][name] = drawing(model, device, quick)
        document["training"][name] = training(name, device, quick, settings)
        gc.collect()
    return document


def drawing(model: AutoregressiveModel, device: torch.device, quick: bool) -> list[Document]:
    """Seconds and sites a second of every way to decode that the model has there."""
    expected, *_ = _drawn(model, SEQUENTIAL, 1)
    model, found = model.to(device), []
    for batch in QUICK_BATCHES if quick else BATCHES:
        for decoder in decoders_for(model):
            pictures, first, seconds = _drawn(model, decoder, batch)
            row: Document = {
                "batch": batch,
                "decoder": decoder,
                "first": first,
                "seconds": seconds,
                "sites_per_second": batch * len(model.order) / seconds,
            }
            if batch == 1:
                row["values_that_differ"] = int((pictures != expected).sum())
            found.append(row)
    return found


def _drawn(model: AutoregressiveModel, decoder: str, batch: int) -> tuple[np.ndarray, float, float]:
    """Pictures, and how long it took to draw them the first time, steps captured and kernels
    loaded, and the second time."""
    generation = Generation(model, SamplingOptions(count=batch, decode=decoder))
    seconds: list[float] = []
    for _ in range(2):
        generation.restart()
        began = time.perf_counter()
        while generation.prepare():
            pass
        while generation.position < generation.length:
            generation.step(generation.length)
        wait_for(model.device)
        seconds.append(time.perf_counter() - began)
    return generation.values, seconds[0], seconds[1]


def training(
    name: str, device: torch.device, quick: bool, config: dict[str, Any] | None = None
) -> list[Document]:
    """Steps and examples a second, one operation at a time and captured where that can be."""
    found = []
    for captured in (False, True) if device.type == CAPTURING else (False,):
        learner = learner_for(name, device, config=config, captures=captured)
        rows = torch.arange(min(learner.recipe.batch, learner.source.examples))
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        for _ in range(_WARM_UP):
            learner.learn(rows)
        wait_for(device)
        began, steps, seconds = time.perf_counter(), 0, 0.0
        while not steps or (steps < _MOST and seconds < (_QUICK_SECONDS if quick else _SECONDS)):
            learner.learn(rows)
            steps += 1
            if steps % 10 == 0 or quick:
                wait_for(device)
            seconds = time.perf_counter() - began
        wait_for(device)
        seconds = time.perf_counter() - began
        row: Document = {
            "batch": len(rows),
            "precision": str(learner.fabric._precision.precision),
            "captured": learner.making.captures,
            "steps_per_second": steps / seconds,
            "examples_per_second": steps * len(rows) / seconds,
        }
        if device.type == "cuda":
            row["most_memory"] = torch.cuda.max_memory_allocated(device)
        found.append(row)
    return found


def as_text(document: Document) -> str:
    """The document for a person."""
    lines = [f"{document['machine']}, torch {document['torch']}."]
    rows = [["drawing", "way", "batch", "first", "then", "sites a second", "differ"]]
    for name, drawn in document["drawing"].items():
        for row in drawn:
            differ = row.get("values_that_differ")
            rows.append(
                [
                    name,
                    row["decoder"],
                    str(row["batch"]),
                    f"{row['first']:.3f} s",
                    f"{row['seconds']:.3f} s",
                    f"{row['sites_per_second']:,.0f}",
                    "" if differ is None else str(differ),
                ]
            )
    lines += ["", *columns(rows)]
    rows = [["training", "step", "batch", "steps a second", "examples a second"]]
    for name, trained in document["training"].items():
        for row in trained:
            rows.append(
                [
                    name,
                    "captured" if row["captured"] else "by operation",
                    str(row["batch"]),
                    f"{row['steps_per_second']:,.1f}",
                    f"{row['examples_per_second']:,.0f}",
                ]
            )
    return "\n".join([*lines, "", *columns(rows)])
