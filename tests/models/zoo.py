"""Small members of the zoo and random data for them. A model
that is listed in the registry joins each test here."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

import models
from models.interface import (
    AutoregressiveModel,
    Classes,
    Map,
    Model,
    OrderAgnosticModel,
    Spectrogram,
    TwoStageModel,
)
from tests.thorough import THOROUGH, sketch, some_of

# one that is another at another rate is the same network, only larger
NAMES = [
    name
    for name in models.autoregressive()
    if THOROUGH or getattr(models.registry.variant(name).defaults, "sample_rate", 8000) == 8000
]
PICTURES = [name for name in NAMES if not models.registry.variant(name).sound]  # those that draw
DIFFERENT = some_of(PICTURES)  # of each family and kind of condition one; for what all share


def of_one_channel(name: str) -> bool:
    """Whether it is made for sound, or for codes of a picture."""
    found = models.registry.variant(name)
    return found.sound or issubclass(found.model, TwoStageModel)


def built(name: str, **overrides: Any) -> AutoregressiveModel:
    """`models.build` of one that generates, for as many sites as most: also one of open length, or
    of codes."""
    if of_one_channel(name):
        overrides = {"shape": (1, 28, 28), **overrides}
    model = models.build(name, **overrides)
    assert isinstance(model, AutoregressiveModel)
    return model


ANY_ORDER = [name for name in NAMES if sketch(name).any_order]
# of those whose conditionals cost a pass each, where nothing else is asked for
LIGHT = {
    name: {"width": 8, "coarse": 8, "blocks": (1, 1, 1)}
    for name in NAMES
    if isinstance(sketch(name), OrderAgnosticModel)
}
LIGHT |= {
    name: {
        "width": 8,
        "layers": 2,
        "heads": 2,
        "hidden": 8,
        "coder_width": 4,
        "coder_blocks": 0,
    }
    for name in NAMES
    if isinstance(sketch(name), TwoStageModel)
}


def small(
    name: str, shape: tuple[int, ...] = (1, 7, 6), levels: int = 2, seed: int = 0, **overrides: Any
) -> AutoregressiveModel:
    """The model as it is configured, but for small pictures;
    weights drawn from the seed and none of them zero.

    To a model for sound, or of codes, channels of a picture are more of its sites.
    """
    if of_one_channel(name):
        shape = (1, shape[0] * shape[1], *shape[2:])
    model = small_of_any_kind(name, shape, levels, seed, **overrides)
    assert isinstance(model, AutoregressiveModel)
    return model


def small_of_any_kind(
    name: str, shape: tuple[int, ...] = (1, 7, 6), levels: int = 2, seed: int = 0, **overrides: Any
) -> Model:
    """The same of one that may not generate."""
    torch.manual_seed(seed)
    overrides = {**LIGHT.get(name, {}), **overrides}
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


def differentiable(
    model: AutoregressiveModel, batch: int, seed: int, order: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Conditionals, and what the network was fed with of each site, (B, features, N), to take their
    gradients by: values between the levels, or, where levels are looked up in a table, what was
    found there."""
    x, condition = pictures(model, batch, seed), conditions(model, batch)
    table = getattr(model, "first", None)
    if not isinstance(table, nn.Embedding):
        fed = (x.double() + torch.rand(x.shape) / 2).flatten(2).requires_grad_()
        return model.conditionals(fed.unflatten(2, model.spec.space), condition, order), fed
    fed = table(x.flatten(1)).transpose(1, 2).requires_grad_()
    hook = table.register_forward_hook(
        lambda _, codes, found: fed[:, :, : found.shape[1]].transpose(1, 2)
    )
    params = model.conditionals(x, condition, order)
    hook.remove()
    return params, fed


def reached(model: AutoregressiveModel, order: Tensor | None = None) -> Tensor:
    """Which sites the gradient of each conditional reaches, bool (N, N), both in the order of
    generation. A row of the batch is asked for one conditional only, so that one pass back finds
    them all; and each conditional is asked for in two pictures.

    A rectifier may be shut in one picture: what counts is whether a path is ever open. Pictures
    that open all those that should be there would open one that should not.
    """
    expected = model.dependencies()
    found = torch.zeros_like(expected)
    row = torch.arange(2 * len(model.order))
    for seed in range(6):
        params, fed = differentiable(model, len(row), seed, order)
        (gradient,) = torch.autograd.grad(params[row, row // 2].square().sum(), fed)
        seen = (gradient != 0).any(1).unflatten(0, (-1, 2)).any(1)
        found |= seen[:, model.order if order is None else order]
        if torch.equal(found, expected):
            break
    return found


def conditions(model: AutoregressiveModel, batch: int) -> Tensor | None:
    """A condition of each kind the model takes, among them "none";
    None for a model that takes none."""
    if isinstance(model.conditioning, Classes):
        return torch.arange(batch) % (model.conditioning.count + 1) - 1
    if isinstance(model.conditioning, Map):
        # of the pixels that are given, none in the first picture
        share = torch.arange(batch)[:, None, None] / batch
        known = (
            torch.rand(batch, *model.spec.space, generator=torch.Generator().manual_seed(2)) < share
        )
        return model.painted(pictures(model, batch, seed=3), known)
    if isinstance(model.conditioning, Spectrogram):
        loudness = torch.arange(batch)[:, None, None] / batch
        frames = -(-len(model.order) // model.conditioning.hop)
        shape = batch, model.conditioning.mels, frames
        return loudness * torch.rand(shape, generator=torch.Generator().manual_seed(2))
    return None
