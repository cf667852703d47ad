"""All figures of one model: of each way in which it completes digits, with each part of them given;
and what it does where nothing is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Classes, OrderAgnosticModel
from studio.engine.bench import completing, completion_bits
from studio.engine.bench.completion_amounts import Amounts
from studio.engine.bench.completion_masks import FixedMask
from studio.engine.bench.judge import SURE, Judge
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.calibration import calibration
from studio.engine.generation.method_choice import late
from studio.engine.generation.methods import Method, methods
from studio.engine.generation.room import check_room
from studio.engine.generation.sampling_options import SamplingOptions

TIMED = "bottom"  # given of the digit whose completions are timed: late for most models
_FEWER = (200, 100, 50, 20)  # passes that are compared with one a pixel

Document = dict[str, Any]
Say = Callable[[str], object]


@dataclass(frozen=True)
class Way:
    """A method, and in how many passes, 0 for as many as there are pixels."""

    method: Method
    steps: int = 0

    @property
    def label(self) -> str:
        return f"{self.method.name}, {self.steps} steps" if self.steps else self.method.name


@dataclass(frozen=True, eq=False)
class Digits:
    """x: levels (B, C, H, W).
    labels: (B,); condition: the same for a model that takes a class, else None."""

    x: Tensor
    labels: Tensor
    condition: Tensor | None

    def first(self, count: int) -> Digits:
        """The first `count` of them."""
        condition = None if self.condition is None else self.condition[:count]
        return Digits(self.x[:count], self.labels[:count], condition)


class ModelCompletion:
    """All figures of one model."""

    def __init__(
        self,
        model: AutoregressiveModel,
        digits: Digits,
        masks: Sequence[FixedMask],
        judge: Judge,
        amounts: Amounts,
        show: Say,
    ) -> None:
        self.model, self.digits, self.masks = model, digits, masks
        self.judge, self.amounts = judge, amounts
        self.name = model.name or type(model).__name__
        self.show = show
        # by name of the mask, what `smc` drew, which is where its refinement begins
        self._particles: dict[str, completion_bits.Particles] = {}

    def all(self, asked: Sequence[str]) -> Document:
        """What is said of a model; TooLargeError, with the estimate, where its completions do not
        fit into memory."""
        ways, refused = ways_of(self.model, asked, self.amounts.steps)
        competing = any(way.method.begin is not None for way in ways)
        options = SamplingOptions(completing.TIMED, particles=self.amounts.particles)
        self._check_room(replace(options, method="smc" if competing else "clamp"))
        found: Document = {"methods": {}, "not_measured": refused}
        for way in ways:
            self.show(f"{self.name}, {way.label}: time of {completing.TIMED} completions.")
            entry: Document = {"seconds": self.seconds(way), "masks": {}}
            for mask in self.masks:
                self.show(f"{self.name}, {way.label}: given is {mask.given}.")
                entry["masks"][mask.name] = self.masked(way, mask)
            found["methods"][way.label] = entry
        self.show(f"{self.name}: samples for the judge.")
        found["recognised"] = self.recognised(ways)
        if isinstance(self.model, OrderAgnosticModel):
            self.show(f"{self.name}: fewer passes.")
            found["bits_per_dim_by_passes"] = self.by_passes(self.model)
        return found

    def _check_room(self, options: SamplingOptions) -> None:
        values = self.digits.x[0].numpy().astype(np.uint8)
        known = np.zeros(values.shape[1:], bool)
        known[-1] = True  # so that attempts compete, where the method makes several
        check_room(self.model, options, Evidence(values, known))

    @cached_property
    def plain(self) -> Tensor:
        """-log p of every site by the ordinary pass, (B, N)."""
        return completion_bits.site_nats(self.model, self.digits.x, self.digits.condition)

    def seconds(self, way: Way) -> float:
        timed = next((mask for mask in self.masks if mask.name == TIMED), self.masks[0])
        label = None if self.digits.condition is None else int(self.digits.labels[0])
        return completing.seconds(
            self.model,
            way.method,
            self.digits.x[0],
            timed.known,
            label,
            self.amounts.particles,
            way.steps,
            self.amounts.repeats,
        )

    def masked(self, way: Way, mask: FixedMask) -> Document:
        """Of one method, with one part given."""
        attempts = way.method.begin is not None
        if attempts and late(self.model, mask.known.numpy()).any():
            return self._by_particles(way, mask)
        # a row of particles is of the same digits throughout, also where none are needed
        digits = self.digits.first(self.amounts.particle_digits) if attempts else self.digits
        sites = None if way.steps else self._site_nats(way, mask, digits)
        # of some of the missing sites an estimate
        nats = self._nats_in_steps(way, mask) if sites is None else sites.mean(1) * mask.hidden
        some = digits.first(self.amounts.completions)
        drawn = completing.completed(
            self.model, way.method, some.x, mask.known, some.condition, way.steps
        )
        return {
            **self._figures(nats, mask),
            "exact": self._exact(way, mask),
            "kept": self.judge.kept(drawn, some.labels, self.model.spec.levels),
            "completions": len(drawn),
            "calibration": None if sites is None else _calibrated(self.model, sites),
        }

    def _nats_in_steps(self, way: Way, mask: FixedMask) -> Tensor:
        """(B,)"""
        digits = self.digits
        assert isinstance(self.model, OrderAgnosticModel)
        return completion_bits.nats_in_steps(
            self.model, digits.x, mask.known, digits.condition, way.steps
        )

    def _site_nats(self, way: Way, mask: FixedMask, digits: Digits) -> Tensor:
        """Of the missing sites, or of some of them, (B, missing)."""
        model = self.model
        if model.takes_painting:
            return completion_bits.map_nats(model, digits.x, mask.known)
        if way.method.given_first:
            return completion_bits.order_nats(
                model, digits.x, mask.known, digits.condition, self.amounts.passes
            )
        return self.plain[: len(digits.x), ~mask.known.flatten()]

    def _exact(self, way: Way, mask: FixedMask) -> bool:
        """Whether it is the conditional of the model itself that is drawn from: what is given comes
        first in its order, or is a condition of it; and the figure is no estimate. (A method that
        clamps has a distribution too, and its bits are exact for that, but it is another one.)"""
        asked_for_some = 0 < self.amounts.passes < mask.hidden and self.model.predicts_all
        if way.steps or asked_for_some:
            return False
        return way.method.sees_all or not late(self.model, mask.known.numpy()).any()

    def _by_particles(self, way: Way, mask: FixedMask) -> Document:
        some = self.digits.first(self.amounts.particle_digits)
        found = self._particles.get(mask.name)
        if found is None:
            found = self._particles[mask.name] = completion_bits.smc_nats(
                self.model,
                some.x,
                mask.known,
                some.condition,
                self.amounts.particles,
                self.plain[: len(some.x)].sum(1),
            )
        drawn, levels = found.completed, self.model.spec.levels
        about = {"particles": self.amounts.particles, "digits": len(some.x)}
        if way.method.refined:
            drawn = completion_bits.refined_completions(
                self.model,
                some.x,
                mask.known,
                some.condition,
                self.amounts.particles,
                self.amounts.sweeps,
            )
            about["sweeps"] = self.amounts.sweeps
            bits: Document = {"no_bits": "The density of what sweeps end with cannot be computed."}
        else:
            hidden = ~mask.known.flatten()
            clamped = self.plain[: len(some.x), hidden].sum(1)
            bits = {
                "lower": self._figures(found.lower, mask),
                "upper": self._figures(found.upper, mask),
                "clamp_on_the_same_digits": self._figures(clamped, mask),
                "effective": float(found.effective.mean()),
                "exact": False,
            }
        kept = self.judge.kept(drawn, some.labels, levels)
        return {**bits, **about, "kept": kept, "completions": len(drawn)}

    def _figures(self, nats: Tensor, mask: FixedMask) -> Document:
        """Means over the digits of nats (B,) of what is missing."""
        bits = nats.double() / (mask.hidden * self.model.spec.channels * math.log(2))
        return {
            "bits": float(bits.mean()),
            "standard_error": _standard_error(bits),
            "nats": float(nats.double().mean()),
            "digits": len(nats),
        }

    def recognised(self, ways: Sequence[Way]) -> Document:
        """Of samples drawn from nothing: of how many the judge is sure, by the number of passes."""
        count = self.amounts.samples
        classes = self.model.conditioning
        condition = None
        if isinstance(classes, Classes):
            condition = torch.arange(count) % classes.count
        found: Document = {"count": count, "sure": SURE, "by_passes": {}}
        for steps in sorted({way.steps for way in ways}):
            drawn = completing.samples(self.model, count, condition, steps)
            passes = str(steps or self.model.spec.sites)
            found["by_passes"][passes] = self.judge.recognised(drawn, self.model.spec.levels)
        return found

    def by_passes(self, model: OrderAgnosticModel) -> Document:
        """bits/dim of whole digits by the number of passes, the mean over random orders."""
        some, sites = self.digits.first(self.amounts.step_digits), len(model.order)
        nothing = torch.zeros(model.spec.space, dtype=torch.bool)
        found = {}
        for passes in (sites, *(few for few in _FEWER if few < sites)):
            nats = completion_bits.nats_in_steps(model, some.x, nothing, some.condition, passes)
            bits = nats.double() / (sites * model.spec.channels * math.log(2))
            found[str(passes)] = float(bits.mean())
        return {"digits": len(some.x), "bits_per_dim": found}


def ways_of(
    model: AutoregressiveModel, asked: Sequence[str], steps: int
) -> tuple[list[Way], dict[str, str]]:
    """How a model completes pictures, and of the methods that are not measured, why.

    asked: names of methods; none for all.
    steps: passes of a model that predicts all unknown sites at once, besides one for each.
    """
    ways, refused = [], {}
    for method in methods().values():
        if asked and method.name not in asked:
            refused[method.name] = "It was not asked for."
        elif sentence := method.refusal(model):
            refused[method.name] = sentence
        elif model.predicts_all and not method.given_first:
            refused[method.name] = (
                f"{model.name or type(model).__name__} predicts all unknown pixels at once: order"
                " is exact, and costs no more."
            )
        else:
            ways.append(Way(method))
            if model.predicts_all:
                ways.append(Way(method, steps))
    return ways, refused


def _calibrated(model: AutoregressiveModel, nats: Tensor) -> Document | None:
    """Of the two levels of a missing site, given what is given and the sites drawn before it, how
    probable they were and how often they came; None where there are more levels.

    nats: of the true level, (B, missing).
    """
    if model.spec.levels != 2 or model.spec.channels != 1:
        return None
    true = (-nats.double()).exp().clamp(0, 1)
    right = torch.ones_like(true)
    found = calibration(
        torch.stack([true, 1 - true]).numpy(), torch.stack([right, 1 - right]).numpy()
    )
    bins = zip(found.count.tolist(), found.predicted.tolist(), found.right.tolist(), strict=True)
    return {
        "error": found.error,
        "bins": [
            {"count": count, "predicted": predicted, "right": share}
            for count, predicted, share in bins
            if count
        ],
    }


def _standard_error(figures: Tensor) -> float | None:
    return float(figures.std() / math.sqrt(len(figures))) if len(figures) > 1 else None
