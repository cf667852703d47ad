"""Small members of the zoo and random data for them. A model that is listed in the registry joins each test here."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import models
from models.interface import AutoregressiveModel, Classes, Map, Model

NAMES = models.autoregressive()


def built(name: str, **overrides: Any) -> AutoregressiveModel:
    """`models.build` of one that generates."""
    model = models.build(name, **overrides)
    assert isinstance(model, AutoregressiveModel)
    return model


ANY_ORDER = [name for name in NAMES if built(name).any_order]


def small(
    name: str, shape: tuple[int, ...] = (1, 7, 6), levels: int = 2, seed: int = 0, **overrides: Any
) -> AutoregressiveModel:
    """The model as it is configured, but for small pictures; weights drawn from the seed and none of them zero."""
    model = small_of_any_kind(name, shape, levels, seed, **overrides)
    assert isinstance(model, AutoregressiveModel)
    return model


def small_of_any_kind(
    name: str, shape: tuple[int, ...] = (1, 7, 6), levels: int = 2, seed: int = 0, **overrides: Any
) -> Model:
    """The same of one that may not generate."""
    torch.manual_seed(seed)
    model = models.build(name, shape=shape, levels=levels, **overrides).eval()
    with torch.no_grad():
        for p in model.parameters():
            if p.abs().max() == 0:  # what starts at zero would hide what it lets through
                p.normal_(std=0.3)
    return model.requires_grad_(False)


def pictures(model: AutoregressiveModel, batch: int, seed: int = 1) -> Tensor:
    """Random levels (B, C, H, W), int64."""
    generator = torch.Generator().manual_seed(seed)
    shape = (batch, model.spec.channels, *model.spec.space)
    return torch.randint(model.spec.levels, shape, generator=generator)


def conditions(model: AutoregressiveModel, batch: int) -> Tensor | None:
    """A condition of each kind the model takes, among them "none"; None for a model that takes none."""
    if isinstance(model.conditioning, Classes):
        return torch.arange(batch) % (model.conditioning.count + 1) - 1
    if isinstance(model.conditioning, Map):
        share = torch.arange(batch)[:, None, None] / batch  # of the pixels that are given, none in the first picture
        known = torch.rand(batch, *model.spec.space, generator=torch.Generator().manual_seed(2)) < share
        return model.painted(pictures(model, batch, seed=3), known)
    return None
