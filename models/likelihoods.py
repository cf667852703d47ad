"""How a network's output at one site becomes a distribution over levels: `Bernoulli`, `Categorical`
and `DiscretizedLogisticMixture`.

Parameters have shape (..., P), values (..., channels), int64 levels 0..K-1. Sampling is by inverse
CDF from uniforms that the caller drew, so that a seed gives the same picture on every device and
two models can be compared on the same noise. They stand in one long file because each is read
beside the others: the same questions, answered three times.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor


class Likelihood(ABC):
    """The distribution of one site, given the parameters that the network computed for it.

    levels: K.
    channels: values a site.
    parameters: P, numbers the network gives a site.
    draws: uniforms a site takes.
    in_words: how to draw from the parameters, for whoever has these and not this class; "" where
    nobody has said it.
    """

    levels: int
    channels: int
    parameters: int
    draws: int
    in_words: str = ""

    @abstractmethod
    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        """Log-probability in nats of values (..., channels), summed over the channels: (...)."""

    @abstractmethod
    def logits(self, params: Tensor, values: Tensor | None = None) -> Tensor:
        """Unnormalised log-probabilities of every level, (..., channels, levels).

        values (..., channels): where the channels of a site depend on one another, the row of a
        channel is given the values of the channels before it; without them, the most probable level
        of each.
        """

    def probabilities(
        self,
        params: Tensor,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        values: Tensor | None = None,
    ) -> Tensor:
        """Probabilities of every level, (..., channels, levels), each row summing to 1.

        values: see `logits`.
        """
        return truncated_softmax(self.logits(params, values), temperature, top_k, top_p)

    def sample(
        self,
        params: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> Tensor:
        """Values (..., channels), int64, by inverse CDF from noise (..., draws), uniform in [0, 1).

        temperature 0 takes the most probable level; top_k 0
        and top_p 1 leave the distribution whole.
        """
        return inverse_cdf(self.probabilities(params, temperature, top_k, top_p), noise)

    def entropy(self, params: Tensor) -> Tensor:
        """Entropy in nats, summed over the channels: (...). Of channels that depend on one another,
        as `logits` has it."""
        log_p = self.logits(params).log_softmax(-1)
        return -(log_p.exp() * log_p).sum((-2, -1))

    def components(
        self, params: Tensor, values: Tensor | None = None
    ) -> tuple[Tensor, Tensor] | None:
        """Of a mixture of M distributions: the weights of these, (..., channels, M), each row
        summing to 1, and the probabilities of every level by each, (..., channels, M, levels).
        Weighted, these sum to `probabilities`. None for what is no mixture.

        values: see `logits`; they say which components a later channel may come from.
        """
        return None


class Bernoulli(Likelihood):
    """Two levels; one logit a channel: log p(1) - log p(0)."""

    levels = 2
    in_words = (
        "A channel, with one parameter, is 1 with probability 1 / (1 + exp(-parameter)), else 0."
    )

    def __init__(self, channels: int = 1) -> None:
        self.channels = self.parameters = self.draws = channels

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        return -F.binary_cross_entropy_with_logits(
            params, values.to(params.dtype), reduction="none"
        ).sum(-1)

    def logits(self, params: Tensor, values: Tensor | None = None) -> Tensor:
        return torch.stack([torch.zeros_like(params), params], -1)

    def sample(
        self,
        params: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> Tensor:
        if whole(temperature, top_k, top_p):
            return (
                noise >= torch.sigmoid(-params)
            ).long()  # the general way, in three operations instead of a dozen
        return super().sample(params, noise, temperature, top_k, top_p)


class Categorical(Likelihood):
    """K levels, one logit each; the channels of a site are
    independent of one another given the earlier sites."""

    in_words = (
        "Cut the parameters into rows of as many as there are levels, one row for each channel;"
        " the softmax of a row has the probabilities of the levels."
    )

    def __init__(self, levels: int, channels: int = 1) -> None:
        self.levels = levels
        self.channels = self.draws = channels
        self.parameters = levels * channels

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        log_p = self.logits(params).log_softmax(-1)
        return log_p.gather(-1, values.unsqueeze(-1)).squeeze(-1).sum(-1)

    def logits(self, params: Tensor, values: Tensor | None = None) -> Tensor:
        return params.unflatten(-1, (self.channels, self.levels))


class DiscretizedLogisticMixture(Likelihood):
    """A mixture of logistic distributions, of which a level gets the mass in its bin (Salimans et
    al. 2017, section 2.1).

    Levels lie evenly on -1..1 and bins reach half way to their neighbours, those of the first and
    the last level without end: with sigma the logistic function, component k gives level v the
    probability

        sigma((v + 1/2 - m_k) / s_k) - sigma((v - 1/2 - m_k) / s_k)  (eq. 2, in levels)

    All channels of a site come from one component. The mean of a channel moves in proportion to the
    values of the channels before it, on -1..1, by factors tanh(c_k) (section 2.2: green by red,
    blue by red and by green).

    params (..., P) are groups of K = mixtures numbers: the weights of the components, as logits;
    for each channel the means on -1..1; for each channel log s_k on that scale, held between
    `NARROWEST` and `WIDEST`; then c_k for each pair of channels, (1, 0), (2, 0), (2, 1) and so on.

    Given its first channels, a site is a mixture again, weighted by what each component has to do
    with them. So values are drawn a channel at a time, each with one uniform and by exact inverse
    CDF, and temperature, top-k and top-p act on every conditional.
    """

    NARROWEST, WIDEST = -7.0, 7.0
    in_words = (
        "A mixture of logistic distributions (https://arxiv.org/abs/1701.05517, equation 2): cut"
        " the parameters into rows of as many as there are components. The softmax of the first row"
        " has the weights of the components; then comes a row of means for each channel, on"
        " -1..1 from the lowest level to the highest; then a row of log-scales for each channel,"
        " held within -7..7; then for each pair of channels (1, 0), (2, 0), (2, 1) and so on a row"
        " of c: tanh(c) times the value of the earlier one on -1..1 is added to the mean of the"
        " later. Choose one component for all channels, draw each from its logistic distribution,"
        " and round to the nearest level."
    )

    def __init__(self, levels: int, channels: int = 1, mixtures: int = 10) -> None:
        self.levels, self.mixtures = levels, mixtures
        self.channels = self.draws = channels
        self._pairs = channels * (channels - 1) // 2
        self.parameters = mixtures * (1 + 2 * channels + self._pairs)
        self._half = (levels - 1) / 2  # how many levels make one unit of the scale -1..1

    def beginning(self) -> Tensor:
        """Parameters (P,) to start learning from: components
        of equal weight, spread evenly over all levels."""
        means = torch.linspace(-1, 1, self.mixtures).repeat(self.channels)
        # as far as from one to the next
        scales = torch.full_like(means, math.log(2 / self.mixtures))
        return torch.cat(
            [torch.zeros(self.mixtures), means, scales, torch.zeros(self._pairs * self.mixtures)]
        )

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        weights, means, narrowness, factors = self._parts(params)
        for channel in range(self.channels - 1):
            means = self._moved(means, factors, channel, values[..., channel])
        masses = self._log_masses(values.unsqueeze(-1), means, narrowness)  # (..., channels, K)
        return (weights + masses.sum(-2)).logsumexp(-1)

    def logits(self, params: Tensor, values: Tensor | None = None) -> Tensor:
        return torch.stack([table for _, _, table in self._each(params, values)], -2)

    def components(self, params: Tensor, values: Tensor | None = None) -> tuple[Tensor, Tensor]:
        weights, masses, _ = zip(*self._each(params, values), strict=True)
        return torch.stack(weights, -2).exp(), torch.stack(masses, -3).exp()

    def _each(
        self, params: Tensor, values: Tensor | None
    ) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Of one channel after the other: the log-weights (..., K) of the components, and the
        log-probabilities of every level, by each of them, (..., K, levels), and by all."""
        weights, means, narrowness, factors = self._parts(params)
        for channel in range(self.channels):
            masses = self._masses_of_all(means[..., channel, :], narrowness[..., channel, :])
            table = (weights.unsqueeze(-1) + masses).logsumexp(-2)
            yield weights, masses, table
            if channel < self.channels - 1:
                value = table.argmax(-1) if values is None else values[..., channel]
                weights, means = self._given(weights, means, narrowness, factors, channel, value)

    def sample(
        self,
        params: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> Tensor:
        weights, means, narrowness, factors = self._parts(params)
        values: list[Tensor] = []
        for channel in range(self.channels):
            mixture = weights, means[..., channel, :], narrowness[..., channel, :]
            if whole(temperature, top_k, top_p):
                value = self._found(*mixture, noise[..., channel])
            else:
                value = inverse_cdf(
                    truncated_softmax(self._table(*mixture), temperature, top_k, top_p),
                    noise[..., channel],
                )
            values.append(value)
            if channel < self.channels - 1:
                weights, means = self._given(weights, means, narrowness, factors, channel, value)
        return torch.stack(values, -1)

    def entropy(self, params: Tensor) -> Tensor:
        weights, means, narrowness, factors = self._parts(params)
        edges = torch.arange(1, self.levels, device=params.device, dtype=params.dtype) - 0.5
        total = torch.zeros_like(params[..., 0])
        for channel in range(self.channels):
            # Differences are good enough where small probabilities hardly count, and take a tenth
            # of the time of logits.
            mean, narrow = means[..., channel, :], narrowness[..., channel, :]
            cdf = torch.addcmul(
                (-mean * narrow).unsqueeze(-2), edges[:, None], narrow.unsqueeze(-2)
            ).sigmoid_()
            cdf = F.pad((cdf @ weights.exp().unsqueeze(-1)).squeeze(-1), (1, 0))  # (..., levels)
            p = torch.diff(cdf, append=torch.ones_like(cdf[..., :1])).clamp_min_(0)
            total -= torch.xlogy(p, p).sum(-1)
            if channel < self.channels - 1:
                weights, means = self._given(
                    weights, means, narrowness, factors, channel, p.argmax(-1)
                )
        return total

    # One after the other: what the parameters say in levels,
    # and what a channel's value says of the next ones.

    def _parts(self, params: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Log-weights (..., K), means and 1 / s_k in levels
        (..., channels, K), factors (..., pairs, K)."""
        groups = params.unflatten(-1, (-1, self.mixtures))
        weights, means, scales, factors = groups.split(
            [1, self.channels, self.channels, self._pairs], -2
        )
        narrowness = (-scales.clamp(self.NARROWEST, self.WIDEST)).exp() / self._half
        return (
            weights.squeeze(-2).log_softmax(-1),
            means * self._half + self._half,
            narrowness,
            factors.tanh(),
        )

    def _moved(self, means: Tensor, factors: Tensor, channel: int, value: Tensor) -> Tensor:
        """The means once the value (...) of a channel is known:
        those of the later channels depend on it."""
        later = range(channel + 1, self.channels)
        pairs = torch.stack([factors[..., c * (c - 1) // 2 + channel, :] for c in later], -2)
        shift = pairs * (value - self._half)[..., None, None]
        return torch.cat([means[..., : channel + 1, :], means[..., channel + 1 :, :] + shift], -2)

    def _given(
        self,
        weights: Tensor,
        means: Tensor,
        narrowness: Tensor,
        factors: Tensor,
        channel: int,
        value: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Log-weights and means once the value (...) of a channel is known."""
        masses = self._log_masses(
            value.unsqueeze(-1), means[..., channel, :], narrowness[..., channel, :]
        )
        return (weights + masses).log_softmax(-1), self._moved(means, factors, channel, value)

    # One channel: log-weights, means and 1 / s_k, each (..., K).

    def _log_masses(self, values: Tensor, means: Tensor, narrowness: Tensor) -> Tensor:
        """Log-probability of levels by each component; the shapes are broadcast.

        From sigma(b) - sigma(a) = sigma(b) sigma(-a) (1 - exp(a - b)), where no difference of like
        numbers is taken; at an open end, one of the factors sigma is 1, and so is the last.
        """
        lowest, highest = values == 0, values == self.levels - 1
        upper = (values + 0.5 - means) * narrowness
        lower = (values - 0.5 - means) * narrowness
        log_p = torch.where(highest, 0.0, F.logsigmoid(upper)) + torch.where(
            lowest, 0.0, F.logsigmoid(-lower)
        )
        return log_p + torch.where(lowest | highest, 0.0, (-torch.expm1(-narrowness)).log())

    def _table(self, weights: Tensor, means: Tensor, narrowness: Tensor) -> Tensor:
        """Log-probability of every level, (..., levels)."""
        return (weights.unsqueeze(-1) + self._masses_of_all(means, narrowness)).logsumexp(-2)

    def _masses_of_all(self, means: Tensor, narrowness: Tensor) -> Tensor:
        """Log-probability of every level by each component, (..., K, levels):
        `_log_masses`, with every edge looked at once."""
        means, narrowness = means.unsqueeze(-1), narrowness.unsqueeze(-1)
        edges = torch.arange(1, self.levels, device=means.device, dtype=means.dtype) - 0.5
        z = (edges - means) * narrowness  # (..., K, levels - 1)
        below = F.logsigmoid(z)
        masses = F.pad(below, (0, 1)) + F.pad(below - z, (1, 0))  # log sigma(-z) = log sigma(z) - z
        masses[..., 1:-1] += (-torch.expm1(-narrowness)).log()
        return masses

    def _found(self, weights: Tensor, means: Tensor, narrowness: Tensor, noise: Tensor) -> Tensor:
        """Inverse CDF of the whole distribution: what `inverse_cdf` finds in the table, without
        making the table.

        Two looks at about sqrt(levels) edges each: first those between stretches of levels, then
        those within one.
        """
        stride = math.isqrt(self.levels - 1) + 1
        p, means, narrowness = (part.unsqueeze(-2) for part in (weights.exp(), means, narrowness))
        reached = noise.unsqueeze(-1) * p.sum(-1)
        edges = torch.arange(1, -(-self.levels // stride), device=p.device, dtype=p.dtype) * stride
        first = self._below(edges, p, means, narrowness, reached) * stride
        edges = torch.arange(1, stride, device=p.device, dtype=p.dtype) + first
        return (
            (first + self._below(edges, p, means, narrowness, reached))
            .squeeze(-1)
            .clamp_max(self.levels - 1)
        )

    def _below(
        self, levels: Tensor, p: Tensor, means: Tensor, narrowness: Tensor, reached: Tensor
    ) -> Tensor:
        """At how many of these levels (..., T) the CDF up to their lower edges has not come beyond
        `reached`: (..., 1)."""
        cdf = torch.sigmoid_((levels.unsqueeze(-1) - 0.5 - means) * narrowness).mul_(p).sum(-1)
        return (cdf <= reached).sum(-1, keepdim=True)


def for_levels(levels: int, channels: int = 1) -> Likelihood:
    """The usual likelihood for so many levels: Bernoulli for 2, Categorical for more."""
    return Bernoulli(channels) if levels == 2 else Categorical(levels, channels)


def whole(temperature: float, top_k: int, top_p: float) -> bool:
    """Whether these settings leave a distribution as it is."""
    return temperature == 1.0 and top_k == 0 and top_p >= 1.0


def check_truncation(temperature: float, top_k: int, top_p: float) -> None:
    """Raises ValueError for a negative temperature or top_k and for top_p outside (0, 1]."""
    if temperature < 0 or top_k < 0 or not 0 < top_p <= 1:
        raise ValueError("temperature and top-k are at least 0, and top-p is above 0 and at most 1")


def truncated_softmax(
    logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0
) -> Tensor:
    """Softmax over the last dimension at a temperature, keeping the k most probable levels and, of
    those, the smallest set whose probability reaches p (nucleus; Holtzman et al. 2020, section
    3.1). See `check_truncation`.
    """
    check_truncation(temperature, top_k, top_p)
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

    probabilities (..., K), noise (...) in [0, 1); returns int64 (...).
    A level of probability 0 is never chosen.
    """
    cdf = probabilities.cumsum(-1)
    # Rounding may leave the last entry just below 1: measure the noise against it, so that it
    # always falls inside.
    reached = noise.unsqueeze(-1) * cdf[..., -1:]
    return (cdf <= reached).sum(-1).clamp_max(probabilities.shape[-1] - 1)
