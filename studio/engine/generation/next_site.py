"""`NextSite`: the site that comes next, looked into: what the model says of its levels, what is
sampled from, and why the level comes that will.

Free of torch until something is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from models.likelihoods import Likelihood

Supposed = tuple[int | None, ...]  # a level of each channel, None where none is supposed
_ROUNDING = 1e-3  # of cumulative probabilities that were worked out twice


class Why(Enum):
    """Why the level comes that will."""

    NOISE = "noise"
    BY_HAND = "by hand"  # the person set it
    GIVEN = "given"  # it is evidence
    ATTEMPTS = "attempts"  # several compete, and which of them counts shows later
    REFINED = "refined"  # it was drawn again by a sweep, with noise of its own
    CERTAIN = "certain"  # which site comes next shows when it is drawn


@dataclass(frozen=True, eq=False)
class Components:
    """Of a mixture, for each channel of one site.

    weights: float32 (C, M), of each channel summing to 1; they differ where the values of earlier
    channels speak for some components.
    masses: of every level by each component, float32 (C, M, K). Weighted, they sum to what the
    model says.
    """

    weights: NDArray[np.float32]
    masses: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NextSite:
    """position: how many sites come before it in the order.
    sampled: probabilities of the levels as they are sampled from, float32 (C, K).
    said: the same as the model says them: at temperature 1, with nothing cut off.
    why: what `value` is due to.
    value: the levels that will come, (C,); None where they are not known yet.
    noise: the uniforms that choose them, (C,); None where they do not.
    components: of what the model says, where it is a mixture and there was time to ask.
    supposed: levels that the person supposes; what is shown of the other channels, `value` too, is
    after these.

    Of channels that depend on one another, each row is given the values of the channels before it:
    those that will come, or else the most probable ones.
    """

    position: int
    sampled: NDArray[np.float32]
    said: NDArray[np.float32]
    why: Why = Why.NOISE
    value: tuple[int, ...] | None = None
    noise: tuple[float, ...] | None = None
    components: Components | None = None
    supposed: Supposed = ()

    def interval(self, channel: int, level: int) -> tuple[float, float]:
        """The part of the unit interval in which noise chooses a level."""
        cumulative = self.sampled[channel].cumsum(dtype=np.float64)
        ends = cumulative / max(float(cumulative[-1]), 1e-12)
        return (float(ends[level - 1]) if level else 0.0), float(ends[level])

    def chosen_by(self, channel: int) -> float | None:
        """The noise by which the level of a channel comes; None where that is not why."""
        if self.why is not Why.NOISE or self.noise is None or self.value is None:
            return None
        if self.supposed and self.supposed[channel] is not None:
            return None
        low, high = self.interval(channel, self.value[channel])
        noise = self.noise[channel]
        return noise if low - _ROUNDING <= noise <= high + _ROUNDING else None


def looked_at(
    likelihood: Likelihood,
    params: Tensor,
    position: int,
    sampling: tuple[float, int, float],
    noise: Tensor | None = None,
    fixed: tuple[int, ...] | None = None,
    why: Why = Why.NOISE,
    supposed: Supposed | None = None,
    hurried: bool = False,
) -> NextSite:
    """Look at one site.

    params (P,), noise (draws,); noise is None where it is not known yet what chooses.
    fixed: what comes whatever the noise says.
    supposed: levels to look at the other channels after.
    hurried: whether there is no time for what takes long: components, and channels after the levels
    of others that will come.
    """
    import torch

    from models.likelihoods import truncated_softmax, whole

    per_channel = likelihood.draws == likelihood.channels  # a uniform of its own for each channel
    values: Tensor | None = None
    if supposed is not None and per_channel:
        values = _after(likelihood, params, sampling, noise, supposed)
    elif fixed is not None:
        values = torch.tensor(fixed, device=params.device)
    elif noise is not None and not (hurried and likelihood.channels > 1):
        values = likelihood.sample(params, noise, *sampling)
    logits = likelihood.logits(params, values)
    sampled = said = _on_host(truncated_softmax(logits, *sampling))
    if not whole(*sampling):
        said = _on_host(logits.softmax(-1))
    components = None
    if not hurried and (found := likelihood.components(params, values)) is not None:
        components = Components(*map(_on_host, found))
    return NextSite(
        position=position,
        sampled=sampled,
        said=said,
        why=why,
        value=None if values is None else tuple(values.tolist()),
        noise=tuple(noise.tolist()) if noise is not None and per_channel else None,
        components=components,
        supposed=(supposed or ()) if per_channel else (),
    )


def _after(
    likelihood: Likelihood,
    params: Tensor,
    sampling: tuple[float, int, float],
    noise: Tensor | None,
    supposed: Supposed,
) -> Tensor:
    """The supposed levels, and what the noise makes of the channels between and after them, or what
    is most probable there: (C,)."""
    import torch

    from models.likelihoods import inverse_cdf

    values = torch.zeros(likelihood.channels, dtype=torch.long, device=params.device)
    for channel, level in enumerate(supposed):
        if level is not None:
            values[channel] = level
            continue
        p = likelihood.probabilities(params, *sampling, values=values)[channel]
        values[channel] = p.argmax() if noise is None else inverse_cdf(p, noise[channel])
    return values


def _on_host(found: Tensor) -> NDArray[np.float32]:
    return found.float().cpu().numpy()
