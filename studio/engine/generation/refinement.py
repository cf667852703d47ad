"""Refinement: sequential Monte Carlo over the unknown sites of several pictures, and its
conditional form, which draws a picture again beside new attempts.

A sweep with a retained picture (particle Gibbs; Andrieu, Doucet and Holenstein 2010, "Particle
Markov chain Monte Carlo methods", section 2.4.3) leaves the exact distribution given the evidence
as it is, with however few particles, and brings any other one nearer to it. After the last given
site nothing is left to compete for, so that only the chosen particle of each picture goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Stepper
from models.likelihoods import Likelihood
from models.orders import observed_first
from studio.engine.generation.guidance import conditionals_of, likelihood_of, stepper_of
from studio.engine.generation.population import IMPOSSIBLE, Population, RetainingPopulation
from studio.engine.runtime.jobs import Cancelled
from studio.engine.runtime.threads import one_thread

Sampling = tuple[float, int, float]  # temperature, top-k, top-p

_TOGETHER = 64  # pictures in a pass


def _never() -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Sweep:
    """values: levels, int64 (G, C, N) by raster index, what was given among them.
    log_evidence: the logarithm of an unbiased estimate of the probability of what was given, nats,
    (G,); of a sweep with a retained picture, see `studio.engine.generation.bounds`.
    effective: effective sample size of the particles when one of them was chosen, (G,): between 1
    and their number.
    """

    values: Tensor
    log_evidence: Tensor
    effective: Tensor


@dataclass(frozen=True, eq=False)
class Given:
    """What is given, in the order of generation.

    order: raster indices (N,); `sites` the same as numbers.
    known: which of them are given.
    start: how many are given before the first that is not.
    last: how many there are up to the last one that is given, at least `start`.
    """

    order: Tensor
    sites: list[int]
    known: list[bool]
    start: int
    last: int

    @property
    def comes_first(self) -> bool:
        """Whether all of it is there before anything is drawn: no particles are needed."""
        return self.start == self.last

    @property
    def runs(self) -> list[int]:
        """How many sites are there when a run of given ones ends after which more are drawn and
        more are given."""
        known = self.known
        ends = range(self.start + 1, self.last)
        return [end for end in ends if known[end - 1] and not known[end]]


def given_in(model: AutoregressiveModel, known: Tensor, order: Tensor | None = None) -> Given:
    """known: bool (N,), by raster index. order: see `sweep`."""
    known = known.cpu()
    if order is None:
        order = observed_first(known, model.order) if model.any_order else model.order
    at = known[order.cpu()].tolist()
    start = at.index(False) if False in at else len(at)
    last = len(at) - at[::-1].index(True) if True in at else 0
    return Given(order.to(model.device), order.tolist(), at, start, max(start, last))


def sweep(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    retained: Tensor | None = None,
    condition: Tensor | None = None,
    guidance: float = 0.0,
    sampling: Sampling = (1.0, 0, 1.0),
    interrupted: Callable[[], bool] = _never,
    order: Tensor | None = None,
    whole_evidence: bool = True,
) -> Sweep:
    """Complete G pictures once, each by particles of its own, all in one batch.

    values: levels (G, C, N) by raster index; what they hold at unknown sites is not looked at.
    known: bool (N,), by raster index, the same of all.
    particles: P, at each picture.
    generator: of the processor; all noise comes from it, and that of a picture does not depend on
    how many there are.
    retained: levels (G, C, N), pictures with the same evidence that compete with P - 1 new
    attempts each; None for P new ones.
    condition: as the model takes it, of the G pictures.
    guidance: see `guidance_of`; sampling: as in `SamplingOptions`. The figures are the model's own
    at 0 and (1, 0, 1).
    interrupted: asked before each site; True raises `Cancelled`.
    order: raster indices (N,); None for the model's own, or for what is given first, where it takes
    any.
    whole_evidence: whether what is given before anything is drawn is weighed too, which takes a
    pass, or many of a model that predicts all unknown sites at once.
    """
    sites = sweeping(
        model,
        values,
        known,
        particles,
        generator,
        retained,
        condition,
        guidance,
        sampling,
        order,
        whole_evidence,
    )
    with one_thread():
        while not interrupted():
            try:
                next(sites)
            except StopIteration as end:
                result: Sweep = end.value
                return result
    raise Cancelled


@torch.inference_mode()
def sweeping(
    model: AutoregressiveModel,
    values: Tensor,
    known: Tensor,
    particles: int,
    generator: torch.Generator,
    retained: Tensor | None = None,
    condition: Tensor | None = None,
    guidance: float = 0.0,
    sampling: Sampling = (1.0, 0, 1.0),
    order: Tensor | None = None,
    whole_evidence: bool = True,
) -> Generator[None, None, Sweep]:
    """`sweep`, which can be left after each site and gone on with."""
    given = given_in(model, known, order)
    likelihood = likelihood_of(model, guidance)
    values = values.to(model.device).long()
    count, competing = len(values), 1 if given.comes_first else particles
    population, noise = _population(model, given, count, competing, generator, retained is not None)
    stepper = stepper_of(
        model, count, condition, given.order if model.any_order else None, guidance
    )
    # what is given before anything is drawn: the same for all particles, and its own evidence
    log_evidence = values.new_zeros(count, dtype=torch.float32)
    if model.predicts_all and whole_evidence:
        # one pass tells nothing of the sites that it was given
        for site in given.sites[: given.start]:
            log_evidence = log_evidence + _weight(likelihood, stepper, values[:, :, site])
            stepper.commit(values[:, :, site])
            yield
    elif given.start:
        pictures = values.unflatten(2, model.spec.space)
        if whole_evidence:
            some = torch.arange(count, device=model.device).split(_TOGETHER)
            weights = []
            for rows in some:
                own = None if condition is None else condition[rows.to(condition.device)]
                weights.append(leading(model, pictures[rows], own, given, guidance))
                yield
            log_evidence = torch.cat(weights)
        stepper.prime(pictures, given.start)
        yield
    if not given.comes_first:
        rows = torch.arange(count, device=model.device).repeat_interleave(competing)
        stepper.select(rows)
    drawn: list[Tensor] = []  # (rows, C) of each site from `start` on
    runs = frozenset(given.runs)
    for position in range(given.start, given.last):
        site = given.sites[position]
        if given.known[position]:
            committed = values[:, :, site].repeat_interleave(competing, 0)
            population.weigh(position, likelihood.log_prob(stepper.conditional(), committed))
            stepper.commit(committed)
            if position + 1 in runs:
                parents = population.resample(position + 1)
                if parents is not None:
                    stepper.select(parents)
        else:
            committed = likelihood.sample(stepper.conditional(), noise.pop(), *sampling)
            if retained is not None:
                committed.view(count, competing, -1)[:, 0] = retained[:, :, site].to(committed)
            stepper.commit(committed)
        drawn.append(committed.to(torch.uint8))
        yield
    effective = torch.full_like(log_evidence, particles)
    if not given.comes_first:
        log_evidence = log_evidence + population.log_evidence(given.last)
        effective = population.effective(given.last)
        chosen = population.chosen(given.last)
        lineage = population.lineage(chosen, given.last)[given.start :]
        stepper.select(chosen)
        index = lineage[..., None].expand(-1, -1, values.shape[1])
        drawn = [*torch.stack(drawn).gather(1, index)]
    for _ in range(given.last, len(given.sites)):
        committed = likelihood.sample(stepper.conditional(), noise.pop(), *sampling)
        stepper.commit(committed)
        drawn.append(committed.to(torch.uint8))
        yield
    completed = values.clone()
    if drawn:
        completed[:, :, given.order[given.start :]] = torch.stack(drawn).permute(1, 2, 0).long()
    return Sweep(completed, log_evidence, effective)


@torch.inference_mode()
def leading(
    model: AutoregressiveModel,
    pictures: Tensor,
    condition: Tensor | None,
    given: Given,
    guidance: float = 0.0,
) -> Tensor:
    """log p of the given sites that the order begins with, nats, (G,).

    pictures: levels (G, C, H, W).
    """
    order = given.order if model.any_order else None
    params = conditionals_of(model, pictures, condition, order, guidance)[:, : given.start]
    at = model.sites(pictures, order)[:, : given.start]
    likelihood = likelihood_of(model, guidance)
    return likelihood.log_prob(params, at).clamp_min(IMPOSSIBLE).sum(1)


def _weight(likelihood: Likelihood, stepper: Stepper, values: Tensor) -> Tensor:
    return likelihood.log_prob(stepper.conditional(), values).clamp_min(IMPOSSIBLE)


def _population(
    model: AutoregressiveModel,
    given: Given,
    count: int,
    particles: int,
    generator: torch.Generator,
    retaining: bool,
) -> tuple[Population, list[Tensor]]:
    """The particles of so many pictures, and the uniforms of the sites that are drawn, the last one
    first: (rows, draws) while particles compete, (count, draws) afterwards."""
    draws, sites = model.likelihood.draws, len(given.sites)
    competing = given.known[given.start : given.last].count(False)
    alone = sites - given.last
    runs = given.runs if retaining else []
    parts = [competing * particles * draws, alone * draws, sites + 1, len(runs) * (particles - 1)]
    noise = torch.rand(count, sum(parts), generator=generator).to(model.device)
    first, then, choices, resampling = noise.split(parts, 1)
    uniforms = [
        *first.reshape(count, competing, particles, draws).transpose(0, 1).flatten(1, 2),
        *then.reshape(count, alone, draws).transpose(0, 1),
    ]
    population = Population(count, particles, choices)
    if retaining:
        each = resampling.reshape(count, len(runs), particles - 1).unbind(1)
        population = RetainingPopulation(
            count, particles, choices, dict(zip(runs, each, strict=True))
        )
    return population, uniforms[::-1]
