"""Sequential Monte Carlo: several attempts at every picture compete at each given site; see
`studio.engine.generation.population`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.generation.methods import Attempts, Method, own_order

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def begin(
    count: int, particles: int, sites: int, draws: int, seed: int, device: torch.device
) -> tuple[Tensor, Attempts]:
    """See `Method.begin`."""
    from studio.engine.generation.population import Population, draw_noise

    noise, resampling = draw_noise(count, particles, sites, draws, seed)
    return noise, Population(count, particles, resampling.to(device))


METHOD = Method(
    "smc",
    "Particles",
    "Many attempts compete, so that what is given further down counts too; slower",
    own_order,
    begin=begin,
)
