"""`Share`: one of several processes that score together, each a share of the examples; and
`Sample`, for a score of few of them."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Share:
    """The share of the process `rank`, 0 .. processes - 1; alone it is all."""

    rank: int = 0
    processes: int = 1

    @property
    def rows(self) -> slice:
        """Which examples it is of."""
        return slice(self.rank, None, self.processes)

    def added(self, sums: dict[str, float] | None) -> dict[str, float] | None:
        """The sums over the examples of all processes, in each of them, given this one's. None
        where it, or any other, was cancelled: every process has to come here, or all would wait."""
        if self.processes == 1:
            return sums
        every: list[dict[str, float] | None] = [None] * self.processes
        torch.distributed.all_gather_object(every, sums)
        total: dict[str, float] = {}
        for found in every:
            if found is None:
                return None
            for name, value in found.items():
                total[name] = total.get(name, 0.0) + value
        return total


@dataclass(frozen=True)
class Sample(Share):
    """Every so-many-th example, scored by each process for itself."""

    def added(self, sums: dict[str, float] | None) -> dict[str, float] | None:
        return sums


ALONE = Share()
