"""`Counter`: counts the floating-point operations of what torch computes while it is open.

torch's own formulas (`torch.utils.flop_counter`), and some for products that it has none for: those
that are written into their place, products with a vector, the attention of processors and the
recurrent layers of oneDNN. A multiplication and an addition are two operations, as everywhere. What
works on each number by itself (activations, masks, sums, softmax) and what is looked up in a table
is not counted; attention is counted for all pairs, also where a kernel leaves out those in the
future.

torch's `FlopCounterMode` does the same for every module by its name, and takes eight times as long
for a small step: too long to count all steps of a picture while it is drawn.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry, sdpa_flop_count, shape_wrapper

_aten: Any = torch.ops.aten

Shape = Sequence[int]


class Counter(TorchDispatchMode):
    """A context. operations: so far. Small steps are slower in it, so nothing is timed there."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        formula, made_of_others = _known(func)
        if made_of_others:
            with self:
                return func.decompose(*args, **kwargs)
        found = func(*args, **kwargs)
        if formula is not None:
            self.operations += formula(*args, **kwargs, out_val=found)
        return found


@functools.cache
def _known(func: Any) -> tuple[Callable[..., int] | None, bool]:
    """The formula of an operator, and else whether it is carried out by others."""
    packet = func._overloadpacket
    if packet in _FORMULAS:
        return shape_wrapper(_FORMULAS[packet]), False
    if packet in flop_registry:
        return flop_registry[packet], False
    return None, func._can_decompose()


def _product(a: Shape, b: Shape) -> int:
    """(..., m, k) times (..., k, n), or times a vector (k,)."""
    return 2 * math.prod(a) * (b[-1] if len(b) > 1 else 1)


def _of_two(a: Shape, b: Shape, *rest: Any, **named: Any) -> int:
    return _product(a, b)


def _added(to: Shape, a: Shape, b: Shape, *rest: Any, **named: Any) -> int:
    return _product(a, b)


def _attention(query: Shape, key: Shape, value: Shape, *rest: Any, **named: Any) -> int:
    return int(sdpa_flop_count(query, key, value))


def _recurrent(x: Shape, enter: Shape, carry: Shape, *rest: Any, **named: Any) -> int:
    """x: (steps, B, inputs). enter, carry: the weights (gates * units, inputs or units)."""
    return 2 * x[0] * x[1] * (math.prod(enter) + math.prod(carry))


_FORMULAS: dict[Any, Callable[..., int]] = {
    _aten.addmm_: _added,
    _aten.baddbmm_: _added,
    _aten.mv: _of_two,
    _aten.addmv: _added,
    _aten.addmv_: _added,
    _aten.dot: _of_two,
    _aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    _aten.mkldnn_rnn_layer: _recurrent,
}
