"""`QuickParticles`: a few weighted attempts at a picture, drawn to be averaged and not to be shown.

It is what a generation by sequential Monte Carlo does (see `population`), without a record, so that
it can be left at any site. Where all that is given is seen from the first site on, no attempt has
to compete and all weigh the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Stepper
from models.orders import observed_first
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.population import Population, draw_noise

# levels up to which the mean of a conditional costs less than it saves in attempts
_FEW_LEVELS = 16


class QuickParticles:
    """position: how many sites of the order are there, of `length`.
    last_given: how many there are up to the last given one.
    """

    def __init__(
        self,
        model: AutoregressiveModel,
        given: Evidence,
        condition: int | None,
        particles: int,
        seed: int = 0,
    ) -> None:
        """condition: a class; None for none, and for a model that takes no class."""
        self.model, self.given, self.particles = model, given, particles
        device, length = model.device, len(model.order)
        order: Tensor = model.order
        if model.any_order:
            order = observed_first(torch.from_numpy(given.known), order).to(device)
        self._order = order
        at = order.cpu().numpy()
        self._known: list[bool] = given.known.ravel()[at].tolist()
        values = given.values.reshape(model.spec.channels, -1)[:, at].T.astype(np.int64)
        self._values = torch.from_numpy(values).to(device)  # (N, C)
        self._start = self._known.index(False) if False in self._known else length
        self.last_given = length - self._known[::-1].index(True) if True in self._known else 0
        self._competing = not model.takes_painting and self.last_given > self._start
        self.length, self.position = length, self._start
        noise, resampling = draw_noise(1, particles, length, model.likelihood.draws, seed)
        self._noise = noise.transpose(0, 1).to(device)
        self._population = Population(1, particles, resampling.to(device))
        # of each site from the start on, what was drawn, and its mean, (particles, C)
        self._drawn: list[Tensor] = []
        self._levels: list[Tensor] = []
        self._picture = torch.from_numpy(given.values)[None].to(device)
        self._condition = self._conditioned(condition)
        self._stepper: Stepper | None = None  # made when the first site is asked for

    def _conditioned(self, condition: int | None) -> Tensor | None:
        """The condition of one row, as models take it."""
        if self.model.takes_painting:
            known = torch.from_numpy(self.given.known)[None].to(self.model.device)
            return self.model.painted(self._picture, known)
        return None if condition is None else torch.tensor([condition], device=self.model.device)

    def _begun(self) -> Stepper:
        """A stepper behind the given sites that the order begins with: one row takes them."""
        model = self.model
        stepper = model.stepper(1, self._condition, self._order if model.any_order else None)
        if self._start:
            stepper.prime(self._picture, self._start)
        stepper.select(torch.zeros(self.particles, dtype=torch.long, device=model.device))
        return stepper

    @torch.inference_mode()
    def step(self, n: int = 1, interrupted: Callable[[], bool] = lambda: False) -> int:
        """Go on by n sites, as far as there are any; returns how many.

        interrupted: asked before each site.
        """
        n = min(n, self.length - self.position)
        for done in range(n):
            if interrupted():
                return done
            if self._stepper is None:
                self._stepper = self._begun()
            self._draw(self._stepper, self.position)
            self.position += 1
        return n

    def _draw(self, stepper: Stepper, site: int) -> None:
        """The `site`-th site of the order."""
        likelihood = self.model.likelihood
        if self._known[site]:
            values = self._values[site].expand(self.particles, -1)
            if self._competing:
                self._population.weigh(site, likelihood.log_prob(stepper.conditional(), values))
            stepper.commit(values)
            self._drawn.append(values)
            self._levels.append(values)
            if self._competing and not all(self._known[site + 1 : site + 2]):
                parents = self._population.resample(site + 1)
                if parents is not None:
                    stepper.select(parents)
            return
        params = stepper.conditional()
        values = likelihood.sample(params, self._noise[int(self._order[site])])
        stepper.commit(values)
        self._drawn.append(values)
        # what comes later cannot speak for a value any more: the mean of its distribution varies
        # less than what was drawn from it
        settled = site >= self.last_given or self.model.takes_painting
        if settled and likelihood.levels <= _FEW_LEVELS:
            self._levels.append(mean_levels(likelihood.probabilities(params, values=values)))
        else:
            self._levels.append(values)

    @torch.inference_mode()
    def mean_shares(self) -> NDArray[np.float32]:
        """The expected level of every site that was not given, as a share of the highest level,
        float32 (C, H, W), NaN where it is given or not there yet."""
        model = self.model
        shares = torch.full((model.spec.channels, len(self._order)), torch.nan)
        if self._levels:
            levels = self._now([each.float() for each in self._levels])
            weights = self._population.weights(self.position)[0][:, None]
            means = (levels * weights).sum(1)  # (S, C)
            sites = self._order[self._start : self.position].cpu()
            shares[:, sites] = means.T.cpu() / (model.spec.levels - 1)
        shares[:, torch.from_numpy(self.given.known.ravel())] = torch.nan
        return shares.unflatten(1, model.spec.space).numpy()

    @torch.inference_mode()
    def filled(self, count: int) -> list[tuple[Evidence, int]]:
        """`count` attempts by their weight, evenly (see `systematic`), as far as they are there:
        each different one, and how often it is among them."""
        weights = self._population.weights(self.position)
        points = (torch.arange(count, device=weights.device) + 0.5) / count
        chosen = torch.searchsorted(weights[0].cumsum(0), points).clamp_max(self.particles - 1)
        rows, times = chosen.unique(return_counts=True)
        sites = self._order[: self.position].cpu().numpy()
        values = np.repeat(self.given.values.reshape(1, self.model.spec.channels, -1), len(rows), 0)
        if self._drawn:
            drawn = self._now(self._drawn)[:, rows]  # (S, count, C)
            values[:, :, sites[self._start :]] = drawn.permute(1, 2, 0).cpu().numpy()
        known = self.given.known.copy()
        known.reshape(-1)[sites] = True
        pictures = values.reshape(-1, *self.given.values.shape)
        return [
            (Evidence(picture, known), int(often))
            for picture, often in zip(pictures, times.tolist(), strict=True)
        ]

    def _now(self, of_sites: list[Tensor]) -> Tensor:
        """What was noted at each site, of the attempts that there are now: (S, particles, C)."""
        noted = torch.stack(of_sites)
        rows = torch.arange(self.particles, device=noted.device)
        index = self._population.lineage(rows, self.position)[self._start :, :, None]
        return noted.gather(1, index.expand_as(noted))


def mean_levels(probabilities: Tensor) -> Tensor:
    """The mean level of probabilities (..., K): (...)."""
    return probabilities @ torch.arange(
        probabilities.shape[-1], device=probabilities.device, dtype=probabilities.dtype
    )
