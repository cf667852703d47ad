"""Scoring of both stages of a model that goes by codes: how much of a picture its codes keep, and
how many of them are used; and how well codes are predicted. See `models.interface.Coder`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from models.interface import Coder, DiscreteAutoencoder, Model, TwoStageModel
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.evaluation import BATCH, BATCH_VALUES, SEED, evaluate_images, images_for
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import ALONE, Share

_AS_THEY_ARE = Preparation.parse("grey-256")  # leaves every code what it is


@torch.inference_mode()
def encoded(
    model: Model, images: Tensor, preparation: Preparation, token: CancelToken | None = None
) -> Tensor:
    """The codes of images, uint8 (N, C, H, W), one at least -> uint8 (N, 1, h, w) on the processor;
    of fewer images where the token was cancelled."""
    assert isinstance(model, Coder)
    generator = torch.Generator().manual_seed(SEED)
    found: list[Tensor] = []
    for some in images.cpu().split(max(1, min(BATCH, BATCH_VALUES // images[0].numel()))):
        if found and token is not None and token.cancelled:
            break
        x = preparation.apply(some, generator).to(model.device)
        found.append(model.encode(x).to("cpu", torch.uint8))
    return torch.cat(found)


def evaluate_codes(
    model: TwoStageModel,
    images: Tensor,
    labels: Tensor | None,
    preparation: Preparation,
    progress: Callable[[float], object] | None = None,
    token: CancelToken | None = None,
    share: Share = ALONE,
) -> Score | None:
    """Score the second stage on images, uint8 (N, C, H, W); see `evaluation.evaluate_images`."""
    codes = encoded(model, images, preparation, token)
    return evaluate_images(model, codes, labels, _AS_THEY_ARE, progress, token, share=share)


def evaluate_two_stages(
    model: TwoStageModel,
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
    """Score the second stage on a whole part of a data set of pictures; see `evaluate`."""
    images, found = images_for(model, data, split, preparation, labels, skip_damaged)
    return evaluate_codes(model, images, found, preparation, progress, token, share)


def evaluate_autoencoder(
    model: DiscreteAutoencoder,
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
    """Score the first stage on a whole part of a data set of pictures; see `evaluate`. Besides what
    it is measured by: codes_used, the share of the codes that occur in these pictures, and
    code_perplexity, how many codes would say as much if all were used as often."""
    images, _ = images_for(model, data, split, preparation, labels, skip_damaged)
    score = evaluate_images(model, images, None, preparation, progress, token, share=share)
    if score is None:
        return None
    codes = encoded(model, images, preparation, token)
    return replace(score, figures={**score.figures, **usage(codes, model.codes.levels)})


def usage(codes: Tensor, levels: int) -> dict[str, float]:
    """codes_used and code_perplexity of codes, integers 0..levels-1 of any shape."""
    counts = codes.flatten().long().bincount(minlength=levels).double()
    shares = counts / counts.sum().clamp_min(1)
    nats = -torch.xlogy(shares, shares).sum()
    return {
        "codes_used": float((counts > 0).double().mean()),
        "code_perplexity": float(nats.exp()),
    }
