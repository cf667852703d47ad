"""`Lanes`: sixteen float32 side by side, for compiled code that says itself what is done at once.

A compiler's own vectoriser keeps the sums of a matrix product in registers only where it can prove
that no array overlaps another, and what it makes of a loop changes with its version. So compiled
code is given a type that is a vector of LLVM's: sums of this type live in registers, a product and
a sum become one instruction where the processor has it, and LLVM cuts the sixteen lanes into as
many registers as they take: one with AVX-512, two with AVX2, four with SSE or NEON.

All that is defined here can be used inside functions that numba compiles, and only there. Memory is
read and written through pointers, which nothing watches over: whoever uses them knows how far they
reach.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import lower_builtin, register_model

COUNT = 16

_SINGLE = np.float32

# what it makes of a function takes one argument less: the first is for the compiler
intrinsic: Any = numba_intrinsic

floats = types.CPointer(types.float32)  # the type of a pointer; pointer[i] is one float32

_FLOAT = ir.FloatType()
_LANES = ir.VectorType(_FLOAT, COUNT)
_INTEGERS = ir.VectorType(ir.IntType(32), COUNT)


class LanesType(types.Type):
    """What numba calls them."""

    def __init__(self) -> None:
        super().__init__("Lanes")


lanes = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _LANES)


# Arithmetic: + - * / of two of them.


def _define(symbol: Any, instruction: str) -> None:
    infer_global(symbol)(
        type(
            f"Lanes_{instruction}", (ConcreteTemplate,), {"cases": [signature(lanes, lanes, lanes)]}
        )
    )

    @lower_builtin(symbol, lanes, lanes)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


for _symbol, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define(_symbol, _instruction)


# From memory and back.


@intrinsic
def pointer(typing: Any, array: Any) -> Any:
    """To the first value of a contiguous float32 array, which has to outlive it."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_array(sig.args[0])(context, builder, args[0]).data

    return floats(array), code


def _place(builder: Any, start: Any, index: Any) -> Any:
    return builder.bitcast(builder.gep(start, [index]), _LANES.as_pointer())


@intrinsic
def load(typing: Any, start: Any, index: Any) -> Any:
    """Sixteen values from start[index] on."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(builder, *args), align=4)

    return lanes(floats, types.intp), code


@intrinsic
def store(typing: Any, start: Any, index: Any, values: Any) -> Any:
    """Write sixteen values from start[index] on."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _place(builder, *args[:2]), align=4)
        return context.get_dummy_value()

    return types.void(floats, types.intp, lanes), code


@intrinsic
def spread(typing: Any, value: Any) -> Any:
    """The same number in every lane."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        first = builder.insert_element(
            ir.Constant(_LANES, ir.Undefined), args[0], ir.Constant(ir.IntType(32), 0)
        )
        return builder.shuffle_vector(first, first, ir.Constant(_INTEGERS, [0] * COUNT))

    return lanes(types.float32), code


# What LLVM has as functions.


def _call(
    name: str, result: Any, *arguments: Any, fastmath: tuple[str, ...] = ()
) -> Callable[..., Any]:
    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(result, [argument.type for argument in (*arguments, *args)])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{COUNT}f32")
        return builder.call(function, [*arguments, *args], fastmath=fastmath)

    return code


@intrinsic
def multiply_add(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, in one instruction where the processor has it."""
    return lanes(lanes, lanes, lanes), _call("fmuladd", _LANES)


@intrinsic
def smaller(typing: Any, a: Any, b: Any) -> Any:
    """Of each pair the smaller one."""
    return lanes(lanes, lanes), _call("minnum", _LANES)


@intrinsic
def larger(typing: Any, a: Any, b: Any) -> Any:
    """Of each pair the larger one."""
    return lanes(lanes, lanes), _call("maxnum", _LANES)


@intrinsic
def nearest(typing: Any, a: Any) -> Any:
    """The nearest whole numbers."""
    return lanes(lanes), _call("nearbyint", _LANES)


@intrinsic
def lower_half(typing: Any, a: Any) -> Any:
    """As float32, exactly, what lies in the lower half of each: a number of bfloat16, where two
    share the room of one."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _INTEGERS)
        return builder.bitcast(builder.shl(bits, ir.Constant(_INTEGERS, [16] * COUNT)), _LANES)

    return lanes(lanes), code


@intrinsic
def upper_half(typing: Any, a: Any) -> Any:
    """The same of the upper half."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _INTEGERS)
        upper = ir.Constant(_INTEGERS, [-(1 << 16)] * COUNT)
        return builder.bitcast(builder.and_(bits, upper), _LANES)

    return lanes(lanes), code


@intrinsic
def total(typing: Any, a: Any) -> Any:
    """The sum over the lanes, in whatever order is fastest."""
    return types.float32(lanes), _call(
        "vector.reduce.fadd", _FLOAT, ir.Constant(_FLOAT, 0.0), fastmath=("reassoc",)
    )


@intrinsic
def largest(typing: Any, a: Any) -> Any:
    """The largest of the lanes."""
    return types.float32(lanes), _call("vector.reduce.fmax", _FLOAT)


@intrinsic
def power_of_two(typing: Any, a: Any) -> Any:
    """2 ** a for whole numbers from -126 to 127, written
    into the bits where a float has its exponent."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        exponent = builder.add(
            builder.fptosi(args[0], _INTEGERS), ir.Constant(_INTEGERS, [127] * COUNT)
        )
        return builder.bitcast(builder.shl(exponent, ir.Constant(_INTEGERS, [23] * COUNT)), _LANES)

    return lanes(lanes), code


# The exponential.


@numba.njit(error_model="numpy", forceinline=True)  # becomes part of what calls it
def exponential(x: Any) -> Any:
    """e ** x of lanes within -87..88, to 2e-7 of its value: a power of two by the exponent, the
    rest by a polynomial.

    The polynomial is that of the Cephes library (Moshier, expf.c), for -ln 2 / 2 .. ln 2 / 2; ln 2
    is taken off in two parts, of which the first has few enough bits that its multiples are exact.
    """
    n = nearest(x * spread(_SINGLE(1.44269504088896341)))
    r = multiply_add(n, spread(_SINGLE(-0.693359375)), x)
    r = multiply_add(n, spread(_SINGLE(2.12194440e-4)), r)
    y = multiply_add(spread(_SINGLE(1.9875691500e-4)), r, spread(_SINGLE(1.3981999507e-3)))
    y = multiply_add(y, r, spread(_SINGLE(8.3334519073e-3)))
    y = multiply_add(y, r, spread(_SINGLE(4.1665795894e-2)))
    y = multiply_add(y, r, spread(_SINGLE(1.6666665459e-1)))
    y = multiply_add(y, r, spread(_SINGLE(5.0000001201e-1)))
    return multiply_add(y * r, r, r + spread(_SINGLE(1))) * power_of_two(n)


# Memory at an address.


def _at(kind: Any, what: str) -> Any:
    def to(typing: Any, address: Any) -> Any:
        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(kind))

        return kind(types.int64), code

    to.__doc__ = f"The {what} from an address on."
    return intrinsic(to)


floats_at = _at(floats, "float32")
wholes_at = _at(types.CPointer(types.int64), "int64")
bytes_at = _at(types.CPointer(types.uint8), "bytes")
