"""`between_levels`: levels as floats that gradients are taken by, for models that look levels up.

Most networks are fed with scaled levels, and a float tensor of levels passes as it is. Others look
them up in a table: as long as this mode is on, a table is read between its rows as well, in
proportion, so that the gradient by a level is the difference of its rows. At a level itself, all
values are what they are without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

_WHOLE = (torch.int64, torch.int32, torch.int16, torch.uint8)


class between_levels(TorchFunctionMode):  # noqa: N801 - it reads like a function, as no_grad does
    """Of this thread only, for tensors that require a gradient."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        first = args[0] if args else None
        if isinstance(first, Tensor) and first.requires_grad and first.is_floating_point():
            if function in (Tensor.long, Tensor.int):
                return first
            if function is Tensor.to and (
                _names_a_whole_type(args[1:]) or kwargs.get("dtype") in _WHOLE
            ):
                return first
            if function is F.embedding:
                table = args[1] if len(args) > 1 else kwargs["weight"]
                return _read(first, table)
            if function is F.one_hot:
                levels = args[1] if len(args) > 1 else kwargs["num_classes"]
                return _read(first, torch.eye(levels, dtype=first.dtype, device=first.device))
        return function(*args, **kwargs)


def _names_a_whole_type(wanted: tuple[Any, ...]) -> bool:
    return any(each in _WHOLE for each in wanted if isinstance(each, torch.dtype))


def _read(levels: Tensor, table: Tensor) -> Tensor:
    """levels (...), between 0 and K - 1, table (K, C) -> (..., C)."""
    lower = levels.detach().floor().clamp(0, len(table) - 2).long()
    share = (levels - lower).unsqueeze(-1)
    return table[lower] * (1 - share) + table[lower + 1] * share
