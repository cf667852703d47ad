"""Ensembles over orders: a model that takes any order is several models of the same weights
(Germain et al. 2015, section 4.2; Uria et al. 2014, section 4.2). Each order gives a picture a
probability of its own, and their mean is one again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import LongTensor, Tensor

from models import orders
from models.interface import AutoregressiveModel


def several(model: AutoregressiveModel, count: int, seed: int = 0) -> list[LongTensor]:
    """The first `count` of an endless list of orders: the regular ones from all sides, 32 of them,
    and then others as they are drawn in training, by the seed.

    In a regular order a pixel has more of its neighbours to go by, and from each side others: such
    members are better alone, and differ more from one another, than random orders.
    """
    height, width = model.spec.space
    generator = torch.Generator().manual_seed(seed)
    regular = orders.all_regular(height, width)
    drawn = (orders.varied(height, width, generator) for _ in range(count - len(regular)))
    return [*regular, *drawn][:count]


def log_probs(
    model: AutoregressiveModel, x: Tensor, which: Sequence[Tensor], condition: Tensor | None = None
) -> Tensor:
    """Log-likelihood of each row of x (B, channels, *space) in each of K orders, (K, B), in nats.

    One order after the other: takes no more memory than one does.
    """
    return torch.stack([model.log_prob(x, condition, order) for order in which])


def mean_probability(log_p: Tensor) -> Tensor:
    """log p of the ensemble, (B,), from `log_probs` (K, B): the log of the mean of the
    probabilities of whole pictures.

    By Jensen's inequality never below the mean of its members' log p.
    """
    return log_p.logsumexp(0) - math.log(len(log_p))


def figures(
    model: AutoregressiveModel, x: Tensor, which: Sequence[Tensor], condition: Tensor | None = None
) -> dict[str, Tensor]:
    """What `Model.figures` says of a model, for its ensemble over K orders; and as
    single_order_bits_per_dim the mean over the members, each alone."""
    log_p = log_probs(model, x, which, condition)
    nats, bits = -mean_probability(log_p), math.prod(x.shape[1:]) * math.log(2)
    return {
        "bits_per_dim": nats / bits,
        "nats": nats,
        "single_order_bits_per_dim": -log_p.mean(0) / bits,
    }
