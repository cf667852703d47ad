"""Worlds so small that every picture can be listed, so that what Monte Carlo estimates is known."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from tests.models.zoo import small

SPACE = (3, 3)
SITES = math.prod(SPACE)


def nine_pixels(name: str = "made", strength: float = 3.0, **config: Any) -> AutoregressiveModel:
    """Black and white pixels that depend on one another so much that what comes later tells a lot
    of what came before."""
    if name == "made":
        config = {"hidden": 16, "dropout": 0.0, **config}
    model = small(name, (1, *SPACE), **config)
    for p in model.parameters():
        p.data *= strength
    return model


class Enumerated:
    """pictures: all of them, levels (2^N, 1, N) by raster index.
    log_p: of each by the model, nats."""

    def __init__(
        self,
        model: AutoregressiveModel,
        condition: int | None = None,
        order: Tensor | None = None,
    ) -> None:
        numbers = torch.arange(2**SITES)
        self.pictures = (numbers[:, None] >> torch.arange(SITES) & 1)[:, None]
        given = None if condition is None else torch.full((len(numbers),), condition)
        with torch.inference_mode():
            whole = self.pictures.unflatten(2, SPACE)
            self.log_p = model.log_prob(whole, given, order).double()

    def _log_p_given(self, values: Tensor, known: Tensor) -> Tensor:
        fits = (self.pictures[:, 0, known] == values[0, known]).all(1)
        return self.log_p.masked_fill(~fits, -torch.inf)

    def log_evidence(self, values: Tensor, known: Tensor) -> float:
        """log p of what is known of a picture, levels (1, N) and bool (N,)."""
        return float(self._log_p_given(values, known).logsumexp(0))

    def conditional(self, values: Tensor, known: Tensor) -> Tensor:
        """The probability of each picture given what is known, (2^N,)."""
        return self._log_p_given(values, known).softmax(0)

    def samples(self, values: Tensor, known: Tensor, count: int, seed: int = 0) -> Tensor:
        """So many of it, exact, levels (count, 1, N)."""
        generator = torch.Generator().manual_seed(seed)
        p = self.conditional(values, known)
        return self.pictures[torch.multinomial(p, count, True, generator=generator)]


def misfit(pictures: Tensor, probabilities: Tensor) -> float:
    """Pearson's chi-square of pictures (S, 1, N) against the probability of each, (2^N,), in
    standard deviations above what it is on average where they are drawn by these.

    Pictures that are expected fewer than five times count as one.
    """
    numbers = (pictures.reshape(len(pictures), SITES) << torch.arange(SITES)).sum(1)
    found = torch.bincount(numbers, minlength=2**SITES).double()
    expected = probabilities * len(pictures)
    rare = expected < 5
    observed = torch.cat([found[~rare], found[rare].sum()[None]])
    wanted = torch.cat([expected[~rare], expected[rare].sum()[None]])
    cells = wanted > 0
    assert not observed[~cells].any(), "a picture that cannot be"
    statistic = float(((observed - wanted).square() / wanted)[cells].sum())
    freedom = int(cells.sum()) - 1
    assert freedom > 2, "nothing to tell apart"
    return (statistic - freedom) / math.sqrt(2 * freedom)
