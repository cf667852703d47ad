"""Find a learning rate before training: the range test of Smith 2017 ("Cyclical learning rates for
training neural networks", section 3.3), on a model made for it and thrown away afterwards.

Steps are made at rates that grow exponentially, and the loss is watched: at first it hardly moves,
then it falls, then it rises again, as the steps have become too wide. A good peak for a schedule
lies where it still falls well: between the rate of the steepest fall and that of the least loss.
Where a recipe has two rates (Muon's and AdamW's), both grow in the recipe's proportion.
"""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.recipe import Recipe
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.training.learner import seeded
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer

STEPS = 200
LOWEST, HIGHEST = 1e-6, 1.0  # of the rates of AdamW that are tried
_SMOOTHED = 0.9  # decay of the moving average of the loss
_REACH = 6  # neighbours on each side by which the whole curve is smoothed
_DIVERGED = 4.0  # times the least loss so far: higher rates need no trying
_LOOK = 10  # steps between looks at the loss, for which the device is waited for
_FELL = 0.02  # share of the first loss by which it has to fall anywhere, for there to be a rate
_NOISY = 5  # first steps, whose average is of too few


@dataclass(frozen=True)
class Tried:
    """A step of the test: the rates, by their names in the recipe, the loss in the model's measure,
    and the same smoothed."""

    rates: dict[str, float]
    loss: float
    smoothed: float


@dataclass(frozen=True)
class RateTest:
    """What the test found.

    tried: its steps, in order.
    suggested: rates by their names in the recipe; {} where none can be told.
    reason: why these, or why none, in a sentence or two.
    measure: what the losses are given in.
    """

    tried: tuple[Tried, ...]
    suggested: dict[str, float]
    reason: str
    measure: str

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "suggested": self.suggested,
            "reason": self.reason,
            "measure": self.measure,
            "tried": [
                {**each.rates, "loss": each.loss, "smoothed": each.smoothed} for each in self.tried
            ],
        }


def find_rate(
    name: str,
    recipe: Recipe,
    config: dict[str, Any],
    device: torch.device,
    token: CancelToken | None = None,
    *,
    steps: int = STEPS,
    show: Callable[[list[Tried]], object] = lambda tried: None,
    anyway: bool = False,
) -> RateTest:
    """Try the rates, and say which to take. Nothing that is there is changed: the model is made as
    a training would make it, from the recipe's start too, and no run is kept.

    config: settings for `models.build`, where they are not the recipe's.
    show: is called with the steps so far, every few of them.
    anyway: whatever it is estimated to take.

    Raises Cancelled where the token was cancelled; StudioError for what cannot be trained.
    """
    token = token or CancelToken()
    if recipe.rate <= 0:
        raise StudioError("The rate is 0: there is nothing to try. Give it a value, as rate=0.002.")
    with tempfile.TemporaryDirectory(prefix="studio-rates-") as folder:
        training = Trainer(name, recipe, config, Run(Path(folder)), device, token, anyway)
        tried: list[Tried] = []
        scale = training.source.dimensions * math.log(2)
        pending: list[Tensor] = []
        growth = math.log(HIGHEST / LOWEST) / max(1, steps - 1)
        for number, rows in enumerate(itertools.islice(_batches(training), steps)):
            token.raise_if_cancelled()
            training.learner.fixed = LOWEST * math.exp(growth * number) / recipe.rate
            pending.append(training.learner.learn(rows) / training.source.share(rows))
            if len(pending) < _LOOK and number < steps - 1:
                continue
            for loss in (torch.stack(pending) / scale).tolist():
                at = rates_at(recipe, LOWEST * math.exp(growth * len(tried)))
                tried.append(Tried(at, loss, _smoothed(tried, loss)))
                if over := _diverged(tried):
                    break
            pending.clear()
            show(tried)
            if over:
                break
        measure = training.model.measure
    tried = centred(tried)
    return RateTest(tuple(tried), *suggestion(tried), measure)


def suggestion(tried: list[Tried]) -> tuple[dict[str, float], str]:
    """The rates to take, {} for none, and why."""
    sound = [each for each in tried if math.isfinite(each.smoothed)][_NOISY:]
    if len(sound) < 3:
        return {}, "The loss was no number from the start: look at the data and the settings."
    least = min(range(len(sound)), key=lambda i: sound[i].smoothed)
    if sound[least].smoothed > sound[0].smoothed * (1 - _FELL):
        return {}, "The loss fell at none of the rates: the weights may be trained already."
    falls = [sound[i].smoothed - sound[i + 1].smoothed for i in range(least)]
    steepest = max(range(len(falls)), key=falls.__getitem__)
    low, high = sound[steepest].rates, sound[least].rates
    found = {key: rounded(math.sqrt(low[key] * high[key])) for key in high}
    beyond = (
        "it still fell at the highest that was tried"
        if least == len(sound) - 1
        else "beyond, it rises"
    )
    key = next(iter(found))
    return found, (
        f"The loss falls fastest at a {key} of {low[key]:.2g} and is least at {high[key]:.2g};"
        f" {beyond}. {found[key]:.2g} lies between the two."
    )


def centred(tried: list[Tried]) -> list[Tried]:
    """The same, smoothed by the neighbours on both sides: an average of what came before, which is
    all that there is meanwhile, is late by some steps."""
    found = []
    for number, each in enumerate(tried):
        reach = min(_REACH, number, len(tried) - 1 - number)
        near = [one.loss for one in tried[number - reach : number + reach + 1]]
        found.append(replace(each, smoothed=sum(near) / len(near)))
    return found


def rounded(rate: float) -> float:
    """A rate to two digits."""
    return float(f"{rate:.1e}")


def _batches(training: Trainer) -> Iterator[Tensor]:
    """Examples without end, shuffled anew in each pass."""
    size = training.recipe.batch
    for number in itertools.count():
        generator = seeded(training.recipe.seed, -1 - number)
        yield from torch.randperm(training.source.examples, generator=generator).split(size)


def rates_at(recipe: Recipe, rate: float) -> dict[str, float]:
    """The rates of a recipe when that of AdamW is this one."""
    rates = {"rate": rate}
    if recipe.optimiser == "muon":
        rates["muon_rate"] = rate * recipe.muon_rate / recipe.rate
    return rates


def _smoothed(tried: list[Tried], loss: float) -> float:
    """The moving average of the losses so far and this one, without the bias of its beginning."""
    count = len(tried)
    before = tried[-1].smoothed * (1 - _SMOOTHED**count) if tried else 0.0
    return (_SMOOTHED * before + (1 - _SMOOTHED) * loss) / (1 - _SMOOTHED ** (count + 1))


def _diverged(tried: list[Tried]) -> bool:
    last = tried[-1].smoothed
    least = min((each.smoothed for each in tried if math.isfinite(each.smoothed)), default=last)
    return not math.isfinite(last) or last > _DIVERGED * abs(least)
