"""Find a batch for a device before training: steps of growing batches are measured, on a model that
is thrown away, until the memory is full or a larger batch no longer pays.

A step with twice the examples takes less than twice the time as long as a part of the device has
nothing to do. The batch that is proposed is the smallest that comes close to the most examples a
second, and leaves the training steps enough to learn from. The rates go with it by the square root
of what the batch grows by, as suits optimisers that divide by the size of the gradient (Malladi et
al. 2022, "On the SDEs and scaling rules for adaptive gradient algorithms", definition 5.2).

It is a proposal: nothing is changed by it, and fewer, larger steps may learn less in an epoch.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from models.recipe import Recipe
from studio.engine.runtime import memory
from studio.engine.runtime.devices import wait_for
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.training.rate_finding import rates_at, rounded
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer

_WARM_UP = 5  # steps of a batch that are made first, on a GPU; elsewhere one
_STEPS = 10  # that are measured at most
_SECONDS = 2.0  # for which steps of a batch are measured at most
_CLOSE = 0.9  # of the most examples a second: more is not worth larger steps
_FEWEST = 1000  # steps of a training, if it had as many before
_FULL = 0.9  # of the memory that may be in use, for there to be room for scoring and drawing


@dataclass(frozen=True)
class Measured:
    """Steps of a batch.

    seconds: of one.
    memory: bytes that were in use at most, on a GPU; None elsewhere.
    """

    batch: int
    seconds: float
    memory: int | None

    @property
    def examples_per_second(self) -> float:
        return self.batch / self.seconds


@dataclass(frozen=True)
class Proposal:
    """measured: the batches that were tried, the recipe's first.
    batch, rates: that are proposed, the rates by their names in the recipe.
    reason: why these, in a sentence or two.
    """

    measured: tuple[Measured, ...]
    batch: int
    rates: dict[str, float]
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        tried = [
            {**asdict(each), "examples_per_second": each.examples_per_second}
            for each in self.measured
        ]
        return {"batch": self.batch, **self.rates, "reason": self.reason, "measured": tried}


def find_batch(
    name: str,
    recipe: Recipe,
    config: dict[str, Any],
    device: torch.device,
    token: CancelToken | None = None,
    *,
    show: Callable[[list[Measured]], object] = lambda measured: None,
    anyway: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> Proposal:
    """Measure the batch of a recipe and larger ones, and say which to take. Nothing that is there
    is changed, and no run is kept.

    config: settings for `models.build`, where they are not the recipe's.
    show: is called with what was measured so far, after every batch.
    anyway: whatever it is estimated to take.

    Raises Cancelled where the token was cancelled; StudioError for what cannot be trained.
    """
    token = token or CancelToken()
    with tempfile.TemporaryDirectory(prefix="studio-batches-") as folder:
        run, quiet = Run(Path(folder)), lambda sentence: None
        training = Trainer(name, recipe, config, run, device, token, anyway, quiet)
        most = largest(recipe, training.source.examples)
        measured: list[Measured] = []
        batch = min(recipe.batch, training.source.examples)
        why = "the training would have too few steps"
        while batch <= most or not measured:
            found = _measure(training, batch, token, clock)
            if found is None:
                if not measured:
                    raise StudioError(
                        f"The memory of {device} does not hold a step of {batch} examples at once:"
                        " choose a smaller batch."
                    )
                why = "the memory is full"
                break
            measured.append(found)
            show(measured)
            if not pays(measured):
                why = "it is no faster"
                break
            if not _fits(2 * batch, measured, device):
                why = "the memory would be full"
                break
            batch *= 2
    return proposal(measured, recipe, why)


def largest(recipe: Recipe, examples: int) -> int:
    """The largest batch that leaves a training steps enough; by the clock that is not known, and
    an epoch has ten at least."""
    if recipe.minutes:
        return max(1, examples // 10)
    before = recipe.epochs * examples / recipe.batch
    return int(max(1, min(examples, recipe.epochs * examples / min(_FEWEST, before))))


def pays(measured: list[Measured]) -> bool:
    """Whether the last batch makes more examples a second than the one before."""
    if len(measured) < 2:
        return True
    before, last = (each.examples_per_second for each in measured[-2:])
    return last * _CLOSE > before


def proposal(measured: list[Measured], recipe: Recipe, why: str) -> Proposal:
    """What follows from what was measured.

    why: nothing larger was tried, the end of a sentence.
    """
    most = max(each.examples_per_second for each in measured)
    first = measured[0]
    best = next(each for each in measured if each.examples_per_second >= _CLOSE * most)
    factor = math.sqrt(best.batch / first.batch)
    rates = {
        key: rate if best is first else rounded(rate)
        for key, rate in rates_at(recipe, recipe.rate * factor).items()
    }
    if best is first:
        reason = f"A batch of {first.batch} is as fast as larger ones here."
    else:
        times = best.examples_per_second / first.examples_per_second
        reason = (
            f"A batch of {best.batch} makes {times:.1f} times as many examples a second as one of"
            f" {first.batch}; of a larger one {why}. The rates grow with its square root, by"
            f" {factor:.2g}. Its steps are fewer: look whether as much is learnt."
        )
    return Proposal(tuple(measured), best.batch, rates, reason)


def _measure(
    training: Trainer, batch: int, token: CancelToken, clock: Callable[[], float]
) -> Measured | None:
    """Steps of this batch; None where the memory does not hold one at once."""
    device, learner = training.fabric.device, training.learner
    rows, warm_up = torch.arange(batch), _WARM_UP if training.learner.making.captures else 1
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    began, made = 0.0, 0
    for step in range(warm_up + _STEPS):
        token.raise_if_cancelled()
        if step == warm_up:
            wait_for(device)
            began = clock()
        learner.learn(rows)
        if learner.making.parts > 1:
            return None
        if step >= warm_up:
            made += 1
            if device.type == "cpu" and clock() - began > _SECONDS:
                break
    wait_for(device)
    took = max(clock() - began, 1e-9)
    used = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    learner.making.release()  # the next batch wants the memory of this one
    return Measured(batch, took / made, used)


def _fits(batch: int, measured: list[Measured], device: torch.device) -> bool:
    """Whether a step of a batch may fit into the memory of a GPU, by what the last ones took."""
    last = measured[-1]
    if last.memory is None:
        return True
    before = measured[-2] if len(measured) > 1 else None
    each = last.memory / last.batch
    if before is not None and before.memory is not None:
        each = (last.memory - before.memory) / (last.batch - before.batch)
    needed = last.memory + each * (batch - last.batch)
    return needed <= _FULL * (memory.free(str(device)) + torch.cuda.memory_reserved(device))
