"""What the true content of the missing pixels costs, given the others: -log p(missing | observed)
in nats, by each way to complete a picture.

Of each picture by itself, so that methods can be compared on the same ones; and of each site, where
the method draws one after the other.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from models.interface import AutoregressiveModel, OrderAgnosticModel
from models.orders import observed_first
from studio.engine.generation.bounds import refined
from studio.engine.generation.passes import GROWTH, schedule
from studio.engine.generation.refinement import Sweep, sweep

BATCH = 100  # pictures in a pass
_ROWS = 1024  # attempts at all pictures of a sweep together
_SEED = 20_240_607


@torch.inference_mode()
def site_nats(
    model: AutoregressiveModel, x: Tensor, condition: Tensor | None, order: Tensor | None = None
) -> Tensor:
    """-log p of every site given those before it, (B, N) by raster index, on the host: the ordinary
    pass over levels x (B, C, H, W).

    condition: as the model takes it, or None.
    order: LongTensor (N,); None for the model's own.
    """
    found = []
    for rows in torch.arange(len(x)).split(BATCH):
        some, given = x[rows].to(model.device), _rows(condition, rows, model)
        params = model.conditionals(some, given, order)
        nats = -model.likelihood.log_prob(params.float(), model.sites(some, order))
        own = model.order if order is None else order.to(model.device)
        found.append(torch.empty_like(nats).index_copy_(1, own, nats).cpu())
    return torch.cat(found)


@torch.inference_mode()
def map_nats(model: AutoregressiveModel, x: Tensor, known: Tensor) -> Tensor:
    """Of the missing sites, (B, missing), by a model that is conditioned on what is given: exact.

    known: bool (H, W).
    """
    painted = model.painted(x.to(model.device), known.expand(len(x), *known.shape))
    return site_nats(model, x, painted)[:, ~known.flatten()]


def order_nats(
    model: AutoregressiveModel,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None,
    passes: int = 0,
) -> Tensor:
    """Of the missing sites, (B, missing), by a model that takes any order: what is given comes
    first, and then the others in the model's own order: exact.

    known: bool (H, W).
    passes: of a model that predicts all unknown sites at once, 0 for one pass a missing site. Fewer
    ask for so many of the sites, (B, passes), spread evenly over the missing ones from a place that
    is drawn for each batch: the mean over them is an estimate without bias.
    """
    order = observed_first(known, model.order)
    if isinstance(model, OrderAgnosticModel):
        return _asked_one_by_one(model, x, known, order, condition, passes)
    return site_nats(model, x, condition, order)[:, ~known.flatten()]


@torch.inference_mode()
def _asked_one_by_one(
    model: OrderAgnosticModel,
    x: Tensor,
    known: Tensor,
    order: Tensor,
    condition: Tensor | None,
    passes: int,
) -> Tensor:
    given = int(known.sum())
    missing, found = len(order) - given, []
    asked = min(passes, missing) or missing
    generator = torch.Generator().manual_seed(_SEED)
    for rows in torch.arange(len(x)).split(BATCH):
        some, also = x[rows].to(model.device), _rows(condition, rows, model)
        begin = torch.rand((), generator=generator, dtype=torch.float64)
        places = ((torch.arange(asked) + begin) * missing / asked).long().tolist()
        seen = torch.zeros(len(order), dtype=torch.bool)
        log_p = []
        for place in places:
            seen[order[: given + place]] = True
            site = int(order[given + place])
            params = model.predict(some, _everywhere(seen, some), also)[:, site].float()
            log_p.append(model.likelihood.log_prob(params, some.flatten(2)[:, :, site].long()))
        found.append(-torch.stack(log_p, 1).cpu())
    return torch.cat(found)


@dataclass(frozen=True, eq=False)
class Particles:
    """What sequential Monte Carlo makes of pictures, each (B, ...) on the host.

    lower: nats, not above those of the model's exact conditional, on average over the noise: log Z
    is not overestimated by particles that are all new.
    upper: nats, not below those of the sampler itself, on average over the noise: the true content
    has the density p(x) E[1 / Z] among what it draws, where Z is the estimate of a sweep that
    retains this content (Andrieu, Doucet and Holenstein 2010, section 4.1), and the logarithm of a
    mean is not below the mean of the logarithm.
    completed: levels (B, C, H, W), one completion of each.
    effective: effective sample size of the particles, (B,).
    """

    lower: Tensor
    upper: Tensor
    completed: Tensor
    effective: Tensor


def smc_nats(
    model: AutoregressiveModel,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None,
    particles: int,
    plain_nats: Tensor,
) -> Particles:
    """Bounds by particles.

    known: bool (H, W).
    plain_nats: -log p(x) of each picture, (B,).
    """
    generator = torch.Generator().manual_seed(_SEED)
    lower, upper, completed, effective = [], [], [], []
    for rows in torch.arange(len(x)).split(max(1, _ROWS // particles)):
        drawn, again = (
            _swept(model, x, rows, known, condition, particles, generator, retain)
            for retain in (False, True)
        )
        lower.append(drawn.log_evidence.cpu() + plain_nats[rows])
        upper.append(again.log_evidence.cpu() + plain_nats[rows])
        completed.append(drawn.values.cpu().unflatten(2, model.spec.space))
        effective.append(drawn.effective.cpu())
    return Particles(*map(torch.cat, (lower, upper, completed, effective)))


def refined_completions(
    model: AutoregressiveModel,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None,
    particles: int,
    sweeps: int,
) -> Tensor:
    """Completions (B, C, H, W) by particles, and after so many sweeps of particle Gibbs over what
    is not given."""
    generator = torch.Generator().manual_seed(_SEED)
    where, found = known.flatten().to(model.device), []
    for rows in torch.arange(len(x)).split(max(1, _ROWS // particles)):
        values = x[rows].flatten(2).long().to(model.device)
        also = _rows(condition, rows, model)
        drawn = refined(model, values, where, particles, generator, sweeps, also, order=model.order)
        found.append(drawn.cpu().unflatten(2, model.spec.space))
    return torch.cat(found)


def _swept(
    model: AutoregressiveModel,
    x: Tensor,
    rows: Tensor,
    known: Tensor,
    condition: Tensor | None,
    particles: int,
    generator: torch.Generator,
    retain: bool,
) -> Sweep:
    """A sweep over some of the pictures, in the model's own order though it may take any; retain:
    with what they hold at unknown sites among the attempts."""
    values = x[rows].flatten(2).long().to(model.device)
    return sweep(
        model,
        values,
        known.flatten().to(model.device),
        particles,
        generator,
        values if retain else None,
        _rows(condition, rows, model),
        order=model.order,
    )


@torch.inference_mode()
def nats_in_steps(
    model: OrderAgnosticModel,
    x: Tensor,
    known: Tensor,
    condition: Tensor | None,
    steps: int,
    growth: float = GROWTH,
) -> Tensor:
    """(B,), by the generator that draws what is missing in so many passes, in each picture in a
    random order of its own: the sites of a pass come from one prediction, independent of each
    other.

    The orders are the same for every number of steps.
    known: bool (H, W).
    growth: see `studio.engine.generation.passes.schedule`.
    """
    sites, given, found = len(model.order), int(known.sum()), []
    generator = torch.Generator().manual_seed(_SEED)
    ends = [given + at for at in schedule(sites - given, steps, growth)]
    for rows in torch.arange(len(x)).split(BATCH):
        some, also = x[rows].to(model.device), _rows(condition, rows, model)
        noise = torch.rand(len(rows), sites, generator=generator)
        rank = noise.masked_fill(known.flatten(), -1.0).argsort(1).argsort(1).to(model.device)
        values = some.flatten(2).transpose(1, 2).long()
        nats = torch.zeros(len(rows), device=model.device)
        for begin, end in itertools.pairwise(ends):
            params = model.predict(some, (rank < begin).unflatten(1, model.spec.space), also)
            log_p = model.likelihood.log_prob(params.float(), values)
            nats -= (log_p * ((rank >= begin) & (rank < end))).sum(1)
        found.append(nats.cpu())
    return torch.cat(found)


def _everywhere(seen: Tensor, x: Tensor) -> Tensor:
    """A mask by raster index, (N,), for every picture of x (B, C, H, W): bool (B, H, W)."""
    return seen.to(x.device).view(1, *x.shape[2:]).expand(len(x), *x.shape[2:])


def _rows(condition: Tensor | None, rows: Tensor, model: AutoregressiveModel) -> Tensor | None:
    return None if condition is None else condition.to(model.device)[rows.to(model.device)]
