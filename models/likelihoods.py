"""How a network's output at one site becomes a distribution over levels: `Bernoulli` and `Categorical`.

Parameters have shape (..., P), values (..., channels), int64 levels 0..K-1. Sampling is by inverse CDF from uniforms that
the caller drew, so that a seed gives the same picture on every device and two models can be compared on the same luck.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor


class Likelihood(ABC):
    """The distribution of one site, given the parameters that the network computed for it.

    levels: K.  channels: values a site.  parameters: P, numbers the network gives a site.  draws: uniforms a site takes.
    """

    levels: int
    channels: int
    parameters: int
    draws: int

    @abstractmethod
    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        """Log-probability in nats of values (..., channels), summed over the channels: (...)."""

    @abstractmethod
    def logits(self, params: Tensor) -> Tensor:
        """Unnormalised log-probabilities of every level, (..., channels, levels)."""

    def probabilities(self, params: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
        """Probabilities of every level, (..., channels, levels), each row summing to 1."""
        return truncated_softmax(self.logits(params), temperature, top_k, top_p)

    def sample(self, params: Tensor, noise: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
        """Values (..., channels), int64, by inverse CDF from noise (..., draws), uniform in [0, 1).

        temperature 0 takes the most probable level; top_k 0 and top_p 1 leave the distribution whole.
        """
        return inverse_cdf(self.probabilities(params, temperature, top_k, top_p), noise)

    def entropy(self, params: Tensor) -> Tensor:
        """Entropy in nats, summed over the channels: (...)."""
        log_p = self.logits(params).log_softmax(-1)
        return -(log_p.exp() * log_p).sum((-2, -1))


class Bernoulli(Likelihood):
    """Two levels; one logit a channel: log p(1) - log p(0)."""

    levels = 2

    def __init__(self, channels: int = 1) -> None:
        self.channels = self.parameters = self.draws = channels

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        return -F.binary_cross_entropy_with_logits(params, values.to(params.dtype), reduction="none").sum(-1)

    def logits(self, params: Tensor) -> Tensor:
        return torch.stack([torch.zeros_like(params), params], -1)

    def sample(self, params: Tensor, noise: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
        if temperature == 1.0 and top_k == 0 and top_p >= 1.0:
            return (noise >= torch.sigmoid(-params)).long()  # the general way, in three operations instead of a dozen
        return super().sample(params, noise, temperature, top_k, top_p)


class Categorical(Likelihood):
    """K levels, one logit each; the channels of a site are independent of one another given the earlier sites."""

    def __init__(self, levels: int, channels: int = 1) -> None:
        self.levels = levels
        self.channels = self.draws = channels
        self.parameters = levels * channels

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        log_p = self.logits(params).log_softmax(-1)
        return log_p.gather(-1, values.unsqueeze(-1)).squeeze(-1).sum(-1)

    def logits(self, params: Tensor) -> Tensor:
        return params.unflatten(-1, (self.channels, self.levels))


def for_levels(levels: int, channels: int = 1) -> Likelihood:
    """The usual likelihood for so many levels: Bernoulli for 2, Categorical for more."""
    return Bernoulli(channels) if levels == 2 else Categorical(levels, channels)


def truncated_softmax(logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """Softmax over the last dimension at a temperature, keeping the k most probable levels and, of those, the smallest
    set whose probability reaches p (nucleus; Holtzman et al. 2020, section 3.1).

    Raises ValueError for a negative temperature or top_k and for top_p outside (0, 1].
    """
    if temperature < 0 or top_k < 0 or not 0 < top_p <= 1:
        raise ValueError("temperature and top-k are at least 0, and top-p is above 0 and at most 1")
    levels = logits.shape[-1]
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), levels).to(logits.dtype)
    p = (logits / temperature).softmax(-1)
    if 0 < top_k < levels:
        keep = torch.zeros_like(p).scatter(-1, p.topk(top_k, -1).indices, 1.0)
        p = p * keep / (p * keep).sum(-1, keepdim=True)
    if top_p < 1:
        ranked, index = torch.sort(p, dim=-1, descending=True, stable=True)
        before = ranked.cumsum(-1) - ranked
        ranked = torch.where(before < top_p, ranked, 0.0)  # the first one always stays
        p = torch.zeros_like(p).scatter(-1, index, ranked)
        p = p / p.sum(-1, keepdim=True)
    return p


def inverse_cdf(probabilities: Tensor, noise: Tensor) -> Tensor:
    """The level whose stretch of the unit interval the noise falls in.

    probabilities (..., K), noise (...) in [0, 1); returns int64 (...). A level of probability 0 is never chosen.
    """
    cdf = probabilities.cumsum(-1)
    # Rounding may leave the last entry just below 1: measure the noise against it, so that it always falls inside.
    reached = noise.unsqueeze(-1) * cdf[..., -1:]
    return (cdf <= reached).sum(-1).clamp_max(probabilities.shape[-1] - 1)
