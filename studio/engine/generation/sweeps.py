"""`Sweeps`: pictures that were drawn are drawn again beside new attempts, a few times over, with
what a record has to say of the latest ones. See `studio.engine.generation.refinement`."""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.generation.guidance import (
    conditionals_of,
    guidance_of,
    likelihood_of,
    scored,
)
from studio.engine.generation.refinement import sweeping
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.threads import one_thread

# from the seed of one sweep to that of the next: an odd number without a pattern
_STRIDE = 0x9E3779B97F4A7C15
_SITES = 4096  # of all pictures in a pass, so that it stays short


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
        self._sites: Generator[None, None, None] | None = None  # of the present sweep

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
                except StopIteration:
                    self._sites = None
                    self.done += 1

    def _next(self) -> Generator[None, None, None]:
        """A sweep, and the figures of what came out."""
        seed = (self.options.seed + (self.done + 1) * _STRIDE) % 2**64
        swept = yield from sweeping(
            self.model,
            self.pictures,
            self.known,
            self.particles,
            torch.Generator().manual_seed(seed),
            retained=self.pictures,
            condition=self.condition,
            guidance=guidance_of(self.model, self.options),
            sampling=self.options.sampling,
            order=self.order,
            whole_evidence=False,
        )
        parts, together = [], max(1, _SITES // len(self.order))
        for rows in torch.arange(len(swept.values), device=self.model.device).split(together):
            condition = None if self.condition is None else self.condition[rows]
            parts.append(self._scored(swept.values[rows], condition))
            yield
        self.pictures = swept.values
        self.parts = tuple(torch.cat(part, 1) for part in zip(*parts, strict=True))

    @torch.inference_mode()
    def _scored(self, pictures: Tensor, condition: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """What a record has of some of the pictures, levels (G, C, N)."""
        model, guidance = self.model, guidance_of(self.model, self.options)
        order = self.order if model.any_order else None
        pictures = pictures.unflatten(2, model.spec.space)
        params = conditionals_of(model, pictures, condition, order, guidance)
        values = model.sites(pictures, self.order)  # (G, N, C)
        likelihood = likelihood_of(model, guidance)
        nats, entropies = scored(likelihood, params, values)
        given = self.known.to(model.device)[self.order]
        return (
            values.transpose(0, 1).to(torch.uint8),
            nats.masked_fill(given, 0.0).T.float(),
            entropies.masked_fill(given, torch.nan).T.float(),
        )
