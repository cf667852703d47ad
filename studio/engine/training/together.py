"""`Together`: what the processes that train together ask each other, from processor to processor:
no answer waits for a GPU. A process alone answers itself."""

from __future__ import annotations

import torch
from lightning_fabric import Fabric
from torch import Tensor, distributed


class Together:
    """Each of them has to ask, and all are told the same."""

    def __init__(self, fabric: Fabric) -> None:
        self._processes = fabric.world_size
        alone = self._processes == 1
        self._hosts = None if alone else distributed.new_group(backend="gloo")

    def any(self, one: bool) -> bool:
        """Whether it holds for any of them."""
        if self._hosts is None:
            return one
        flag = torch.tensor(int(one))
        distributed.all_reduce(flag, distributed.ReduceOp.MAX, self._hosts)
        return bool(flag)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of the numbers that each of them gives, on the processor."""
        if self._hosts is None:
            return values
        total = values.detach().to("cpu", copy=True)
        distributed.all_reduce(total, group=self._hosts)
        return total / self._processes
