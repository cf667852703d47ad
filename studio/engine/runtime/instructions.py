"""The operations of torch, written down as instructions for `program_kernel`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef

from studio.engine.runtime import program_kernel as kernel
from studio.engine.runtime.graphs import Call, name_of, storage_of, written_by
from studio.engine.runtime.program_kernel import DIMENSIONS, Code

_KINDS = {
    torch.float32: kernel.FLOAT,
    torch.int64: kernel.WHOLE,
    torch.uint8: kernel.BYTE,
    torch.bool: kernel.TRUTH,
}
_NAMED = {  # operations that come to one value from one value of each tensor
    "copy": Code.COPY,
    "to": Code.COPY,
    "_to_copy": Code.COPY,
    "clone": Code.COPY,
    "contiguous": Code.COPY,
    "relu": Code.RELU,
    "sigmoid": Code.SIGMOID,
    "tanh": Code.TANH,
    "neg": Code.NEG,
    "exp": Code.EXP,
    "log": Code.LOG,
    "log1p": Code.LOG1P,
    "log_sigmoid": Code.LOG_SIGMOID,
    "rsqrt": Code.RSQRT,
    "logical_not": Code.NOT,
    "bitwise_not": Code.NOT,
    "add": Code.ADD,
    "sub": Code.ADD,
    "mul": Code.MUL,
    "div": Code.DIV,
    "maximum": Code.MAXIMUM,
    "minimum": Code.MINIMUM,
    "ge": Code.GE,
    "gt": Code.GT,
    "le": Code.LE,
    "lt": Code.LT,
    "eq": Code.EQ,
    "ne": Code.NE,
    "logical_and": Code.AND,
    "logical_or": Code.OR,
    "bitwise_and": Code.AND,
    "__and__": Code.AND,
    "__or__": Code.OR,
    "bitwise_or": Code.OR,
    "where": Code.WHERE,
}
MADE_FROM_NOTHING = ("zeros", "ones", "full", "arange", "zeros_like", "ones_like")
_EXACT = 2**24  # up to which whole numbers are float32
_BIAS_FIRST = ("addmm", "baddbmm")


class NoInstruction(Exception):  # noqa: N818
    """For what torch has to do."""


@dataclass(eq=False)
class Storage:
    """The memory of some tensors. last: the instruction that uses it last.
    kept: whether it stays where it is: it was there before, is held by somebody, or torch uses it.
    """

    address: int
    size: int
    kept: bool
    alive: StorageWeakRef
    first: int = -1
    last: int = -1


@dataclass(eq=False)
class Writing:
    """Instructions in the making."""

    rows: list[list[int]] = field(default_factory=list)
    numbers: list[tuple[float, float]] = field(default_factory=list)
    cells: list[tuple[int, int, int]] = field(default_factory=list)  # row, column, storage
    storages: dict[int, Storage] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    held: list[Tensor] = field(default_factory=list)  # what instructions read besides
    passing: list[Tensor] = field(default_factory=list)  # what several instructions make together

    def storage(self, tensor: Tensor) -> int:
        found = tensor.untyped_storage()
        key = int(found._cdata)
        if key not in self.storages:
            kept = key not in self.made
            self.storages[key] = Storage(
                found.data_ptr(), found.nbytes(), kept, StorageWeakRef(found)
            )
            if kept:
                self.held.append(tensor)
        return key

    def put(
        self,
        code: Code,
        sizes: Sequence[int],
        operands: Sequence[tuple[Tensor, Sequence[int]]],
        alpha: float = 1.0,
        beta: float = 1.0,
    ) -> None:
        """operands: what is written, and what is read, each with its strides."""
        row, number = [int(code), *sizes], len(self.rows)
        kinds = [_kind(tensor) for tensor, _ in operands]
        # who reads less reads the last again
        for place in range(kernel.OPERANDS):
            chosen = min(place, len(operands) - 1)
            tensor, strides = operands[chosen]
            at = len(row)
            row += [tensor.data_ptr(), *strides, kinds[chosen]]
            key = self.storage(tensor)
            storage = self.storages[key]
            storage.first = number if storage.first < 0 else storage.first
            storage.last = number
            self.cells.append((number, at, key))
        self.rows.append(row)
        self.numbers.append((alpha, beta))


def base_name(call: Call) -> str:
    """Such as "add" for aten::add_.Tensor."""
    return _bare(call.operation)


@functools.cache
def _bare(operation: Any) -> str:
    name = name_of(operation).partition("::")[2].partition(".")[0]
    return name if name.startswith("_") else name.rstrip("_")


def _kind(tensor: Tensor) -> int:
    if tensor.dtype not in _KINDS:
        raise NoInstruction
    return _KINDS[tensor.dtype]


def _written(call: Call) -> Tensor:
    """The tensor into which it writes."""
    if (out := call.kwargs.get("out")) is not None:
        found = out
    elif any(written_by(call.operation)[:1]):
        found = call.args[0]
    else:
        found = call.found
    if not isinstance(found, Tensor) or found.ndim > 8:
        raise NoInstruction
    return found


def write(call: Call, writing: Writing) -> None:
    """Its instructions; `NoInstruction` where there are none."""
    name, arguments = base_name(call), call.args
    if name in _NAMED:
        _write_values(_NAMED[name], call, writing)
    elif name in _WRITERS:
        _WRITERS[name](call, arguments, _written(call), writing)
    else:
        raise NoInstruction


def _write_values(code: Code, call: Call, writing: Writing) -> None:
    name, out = base_name(call), _written(call)
    given = call.args[1:2] if name == "copy" else call.args
    alpha = float(call.kwargs.get("alpha", 1.0))
    if name == "sub":
        alpha = -alpha
    if name in ("to", "_to_copy", "clone", "contiguous", "copy"):
        given = given[:1]
    elif call.kwargs.keys() - {"alpha", "out"} or not all(map(_is_value, given)):
        raise NoInstruction
    if name in ("add", "sub") and len(given) == 3:
        raise NoInstruction
    if code in _OF_TRUTHS and any(
        isinstance(each, Tensor) and each.dtype is not torch.bool for each in given
    ):
        raise NoInstruction  # on numbers, they are done bit by bit
    _put_values(writing, code, out, [_as_tensor(each, writing) for each in given], alpha)


_OF_TRUTHS = (Code.AND, Code.OR, Code.NOT)


def _is_value(given: Any) -> bool:
    return isinstance(given, Tensor | int | float)


def _as_tensor(given: Any, writing: Writing) -> Tensor:
    if isinstance(given, Tensor):
        return given
    if isinstance(given, int) and abs(given) > _EXACT:
        raise NoInstruction
    number = torch.tensor(float(given))
    writing.held.append(number)
    return number


def _put_values(
    writing: Writing, code: Code, out: Tensor, given: Sequence[Tensor], alpha: float = 1.0
) -> None:
    """One value of `out` from one of each that is given, which are broadcast."""
    try:
        shape = out.shape
        read = [each if each.shape == shape else each.broadcast_to(shape) for each in given]
    except RuntimeError as error:
        raise NoInstruction from error
    operands = (out, *read)
    sizes, steps = _together(tuple(out.shape), tuple(tensor.stride() for tensor in operands))
    writing.put(code, sizes, list(zip(operands, steps, strict=True)), alpha)


@functools.lru_cache(4096)
def _together(
    shape: tuple[int, ...], strides: tuple[tuple[int, ...], ...]
) -> tuple[Sequence[int], Sequence[Sequence[int]]]:
    """The same in four dimensions: those that follow each other in every tensor are one."""
    sizes: list[int] = []
    steps: list[list[int]] = []
    for place, size in enumerate(shape):
        if size == 1:
            continue
        own = [stride[place] for stride in strides]
        if sizes and steps[-1] == [step * size for step in own]:
            sizes[-1], steps[-1] = sizes[-1] * size, own
        else:
            sizes.append(size)
            steps.append(own)
    if len(sizes) > DIMENSIONS:
        raise NoInstruction
    missing = DIMENSIONS - len(sizes)
    # a single value lies together, too
    last = [1 if not sizes else 0 for _ in strides]
    sizes = [1] * missing + sizes
    steps = [[0] * len(strides)] * (missing - (not steps)) + ([last] if not steps else []) + steps
    return sizes, [[step[i] for step in steps] for i in range(len(strides))]


def _write_bounded(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    """clamp, clamp_min, clamp_max."""
    name = base_name(call)
    least = most = None
    if name == "clamp_max":
        most = arguments[1]
    else:
        least = arguments[1] if len(arguments) > 1 else call.kwargs.get("min")
        most = arguments[2] if len(arguments) > 2 else call.kwargs.get("max")
    value = arguments[0]
    for code, bound in ((Code.MAXIMUM, least), (Code.MINIMUM, most)):
        if bound is not None:
            _put_values(writing, code, out, [value, _as_tensor(bound, writing)])
            value = out


def _write_elu(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    alpha, *others = [*arguments[1:], *[1.0] * 3][:3]
    if others != [1.0, 1.0] and others != [1, 1]:
        raise NoInstruction
    _put_values(writing, Code.ELU, out, [arguments[0]], float(alpha))


def _write_gelu(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    if len(arguments) > 1 or call.kwargs.get("approximate", "none") != "none":
        raise NoInstruction
    _put_values(writing, Code.GELU, out, [arguments[0]])


def _write_glu(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    signal, gate = arguments[0].chunk(2, arguments[1] if len(arguments) > 1 else -1)
    _put_values(writing, Code.GLU, out, [signal, gate])


def _write_addcmul(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    _put_values(writing, Code.ADDCMUL, out, arguments[:3], float(call.kwargs.get("value", 1.0)))


def _write_square(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    if len(arguments) > 1 and (isinstance(arguments[1], Tensor) or arguments[1] != 2):
        raise NoInstruction
    _put_values(writing, Code.MUL, out, [arguments[0], arguments[0]])


def _write_fill(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    value = arguments[1] if len(arguments) > 1 else 0.0
    _put_values(writing, Code.COPY, out, [_as_tensor(value, writing)])


def _write_zeros(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    _put_values(writing, Code.COPY, out, [_as_tensor(0.0, writing)])


def _write_nothing(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    """Whatever is there."""


def _write_product(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    name = base_name(call)
    beta = float(call.kwargs.get("beta", 1.0))
    alpha = float(call.kwargs.get("alpha", 1.0))
    if name in _BIAS_FIRST:
        bias, x, w = arguments[:3]
    elif name == "linear":
        x, w = arguments[0], arguments[1].t()
        bias = arguments[2] if len(arguments) > 2 else None
    else:
        (x, w), bias = arguments[:2], None
    if x.ndim == 1 or w.ndim not in (2, x.ndim):
        raise NoInstruction
    if w.ndim == 2 and x.ndim > 2:
        x, out = x.flatten(0, -2), out.view(-1, out.shape[-1])
        if storage_of(x) != storage_of(arguments[0]):
            raise NoInstruction  # a copy
        bias = bias if bias is None or bias.ndim < 2 else bias.reshape(-1, out.shape[-1])
    _put_product(writing, out, x, w, bias, alpha, beta)


def _put_product(
    writing: Writing,
    out: Tensor,
    x: Tensor,
    w: Tensor,
    bias: Tensor | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> None:
    """out = beta bias + alpha x @ w, of two dimensions, or more of which the first are the same."""
    if {tensor.dtype for tensor in (out, x, w)} != {torch.float32}:
        raise NoInstruction
    if bias is None:
        bias, beta = out, 0.0
    bias = bias.broadcast_to(out.shape)
    before = out.shape[:-2]
    if x.shape[:-2] != before or w.shape[:-2] != before:
        raise NoInstruction
    groups = math.prod(before)
    steps = [
        _one_step(before, tensor.stride()[:-2]) if groups > 1 else 0 for tensor in (out, x, w, bias)
    ]
    rows, columns, inner = out.shape[-2], out.shape[-1], x.shape[-1]
    (o0, o1), (x0, x1), (w0, w1), (b0, b1) = (tensor.stride()[-2:] for tensor in (out, x, w, bias))
    writing.put(
        Code.MATMUL,
        [groups, rows, inner, columns],
        [
            (out, [steps[0], o0, 0, o1]),
            (x, [steps[1], x0, x1, 0]),
            (w, [steps[2], 0, w0, w1]),
            (bias, [steps[3], b0, 0, b1]),
        ],
        alpha,
        beta,
    )


def _one_step(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Of dimensions that follow each other the stride of the last."""
    found = 0
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size == 1:
            continue
        if found and stride != found:
            raise NoInstruction
        found = stride * size if not found else found * size
    last = [stride for size, stride in zip(shape, strides, strict=True) if size > 1]
    return last[-1] if last else 0


