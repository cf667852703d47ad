"""A population of particles: several attempts at each picture, weighted by how well they explain
the evidence that comes later in the order.

Sequential Monte Carlo (Doucet and Johansen 2009, section 3.4): at a given site, a particle's weight
is multiplied with the probability that the model gives the value there; when few particles carry
the weight (effective sample size below half their number), they are drawn anew in proportion to it,
by systematic resampling. What was drawn before later evidence is thus chosen in its light. All
noise comes from uniforms drawn up front, a stream for each picture of its own.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.likelihoods import inverse_cdf

MOST, FEWEST = 32, 8  # attempts at each picture
_ROWS = 512  # attempts at all pictures together, so that a step stays short
# log-probabilities are not taken to be lower: among attempts that all fail, the least bad wins
_IMPOSSIBLE = -1e4


def attempts(count: int) -> int:
    """M, the particles that each of `count` pictures gets."""
    return max(FEWEST, min(MOST, _ROWS // count))


def draw_noise(
    count: int, particles: int, sites: int, draws: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Uniforms for the values, (count * M, N, draws), and
    for resampling and the final choice, (count, N + 1).

    Those of a picture do not depend on `count`, as long as M does not.
    """
    own = particles * sites * draws
    noise = torch.rand(count, own + sites + 1, generator=torch.Generator().manual_seed(seed))
    return noise[:, :own].reshape(count * particles, sites, draws), noise[:, own:]


def systematic(weights: Tensor, noise: Tensor) -> Tensor:
    """Which particle each one becomes: weights (count, M) summing to 1, noise (count,) ->
    LongTensor (count, M).

    M evenly spread points, shifted together by the noise, are looked up in the cumulative weights.
    """
    particles = weights.shape[1]
    points = (torch.arange(particles, device=weights.device) + noise[:, None]) / particles
    cumulated = weights.cumsum(1)
    return torch.searchsorted(cumulated / cumulated[:, -1:], points, right=True).clamp_max(
        particles - 1
    )


class Population:
    """Weights and ancestry of count x M rows; row g * M + m is particle m of picture g.

    What rows committed is kept by the row they were then;
    `lineage` finds it again after they were drawn anew.
    """

    def __init__(self, count: int, particles: int, noise: Tensor) -> None:
        """particles: M, of each picture.
        noise: (count, N + 1), on the model's device."""
        self._noise = noise
        self._shape = count, particles
        # row of each particle 0
        self._first = self._shape[1] * torch.arange(count, device=noise.device)[:, None]
        even = torch.zeros(self._shape, device=noise.device)
        # from this position on: log-weights (count, M), and what was taken out of them, (count,)
        self._weights: list[tuple[int, Tensor, Tensor]] = [(0, even, even[:, 0])]
        self._parents: list[
            tuple[int, Tensor]
        ] = []  # when this many sites were there, what each row had been

    def weigh(self, position: int, log_probability: Tensor) -> None:
        """Account for evidence at site `position`, to which
        the rows gave this log-probability, (rows,)."""
        _, log_weights, taken = self._weights[-1]
        log_weights = log_weights + log_probability.clamp_min(_IMPOSSIBLE).view(self._shape)
        most = log_weights.amax(1)
        self._weights.append((position + 1, log_weights - most[:, None], taken + most))

    def resample(self, position: int) -> Tensor | None:
        """What each row has to become, LongTensor (rows,), now that `position` sites are there;
        None: stay as they are.

        The one place where the host has to know what the device found:
        once for each run of given sites.
        """
        _, log_weights, taken = self._weights[-1]
        weights = log_weights.softmax(1)
        # (count,): effective sample size below half
        poor = weights.square().sum(1) * self._shape[1] > 2
        if not bool(poor.any()):
            return None
        own = torch.arange(self._shape[1], device=weights.device).expand_as(weights)
        parents = torch.where(poor[:, None], systematic(weights, self._noise[:, position]), own)
        mean = log_weights.logsumexp(1) - math.log(self._shape[1])
        self._weights.append(
            (
                position,
                torch.where(poor[:, None], 0.0, log_weights),
                torch.where(poor, taken + mean, taken),
            )
        )
        rows = (parents + self._first).flatten()
        self._parents.append((position, rows))
        return rows

    def forget(self, position: int) -> bool:
        """Go back to when `position` sites were there; whether rows were drawn anew since then."""
        self._weights = [entry for entry in self._weights if entry[0] <= position]
        before = len(self._parents)
        self._parents = [entry for entry in self._parents if entry[0] <= position]
        return len(self._parents) < before

    def chosen(self, position: int) -> Tensor:
        """One row for each picture, LongTensor (count,), by weight at that time."""
        log_weights, _ = self._at(position)
        return inverse_cdf(log_weights.softmax(1), self._noise[:, -1]) + self._first[:, 0]

    def effective(self, position: int) -> Tensor:
        """Effective sample size of the particles of each picture, (count,), 1 to M: one over the
        sum of the squared weights."""
        return 1 / self.weights(position).square().sum(1)

    def weights(self, position: int) -> Tensor:
        """Of the particles of each picture at that time, (count, M), each row summing to 1."""
        return self._at(position)[0].softmax(1)

    def log_evidence(self, position: int) -> Tensor:
        """The logarithm of an unbiased estimate of the probability of what was weighed, given what
        was drawn and given before it, (count,): the product of the mean weights between resamplings
        (Del Moral 2004, section 7.4). The mean of the logarithm itself is too low."""
        log_weights, taken = self._at(position)
        return taken + log_weights.logsumexp(1) - math.log(self._shape[1])

    def _at(self, position: int) -> tuple[Tensor, Tensor]:
        return next((w, taken) for at, w, taken in reversed(self._weights) if at <= position)

    def lineage(self, rows: Tensor, position: int) -> Tensor:
        """Which row each of `rows` (R,) of that time was when the sites before were committed:
        LongTensor (position, R)."""
        index = rows.new_empty(position, len(rows))
        end = position
        for at, parents in reversed(self._parents):
            if at <= position:
                index[at:end] = rows
                rows, end = parents[rows], at
        index[:end] = rows
        return index
