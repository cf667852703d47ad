"""`Share`: what one of several processes scores, where these score together; and `Sample`, for a
score of few examples.

What is scored is divided into units, such as a batch of pictures. What a unit leaves to chance
depends on its number alone, so that a score is the same whoever has scored what.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from studio.engine.runtime.jobs import CancelToken

Sums = dict[str, float]  # of figures over the examples of a unit
Report = Callable[[float], object]  # is told 0..1


@dataclass(frozen=True)
class Share:
    """The share of the process `rank`, 0 .. processes - 1: every so-many-th unit; alone it is
    all."""

    rank: int = 0
    processes: int = 1

    def batch(self, examples: int, most: int) -> int:
        """How many examples a unit has: so few that there is one for each process."""
        return max(1, min(most, math.ceil(examples / self.processes)))

    def totals(
        self,
        work: Sequence[float],
        score: Callable[[int, Report], Sums | None],
        progress: Report | None = None,
        token: CancelToken | None = None,
    ) -> Sums | None:
        """The sums over all units, whoever has scored them; None where the token of this process,
        or of another one, was cancelled.

        work: how much there is to do in each unit, to tell the progress by.
        score: of a unit, by its number; None where it was cancelled meanwhile.
        """
        return self.added(summed(self._own(len(work)), work, score, progress, token))

    def added(self, sums: Sums | None) -> Sums | None:
        """The sums of all processes, in each of them, given this one's. None where it, or any
        other, was cancelled: every process has to come here, or all would wait."""
        if self.processes == 1:
            return sums
        every: list[Sums | None] = [None] * self.processes
        torch.distributed.all_gather_object(every, sums)
        total: Sums = {}
        for found in every:
            if found is None:
                return None
            add(total, found)
        return total

    def _own(self, units: int) -> range:
        return range(self.rank, units, self.processes)


@dataclass(frozen=True)
class Sample(Share):
    """Every so-many-th unit, scored by each process for itself."""

    def added(self, sums: Sums | None) -> Sums | None:
        return sums


ALONE = Share()


def summed(
    units: Sequence[int],
    work: Sequence[float],
    score: Callable[[int, Report], Sums | None],
    progress: Report | None = None,
    token: CancelToken | None = None,
    keep: Callable[[Sums], object] = lambda sums: None,
) -> Sums | None:
    """The sums over some units, see `Share.totals`; keep: is given those of each, in order."""
    whole, done, total = sum(work[unit] for unit in units) or 1.0, 0.0, Sums()
    for unit in units:
        if token is not None and token.cancelled:
            return None

        def report(share: float, before: float = done, here: float = work[unit]) -> None:
            if progress is not None:
                progress(min(1.0, (before + share * here) / whole))

        found = score(unit, report)
        if found is None:
            return None
        add(total, found)
        keep(found)
        done += work[unit]
        report(1.0)
    return total


def add(total: Sums, sums: Sums) -> None:
    """To the sums so far, those of other examples."""
    for name, value in sums.items():
        total[name] = total.get(name, 0.0) + value
