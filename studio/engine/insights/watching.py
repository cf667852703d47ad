"""`AttentionWatch`: every attention of a model, as it is made in one of its passes.

A model says nothing of its attention. What is seen is how torch's functions are called:
`scaled_dot_product_attention`, the one behind `nn.MultiheadAttention`, a softmax and the product
of what it gives with the values, and `models.layers.attending.look_back`. What they return is not
touched.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from models.layers.attending import look_back

_SOFTMAX = frozenset([torch.softmax, Tensor.softmax, F.softmax, torch.special.softmax])
_PRODUCTS = frozenset([torch.matmul, Tensor.matmul, Tensor.__matmul__, torch.bmm, Tensor.bmm])
_MULTIHEAD = inspect.signature(F.multi_head_attention_forward)


@dataclass(frozen=True, eq=False)
class Look:
    """Queries that look at keys: B pictures, H heads, n queries, m keys.

    queries: what is known of the queries, (B, n, features), or their weights.
    keys: what is known of the keys, (B, m, features), or their values.
    weights: of a slice of the queries at all keys: float32 (B, H, rows, m).
    """

    heads: int
    queries: Tensor
    keys: Tensor
    weights: Callable[[slice], Tensor]


class AttentionWatch(TorchFunctionMode):
    """While it is entered, hands each look of this thread to `see`, before anything comes of it.

    batch: B, of the pass that is watched.
    """

    def __init__(self, batch: int, see: Callable[[Look], None]) -> None:
        super().__init__()
        self._batch, self._see = batch, see
        self._shares: list[Tensor] = []  # what the last softmax gave, and what has become of it

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention:
            self._show(_dot_product(self._batch, *args, **kwargs))
        elif func is look_back:
            query, key, value = args
            self._show(_dot_product(self._batch, query, key, value, is_causal=True))
        elif func is F.multi_head_attention_forward:
            self._show(_multihead(self._batch, args, kwargs))
        elif self._shares and func in _PRODUCTS and len(args) > 1 and self._made_of(args[0]):
            self._show(_by_hand(self._batch, args[0], args[1]))
        elif self._shares and func is torch.einsum:
            self._look_at_sum(*args)
        found = func(*args, **kwargs)
        if func in _SOFTMAX:
            self._shares = [found]
        elif self._shares and args and self._made_of(args[0]) and _is_like(found, args[0]):
            self._shares.append(found)  # such as without those that a dropout leaves out
        return found

    def _made_of(self, tensor: Any) -> bool:
        return any(tensor is share for share in self._shares)

    def _show(self, look: Look | None) -> None:
        if look is not None:
            self._see(look)

    def _look_at_sum(self, equation: Any, *factors: Any) -> None:
        """An Einstein sum of two factors, over the last axis of the shares; axes have names."""
        if not isinstance(equation, str) or len(factors) != 2 or "->" not in equation:
            return
        if "." in equation or factors[0].ndim == 0 or factors[1].ndim == 0:
            return
        sources, result = equation.replace(" ", "").split("->")
        for shares, values, names, other in (
            (*factors, *sources.split(",")),
            (*factors[::-1], *sources.split(",")[::-1]),
        ):
            key = names[-1]
            if self._made_of(shares) and key in other and key not in result:
                if other[0] == names[0]:  # the pictures come first
                    keys = values.movedim(other.index(key), 1).flatten(2)
                    self._show(_of_weights(self._batch, shares, keys))
                return


def _is_like(found: Any, shares: Tensor) -> bool:
    return (
        isinstance(found, Tensor)
        and found.is_floating_point()
        and found.numel() == shares.numel()
        and found.shape[-2:] == shares.shape[-2:]
    )


def _apart(tensor: Tensor, batch: int) -> Tensor | None:
    """(B, n, C), (B * H, n, C) or (B, H, n, C) -> (B, H, n, C); None for another form."""
    if tensor.ndim == 3 and batch and len(tensor) % batch == 0:
        return tensor.unflatten(0, (batch, -1))
    return tensor if tensor.ndim == 4 and len(tensor) == batch else None


def _together(tensor: Tensor) -> Tensor:
    """(B, H, n, C) -> (B, n, H * C)."""
    return tensor.transpose(1, 2).flatten(2)


def _dot_product(
    batch: int,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Look | None:
    """By the arguments of `scaled_dot_product_attention`."""
    queries, keys, values = (_apart(part, batch) for part in (query, key, value))
    if queries is None or keys is None or values is None:
        return None
    if enable_gqa:
        keys = keys.repeat_interleave(queries.shape[1] // keys.shape[1], 1)
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale

    def weights(rows: slice) -> Tensor:
        scores = queries[:, :, rows].float() @ keys.float().mT * factor  # (B, H, rows, m)
        n, m = queries.shape[2], keys.shape[2]
        if is_causal:
            hidden = torch.ones(n, m, dtype=torch.bool, device=scores.device).triu(1)[rows]
            scores = scores.masked_fill(hidden, -math.inf)
        if attn_mask is not None:
            mask = attn_mask.expand(*attn_mask.shape[:-2], n, m)[..., rows, :]
            if mask.ndim == 3:
                mask = mask.reshape(batch if len(mask) > 1 else 1, -1, *mask.shape[1:])
            if mask.dtype == torch.bool:
                scores = scores.masked_fill(~mask, -math.inf)
            else:
                scores = scores + mask
        return scores.softmax(3).nan_to_num(0.0)  # a row that sees nothing

    return Look(queries.shape[1], _together(queries), _together(keys), weights)


def _multihead(batch: int, args: Any, kwargs: Any) -> Look | None:
    """By the arguments of `multi_head_attention_forward`, which can say its weights itself."""
    given = _MULTIHEAD.bind(*args, **kwargs).arguments
    key = given["key"]  # (m, B, features)
    if key.ndim != 3 or key.shape[1] != batch:
        return None
    wanted = {"need_weights": True, "average_attn_weights": False}
    _, found = F.multi_head_attention_forward(**{**given, **wanted})
    assert found is not None
    return _of_weights(batch, found, key.transpose(0, 1))


def _by_hand(batch: int, shares: Tensor, values: Tensor) -> Look | None:
    """By the weights and the values (B, m, V), (B * H, m, V) or (B, H, m, V)."""
    apart = _apart(values, batch)
    return None if apart is None else _of_weights(batch, shares, _together(apart))


def _of_weights(batch: int, shares: Tensor, keys: Tensor) -> Look | None:
    """By all weights, (B, n, m), (B * H, n, m) or (B, H, n, m), and what is known of the keys."""
    found = _apart(shares, batch)
    if found is None or found.shape[3] != keys.shape[1]:
        return None
    weights = found
    return Look(
        weights.shape[1],
        _together(weights),
        keys,
        lambda rows: weights[:, :, rows].float(),
    )
