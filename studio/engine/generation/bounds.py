"""Bounds on the probability that a model gives to what is given, from below and from above
(bidirectional Monte Carlo; Grosse, Ghahramani and Adams 2015, "Sandwiching the marginal likelihood
using bidirectional Monte Carlo").

From below: sequential Monte Carlo estimates p(evidence) without bias, so that on average its
logarithm is too low (Jensen's inequality). From above: conditional sequential Monte Carlo beside a
picture that is drawn by the model itself given the evidence estimates 1 / p(evidence) without bias,
so that on average minus its logarithm is too high. More particles bring the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from models.orders import observed_first
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.population import attempts
from studio.engine.generation.refinement import given_in, sweep
from studio.engine.generation.sampling_options import (
    CERTAIN,
    SamplingOptions,
    check_order,
    order_of,
)
from studio.engine.runtime.errors import StudioError


def _never() -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Bounds:
    """On log p(evidence), nats, (G,) each: they hold on average over the noise.

    exact: whether both are the figure itself, since all that is given comes first in the order.
    particles: of each run; 0 where none were needed.
    """

    lower: Tensor
    upper: Tensor
    exact: bool = False
    particles: int = 0

    @property
    def together(self) -> tuple[float, float]:
        """Of G runs for the same evidence: the logarithm of the mean of their estimates, of the
        probability and of its inverse. Closer to each other than those of one run."""
        count = math.log(len(self.lower))
        lower = float(self.lower.double().logsumexp(0)) - count
        return lower, count - float((-self.upper.double()).logsumexp(0))

    @property
    def bits(self) -> tuple[float, float]:
        """`together`, on log2 p(evidence)."""
        lower, upper = self.together
        return lower / math.log(2), upper / math.log(2)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; the bounds are on the logarithm of the probability."""
        bounds = zip(("lower", "upper"), self.bits, self.together, strict=True)
        return {
            **{side: {"bits": bits, "nats": nats} for side, bits, nats in bounds},
            "exact": self.exact,
            "runs": len(self.lower),
            "particles": self.particles,
        }


def refined(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    sweeps: int = 4,
    condition: Tensor | None = None,
    interrupted: Callable[[], bool] = _never,
    order: Tensor | None = None,
) -> Tensor:
    """Pictures, levels (G, C, N), drawn given the evidence and refined by so many sweeps: the
    nearest to samples of the model given the evidence, where none are at hand. As in `sweep`."""
    retained = None
    for _ in range(sweeps + 1):
        retained = sweep(
            model,
            values,
            known,
            particles,
            generator,
            retained,
            condition,
            interrupted=interrupted,
            order=order,
            whole_evidence=False,
        ).values
    assert retained is not None
    return retained


def evidence_bounds(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    retained: Tensor,
    condition: Tensor | None = None,
    interrupted: Callable[[], bool] = _never,
    order: Tensor | None = None,
) -> Bounds:
    """Of each of G pictures; values, known, particles, generator, condition, interrupted and order
    as in `studio.engine.generation.refinement.sweep`.

    retained: levels (G, C, N). The upper bound holds where these are samples of the model given the
    evidence: what is left of a picture that the model drew, or about so what `refined` returns.
    """

    def run(beside: Tensor | None) -> Tensor:
        return sweep(
            model,
            values,
            known,
            particles,
            generator,
            beside,
            condition,
            interrupted=interrupted,
            order=order,
        ).log_evidence

    lower = run(None)
    if given_in(model, known, order).comes_first:
        return Bounds(lower, lower, exact=True)
    return Bounds(lower, run(retained), particles=particles)


def check_bounded(model: AutoregressiveModel) -> None:
    """StudioError, one sentence, where there is no probability of what is given."""
    if model.takes_painting:
        raise StudioError(
            f"{model.name or 'This model'} is conditioned on what is given and gives it no"
            " probability: bounds are for other models."
        )


def bounds_of(
    model: AutoregressiveModel,
    evidence: Evidence | None,
    options: SamplingOptions,
    interrupted: Callable[[], bool] = _never,
) -> Bounds:
    """Of what a person gives: by `options.count` runs with the particles, sweeps, class, order and
    seed of the options; always the model's own figures, at temperature 1 and without guidance.

    interrupted: asked before each site; True raises `Cancelled`.
    StudioError, one sentence, where there is no probability of what is given, or the model cannot
    draw in the order.
    """
    check_bounded(model)
    check_order(options, model)
    if evidence is not None:
        evidence = checked_evidence(evidence.values, evidence.known, model)
    if evidence is None or not evidence.known.any():
        nothing = torch.zeros(1)
        return Bounds(nothing, nothing, exact=True)
    known = torch.from_numpy(evidence.known).flatten()
    order = None
    if model.any_order and options.order not in (None, CERTAIN):
        order = observed_first(
            torch.from_numpy(evidence.known), torch.from_numpy(order_of(options, model))
        )
    exact = given_in(model, known, order).comes_first
    count = 1 if exact else options.count
    values = torch.from_numpy(evidence.values).flatten(1).expand(count, -1, -1)
    condition = None
    if options.condition is not None:
        condition = torch.full((count,), options.condition, device=model.device)
    particles = options.particles or attempts(count)
    generator = torch.Generator().manual_seed(options.seed)
    retained = values
    if not exact:
        retained = refined(
            model,
            values,
            known,
            particles,
            generator,
            options.sweeps,
            condition,
            interrupted,
            order,
        )
    return evidence_bounds(
        model, values, known, particles, generator, retained, condition, interrupted, order
    )


def in_words(bounds: Bounds, model: AutoregressiveModel, options: SamplingOptions) -> list[str]:
    """The figures, and when they hold."""
    lower, upper = bounds.bits
    name = model.name or "the model"
    sweeps = "1 sweep" if options.sweeps == 1 else f"{options.sweeps} sweeps"
    if upper == -math.inf:
        return [f"{name} finds what is given impossible: it gives it the probability 0."]
    if bounds.exact:
        return [f"log2 p(given) by {name}: {lower:.2f} bits, exactly."]
    return [
        f"log2 p(given) by {name}: at least {lower:.2f} bits, at most {upper:.2f} bits.",
        (
            "Both hold on average over seeds, the second one where the pictures kept beside the"
            " particles are samples of the model given the evidence: these come from"
            f" {sweeps}, and more of them make it surer."
        ),
    ]
