"""Scoring: how many bits a dimension a model needs for a part of a data set, or whatever else it is
measured by, which is the model's to say (`Model.figures`). Every figure of the studio comes from
here.

A model that takes any order is scored as an ensemble over several; see `models.order_agnostic`. One
that predicts all unknown sites at once is scored by the mean over all orders, by its own estimate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from models import order_agnostic
from models.interface import AutoregressiveModel, Classes, Model, OrderAgnosticModel
from studio.engine import kinds
from studio.engine.data.data_sets import check_labels
from studio.engine.data.inpainting_masks import HALVES, half
from studio.engine.data.of_model import data_for, prepared_for
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.runtime.memory import keep_freed_memory
from studio.engine.scoring.fewer_passes import bits_by_steps
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import ALONE, Report, Share, Sums

ORDERS = 32  # of the ensemble that a model of any order is scored as
BATCH = 100  # pictures
BATCH_VALUES = 100 * 64 * 64  # in fewer pictures, where they are large
_CURVE = 256  # pictures on which the cost of fewer passes is measured
SEED = 20_240_607  # of what scoring leaves to chance, the same for every model that is scored


def evaluate(
    model: Model,
    data: str | Path | None = None,
    split: str = "test",
    preparation: str | None = None,
    labels: str | Path | None = None,
    progress: Callable[[float], object] | None = None,
    token: CancelToken | None = None,
    orders: int | None = None,
    skip_damaged: bool = False,
    share: Share = ALONE,
) -> Score | None:
    """Score a whole part ("train", "validation" or "test") of a data set.

    data, preparation: None for those the model learnt from.
    labels: a file, where the data come without them.
    progress: called with 0..1.
    orders: see `evaluate_images`.
    skip_damaged: leave out the files of the data that cannot be read.
    share: of the process that runs this, where several score the same, see `ShardShare`.

    Models conditioned on classes are scored with the labels; those conditioned on what is given
    with nothing given, and then with each half; sound beside trivial models, and that of a vocoder
    by what it makes again. None where the token was cancelled, or the
    shares of others are missing. StudioError where the data do not fit the model.
    """
    if orders is not None and orders > 1 and not _has_ensembles(model):
        raise StudioError(
            f"{model.name or type(model).__name__} is not scored as an ensemble: choose 1 order."
        )
    prepared = prepared_for(model, preparation)
    kind = kinds.of(model)
    prepared.check(model.name or type(model).__name__, kind.endless)
    score: Score | None = kind.part("evaluate")(
        model, data, split, prepared, labels, progress, token, orders, skip_damaged, share
    )
    return score


def evaluate_pictures(
    model: Model,
    data: str | Path | None,
    split: str,
    preparation: Preparation,
    labels: str | Path | None,
    progress: Callable[[float], object] | None,
    token: CancelToken | None,
    orders: int | None,
    skip_damaged: bool,
    share: Share = ALONE,
) -> Score | None:
    """Score a whole part of a data set of pictures; see `evaluate`."""
    images, found = images_for(model, data, split, preparation, labels, skip_damaged)
    return evaluate_images(
        model, images, found, preparation, progress, token, orders, completions=True, share=share
    )


def images_for(
    model: Model,
    data: str | Path | None,
    split: str,
    preparation: Preparation,
    labels: str | Path | None,
    skip_damaged: bool,
) -> tuple[Tensor, Tensor | None]:
    """The images of a part of a data set of pictures, uint8 (N, C, H, W), and their labels where
    the model is conditioned on them; StudioError where they do not fit it."""
    opened = data_for(model, data, labels, preparation, skip_damaged)
    images, found = opened.split(split)
    if not len(images):
        raise StudioError(f'"{opened.name}" has no {split} part.')
    shape, levels, wanted = tuple(images.shape[1:]), preparation.levels, model.pictures
    if (shape, levels) != (tuple(wanted.shape), wanted.levels):
        raise StudioError(
            f"The model is made for {_form(wanted.shape, wanted.levels)}, "
            f'but "{opened.name}", prepared as {preparation.name}, has'
            f" {_form(shape, levels)}."
        )
    if not isinstance(model.conditioning, Classes):
        return images, None
    if found is None:
        raise StudioError(f'The model is scored with labels, and "{opened.name}" has none.')
    check_labels(found, model.conditioning.count, opened.name)
    return images, found


@torch.inference_mode()
def evaluate_images(
    model: Model,
    images: Tensor,
    labels: Tensor | None,
    preparation: Preparation,
    progress: Callable[[float], object] | None = None,
    token: CancelToken | None = None,
    orders: int | None = None,
    completions: bool = False,
    share: Share = ALONE,
) -> Score | None:
    """Score uint8 images (N, C, H, W), with labels (N,) or without; None where the token was
    cancelled, or the shares of others are missing.

    orders: how many orders are averaged for a model that takes any, None for `ORDERS`.
    completions: also with each half given, for models conditioned on what is given, and what it
    costs to draw in fewer passes, for those that predict all unknown sites at once.
    share: of the process that runs this, where several score the same images:
    the score is that of all.
    """
    keep_freed_memory()
    began = time.monotonic()
    which: list[Tensor] = []
    if isinstance(model, AutoregressiveModel) and _has_ensembles(model):
        which += order_agnostic.several(model, orders or ORDERS)
    sides = HALVES if completions and model.takes_painting else ()
    known = {side: torch.from_numpy(half(side, model.spec)).to(model.device) for side in sides}
    # of a single row or column a half may be all or nothing: then there is no rest to be scored
    known = {side: given for side, given in known.items() if not given.all()}
    most = max(1, min(BATCH, BATCH_VALUES // images[0].numel()))
    batch = share.batch(len(images), most)
    starts = range(0, len(images), batch)

    def score(unit: int, report: Report) -> Sums:
        generator = torch.Generator().manual_seed(SEED + unit)
        rows = slice(starts[unit], starts[unit] + batch)
        x = preparation.apply(images[rows], generator).to(model.device)
        condition = None if labels is None else labels[rows].to(model.device)
        if which and isinstance(model, AutoregressiveModel):
            found = order_agnostic.figures(model, x, which, condition)
        else:
            found = model.figures(x, condition, generator)
        found |= {side: hidden_bits(model, x, given) for side, given in known.items()}
        return {name: float(values.sum(dtype=torch.float32)) for name, values in found.items()}

    totals = share.totals([1.0] * len(starts), score, progress, token)
    if totals is None:
        return None
    means = {name: total / len(images) for name, total in totals.items()}
    completion = {side: means.pop(side) for side in known}
    steps: dict[str, float] = {}
    if completions and isinstance(model, OrderAgnosticModel):
        generator = torch.Generator().manual_seed(SEED)
        x = preparation.apply(images[:_CURVE], generator).to(model.device)
        condition = None if labels is None else labels[:_CURVE].to(model.device)
        found_by = bits_by_steps(model, x, condition, generator)
        steps = {str(count): bits for count, bits in found_by.items()}
    seconds = time.monotonic() - began
    return Score(means, len(images), seconds, len(which) or None, completion, steps_bits=steps)


def passes(model: Model, count: int, orders: int | None = None, completions: bool = False) -> float:
    """How many pictures go through the network where `evaluate_images` scores so many with these
    options: by this it can be told before how long that takes."""
    ensemble = (orders or ORDERS) if _has_ensembles(model) else 1
    sides = len(HALVES) if completions and model.takes_painting else 0
    return float(count * (ensemble + sides))


def hidden_bits(model: Model, x: Tensor, known: Tensor) -> Tensor:
    """-log p(hidden | given) of each row of x in bits a hidden dimension, (B,), for a model
    conditioned on what is given.

    x: integer (B, C, H, W).
    known: bool (H, W), given in all of them.
    """
    assert isinstance(model, AutoregressiveModel)
    condition = model.painted(x, known.expand(len(x), *known.shape))
    nats = -model.likelihood.log_prob(model.conditionals(x, condition), model.sites(x))  # (B, N)
    hidden = ~known.flatten()[model.order]
    return nats[:, hidden].mean(1) / (model.spec.channels * math.log(2))


def _has_ensembles(model: Model) -> bool:
    """Whether it is scored as an ensemble over orders."""
    return isinstance(model, AutoregressiveModel) and model.any_order and not model.predicts_all


def _form(shape: tuple[int | None, ...], levels: int) -> str:
    return f"{' x '.join(str(size) for size in shape)} values of {levels} levels"
