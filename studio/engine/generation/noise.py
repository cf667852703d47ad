"""The noise that pictures are drawn with: it belongs to the sites and depends on the seed alone, so
that a seed gives the same picture on every device, in every order and however it is decoded."""

from __future__ import annotations

import torch
from torch import Tensor

from models.interface import AutoregressiveModel


def noise_for(model: AutoregressiveModel, count: int, seed: int) -> Tensor:
    """The noise of `count` pictures: float32 (count, N, draws) in [0, 1) on the host, by raster
    index of the site.

    It depends on the seed alone, and row i is the same for every count.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, len(model.order), model.likelihood.draws, generator=generator)
