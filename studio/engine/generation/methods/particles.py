"""Several attempts at every picture compete at each given site; see
`studio.engine.generation.population`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.generation.methods import Attempts, Method

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def _begin(
    count: int, sites: int, draws: int, seed: int, device: torch.device
) -> tuple[Tensor, Attempts]:
    from studio.engine.generation.population import Population, draw_noise

    noise, resampling = draw_noise(count, sites, draws, seed)
    return noise, Population(count, resampling.to(device))


METHOD = Method(
    "particles",
    "Particles",
    "Many attempts compete, so that pixels given further down count too; slower",
    _begin,
)
