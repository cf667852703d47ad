"""`Sweeps`: pictures that were drawn are drawn again beside new attempts, a few times over, with
what a record has to say of the latest ones. See `studio.engine.generation.refinement`."""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.generation.guidance import (
    conditionals_of,
    is_guided,
    likelihood_of,
    scored,
)
from studio.engine.generation.refinement import Sweep, sweeping
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.threads import one_thread

# from the seed of one sweep to that of the next: an odd number without a pattern
_STRIDE = 0x9E3779B97F4A7C15


class Sweeps:
    """wanted, done: how many.
    pictures: the latest ones, levels, int64 (G, C, N) by raster index.
    parts: what a record has of them, see `studio.engine.generation.drawn_rows`; None before the
    first sweep ends.
    """

    def __init__(
        self,
        model: AutoregressiveModel,
        options: SamplingOptions,
        pictures: Tensor,
        known: Tensor,
        particles: int,
        condition: Tensor | None,
        order: Tensor,
    ) -> None:
        """pictures: levels (G, C, N), drawn given what is known, bool (N,), by raster index.
        condition, order: as the model takes them; its own order too."""
        self.model, self.options, self.pictures = model, options, pictures.long()
        self.known, self.particles = known, particles
        self.condition, self.order = condition, order
        self.wanted, self.done = options.sweeps, 0
        self.parts: tuple[Tensor, ...] | None = None
        self._sites: Generator[None, None, Sweep] | None = None  # of the present sweep

    @property
    def finished(self) -> bool:
        return self.done >= self.wanted

    def advance(self, interrupted: Callable[[], bool]) -> None:
        """Go on to the end, or until it is interrupted between two sites; the next call then goes
        on from there."""
        with one_thread():
            while not self.finished and not interrupted():
                try:
                    if self._sites is None:
                        self._sites = self._next()
                    next(self._sites)
                except StopIteration as end:
                    self._take(end.value)

    def _next(self) -> Generator[None, None, Sweep]:
        seed = (self.options.seed + (self.done + 1) * _STRIDE) % 2**64
        return sweeping(
            self.model,
            self.pictures,
            self.known,
            self.particles,
            torch.Generator().manual_seed(seed),
            retained=self.pictures,
            condition=self.condition,
            guidance=self.options.guidance,
            sampling=self.options.sampling,
            order=self.order,
        )

    @torch.inference_mode()
    def _take(self, swept: Sweep) -> None:
        model, guided = self.model, is_guided(self.model, self.options)
        self._sites, self.pictures = None, swept.values
        self.done += 1
        pictures = swept.values.unflatten(2, model.spec.space)
        order = self.order if model.any_order else None
        params = conditionals_of(model, pictures, self.condition, order, guided)
        values = model.sites(pictures, self.order)  # (G, N, C)
        likelihood = likelihood_of(model, self.options.guidance if guided else 0.0)
        nats, entropies = scored(likelihood, params, values)
        given = self.known.to(model.device)[self.order]
        self.parts = (
            values.transpose(0, 1).to(torch.uint8),
            nats.masked_fill(given, 0.0).T.float(),
            entropies.masked_fill(given, torch.nan).T.float(),
        )