def _write_attention(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    q, k, v, *more = arguments
    masked = any(isinstance(each, Tensor) or each for each in more)
    if masked or call.kwargs.keys() - {"scale"}:
        raise NoInstruction
    scale = call.kwargs.get("scale") or 1 / math.sqrt(q.shape[-1])
    scores = torch.empty(*q.shape[:-1], k.shape[-2])
    writing.made.add(storage_of(scores))
    writing.passing.append(scores)
    _put_product(writing, scores, q, k.transpose(-1, -2), alpha=scale)
    _put_along(writing, Code.SOFTMAX, scores, scores, -1)
    _put_product(writing, out, scores, v)


def _put_along(
    writing: Writing,
    code: Code,
    out: Tensor,
    given: Tensor,
    dim: int,
    more: Sequence[Tensor] = (),
    alpha: float = 1.0,
) -> None:
    """What is done with a whole dimension, which `out` has too."""
    if code != Code.SUM and {tensor.dtype for tensor in (out, given, *more)} != {torch.float32}:
        raise NoInstruction
    out, given = out.movedim(dim, -1), given.movedim(dim, -1)
    strides = tuple(tensor.stride()[:-1] for tensor in (out, given))
    sizes, steps = _together(tuple(out.shape[:-1]), strides)
    if sizes[0] != 1:
        raise NoInstruction
    operands = [
        (tensor, [*step[1:], tensor.stride(-1)])
        for tensor, step in zip((out, given), steps, strict=True)
    ]
    operands += [(tensor, [0, 0, 0, tensor.stride(-1)]) for tensor in more]
    writing.put(code, [*sizes[1:], given.shape[-1]], operands, alpha)


def _write_along(code: Code) -> Callable[..., None]:
    def write(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
        if call.kwargs.get("dtype") or (len(arguments) > 2 and arguments[2] not in (None, False)):
            raise NoInstruction
        _put_along(writing, code, out, arguments[0], arguments[1])

    return write


def _write_reduced(code: Code) -> Callable[..., None]:
    def write(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
        given, *more = arguments
        dims = more[0] if more else None
        if isinstance(dims, int):
            dims = [dims]
        if not dims or len(dims) != 1 or call.kwargs.get("dtype"):
            raise NoInstruction
        (dim,) = dims
        dim %= given.ndim
        kept = (more[1] if len(more) > 1 else call.kwargs.get("keepdim", False)) is True
        whole = out if kept else out.unsqueeze(dim)
        _put_along(writing, code, whole.expand(given.shape), given, dim)

    return write


def _write_norm(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    usual = None, None, 1e-5
    given, shape, weight, bias, epsilon = (*arguments, *usual[len(arguments) - 2 :])[:5]
    if len(shape) != 1 or weight is None or bias is None:
        raise NoInstruction
    _put_along(writing, Code.LAYER_NORM, out, given, -1, [weight, bias], epsilon)


def _write_select(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    given, dim, index = arguments
    dim %= given.ndim
    if index.dtype != torch.int64 or index.ndim != 1 or given.dtype != torch.float32:
        raise NoInstruction
    before, after = out.shape[:dim], out.shape[dim + 1 :]
    if (math.prod(before) != 1 and len(before) > 1) or len(after) > 2:
        raise NoInstruction
    missing = 2 - len(after)
    sizes = [math.prod(before), len(index), *[1] * missing, *after]
    steps = []
    for tensor in (out, given):
        stride = tensor.stride()
        first = stride[0] if len(before) == 1 and before[0] > 1 else 0
        steps.append([first, stride[dim], *[0] * missing, *stride[dim + 1 :]])
    step = [0, index.stride(0), 0, 0]
    writing.put(Code.SELECT, sizes, [(out, steps[0]), (given, steps[1]), (index, step)])


def _write_embedding(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    weight, index = arguments[:2]
    if index.dtype != torch.int64 or not index.is_contiguous() or not out.is_contiguous():
        raise NoInstruction
    if {weight.dtype, out.dtype} != {torch.float32}:
        raise NoInstruction
    wide = weight.shape[1]
    writing.put(
        Code.SELECT,
        [1, index.numel(), 1, wide],
        [
            (out, [0, wide, 0, 1]),
            (weight, [0, weight.stride(0), 0, weight.stride(1)]),
            (index, [0, 1, 0, 0]),
        ],
    )


def _write_joined(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    parts, dim = arguments[0], arguments[1] if len(arguments) > 1 else 0
    begin = 0
    for part in parts:
        end = begin + part.shape[dim]
        _put_values(writing, Code.COPY, out.narrow(dim, begin, end - begin), [part])
        begin = end


def _write_stacked(call: Call, arguments: Any, out: Tensor, writing: Writing) -> None:
    dim = arguments[1] if len(arguments) > 1 else 0
    for place, part in enumerate(arguments[0]):
        _put_values(writing, Code.COPY, out.select(dim, place), [part])


_WRITERS: dict[str, Callable[..., None]] = {
    "clamp": _write_bounded,
    "clamp_min": _write_bounded,
    "clamp_max": _write_bounded,
    "elu": _write_elu,
    "gelu": _write_gelu,
    "glu": _write_glu,
    "addcmul": _write_addcmul,
    "square": _write_square,
    "pow": _write_square,
    "zero": _write_fill,
    "fill": _write_fill,
    "zeros": _write_zeros,
    "zeros_like": _write_zeros,
    "new_zeros": _write_zeros,
    "empty": _write_nothing,
    "empty_like": _write_nothing,
    "new_empty": _write_nothing,
    "addmm": _write_product,
    "baddbmm": _write_product,
    "mm": _write_product,
    "bmm": _write_product,
    "linear": _write_product,
    "matmul": _write_product,
    "scaled_dot_product_attention": _write_attention,
    "softmax": _write_along(Code.SOFTMAX),
    "log_softmax": _write_along(Code.LOG_SOFTMAX),
    "cumsum": _write_along(Code.CUMSUM),
    "sum": _write_reduced(Code.SUM),
    "amax": _write_reduced(Code.AMAX),
    "layer_norm": _write_norm,
    "index_select": _write_select,
    "embedding": _write_embedding,
    "cat": _write_joined,
    "stack": _write_stacked,
}
