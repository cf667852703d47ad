"""Which pictures of a data set are held out of what is learnt from, where it comes without the
parts for it: fixed shares, by chance, of whole groups."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# part of the meaning of "the held-out tenth", and of the twentieth after it: never change it
_SEED = 20_240_607
_SHARES = {"test": 10, "validation": 20}  # one in so many of what is left, in this order


def held_out(groups: Tensor, parts: Sequence[str] = tuple(_SHARES)) -> dict[str, Tensor]:
    """Which pictures each of these parts takes out of a training part, bool (N,): a tenth of them
    for "test", a twentieth of what is left for "validation", and a few more where a group needs it.

    groups: numbers (N,) of the groups that stay together.
    """
    order = torch.randperm(int(groups.max()) + 1, generator=torch.Generator().manual_seed(_SEED))
    left, found = torch.ones(len(groups), dtype=torch.bool), {}
    for part in parts:
        own = groups[left]
        size = max(1, len(own) // _SHARES[part])
        sizes = own.bincount(minlength=len(order))[order].cumsum(0)
        held = torch.isin(groups, order[: int((sizes < size).sum()) + 1]) & left
        left, found[part] = left & ~held, held
    return found
