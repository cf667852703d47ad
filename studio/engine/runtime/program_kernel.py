"""`run`: instructions on tensors that lie where they lie, compiled for this processor; see
`studio.engine.runtime.programs`, which writes them.

To call an operation of torch takes some five microseconds, and what a step of a small model does
with one picture takes a tenth of that. Here an instruction costs some ten nanoseconds besides what
it computes. Importing this file compiles it, or takes what was compiled before from the person's
cache folder; so it is imported when it is wanted only.

An instruction is a row of a table: what is done, over how many indices in each of four dimensions
(`SIZES`), and `OPERANDS` times address, a stride for each dimension, in values, and kind of value;
the first is what is written. Two numbers of each row, `alpha` and `beta`, stand beside it.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

import numba
import numpy as np
from numba import types

from studio.engine.runtime import lanes
from studio.engine.runtime.compiling import compiled
from studio.engine.runtime.lanes import (
    COUNT,
    bytes_at,
    exponential,
    floats_at,
    larger,
    largest,
    load,
    multiply_add,
    smaller,
    spread,
    store,
    total,
    wholes_at,
)

FLOAT, WHOLE, BYTE, TRUTH = range(4)  # kinds of values
SIZES, DIMENSIONS, OPERANDS = 1, 4, 4
FIRST = SIZES + DIMENSIONS  # where the operands begin
EACH = 1 + DIMENSIONS + 1  # of an operand: address, strides, kind
WIDTH = FIRST + OPERANDS * EACH


class Code(IntEnum):
    """What is done, with a, b and c, the operands that are read, value by value; at the end with
    the whole last dimension."""

    COPY = 0
    RELU = 1
    SIGMOID = 2
    TANH = 3
    NEG = 4
    EXP = 5
    LOG = 6
    ELU = 7  # alpha (e ** a - 1) where a is below 0
    GELU = 8  # by the error function
    LOG_SIGMOID = 9
    LOG1P = 10
    ADD = 11  # a + alpha b
    MUL = 12
    DIV = 13
    GLU = 14  # a sigmoid(b)
    ADDCMUL = 15  # a + alpha b c
    WHERE = 16  # b where a, else c
    MAXIMUM = 17
    MINIMUM = 18
    GE = 19
    GT = 20
    LE = 21
    LT = 22
    EQ = 23
    NE = 24
    AND = 25
    OR = 26
    NOT = 27
    RSQRT = 28
    SELECT = 29  # a[i, b[j], k, l]
    MATMUL = 30  # beta c + alpha a @ b: (n0, n1, n2) @ (n0, n2, n3)
    SUM = 31
    AMAX = 32
    CUMSUM = 33
    SOFTMAX = 34
    LOG_SOFTMAX = 35
    LAYER_NORM = 36  # times b and c; alpha: what is added to the variance


_SINGLE = np.float32
_LEAST = _SINGLE(-87)  # of what the exponential is taken
_inside: Any = numba.njit(error_model="numpy", forceinline=True)  # becomes part of what calls it
_apart: Any = numba.njit(error_model="numpy")


@_inside
def _get(kind: int, address: int, index: int) -> float:
    if kind == FLOAT:
        return float(floats_at(address)[index])
    if kind == WHOLE:
        return float(wholes_at(address)[index])
    return float(bytes_at(address)[index])


@_inside
def _put(kind: int, address: int, index: int, value: float) -> None:
    if kind == FLOAT:
        floats_at(address)[index] = _SINGLE(value)
    elif kind == WHOLE:
        wholes_at(address)[index] = np.int64(value)
    elif kind == BYTE:
        bytes_at(address)[index] = np.uint8(value)
    else:
        bytes_at(address)[index] = np.uint8(value != 0)


@_apart
def _value(code: int, a: float, b: float, c: float, alpha: float) -> float:
    """What comes of one value of each operand."""
    if code == Code.COPY:
        return a
    if code == Code.RELU:
        return a if a > 0 else 0.0
    if code == Code.SIGMOID:
        return 1 / (1 + math.exp(-a))
    if code == Code.TANH:
        return math.tanh(a)
    if code == Code.NEG:
        return -a
    if code == Code.EXP:
        return math.exp(a)
    if code == Code.LOG:
        return math.log(a)
    if code == Code.ELU:
        return a if a > 0 else alpha * math.expm1(a)
    if code == Code.GELU:
        return 0.5 * a * (1 + math.erf(a * 0.7071067811865476))
    if code == Code.LOG_SIGMOID:
        return min(a, 0.0) - math.log1p(math.exp(-abs(a)))
    if code == Code.LOG1P:
        return math.log1p(a)
    if code == Code.ADD:
        return a + alpha * b
    if code == Code.MUL:
        return a * b
    if code == Code.DIV:
        return a / b
    if code == Code.GLU:
        return a / (1 + math.exp(-b))
    if code == Code.ADDCMUL:
        return a + alpha * b * c
    if code == Code.WHERE:
        return b if a != 0 else c
    if code == Code.MAXIMUM:
        return b if b > a else a
    if code == Code.MINIMUM:
        return b if b < a else a
    return _truth(code, a, b)


@_apart
def _truth(code: int, a: float, b: float) -> float:
    found = False
    if code == Code.GE:
        found = a >= b
    elif code == Code.GT:
        found = a > b
    elif code == Code.LE:
        found = a <= b
    elif code == Code.LT:
        found = a < b
    elif code == Code.EQ:
        found = a == b
    elif code == Code.NE:
        found = a != b
    elif code == Code.AND:
        found = a != 0 and b != 0
    elif code == Code.OR:
        found = a != 0 or b != 0
    elif code == Code.NOT:
        found = a == 0
    elif code == Code.RSQRT:
        return 1 / math.sqrt(a)
    return 1.0 if found else 0.0


@_apart
def _product(
    out: int,
    out_stride: int,
    x: int,
    x_stride: int,
    w: int,
    rows: int,
    columns: int,
    bias: int,
    bias_stride: int,
    inner: int,
    count: int,
    alpha: float,
    beta: float,
) -> None:
    """count values of a row: beta bias + alpha x @ w; x of `inner` values, w with these strides."""
    to, given, weights, added = floats_at(out), floats_at(x), floats_at(w), floats_at(bias)
    scale, j = _SINGLE(alpha), 0
    if columns == 1 and out_stride == 1 and (bias_stride == 1 or beta == 0):
        while j + 4 * COUNT <= count:
            first = second = third = fourth = spread(_SINGLE(0))
            if beta != 0:
                share = spread(_SINGLE(beta))
                first, second = load(added, j) * share, load(added, j + COUNT) * share
                third = load(added, j + 2 * COUNT) * share
                fourth = load(added, j + 3 * COUNT) * share
            at = j
            for i in range(inner):
                value = spread(given[i * x_stride] * scale)
                first = multiply_add(value, load(weights, at), first)
                second = multiply_add(value, load(weights, at + COUNT), second)
                third = multiply_add(value, load(weights, at + 2 * COUNT), third)
                fourth = multiply_add(value, load(weights, at + 3 * COUNT), fourth)
                at += rows
            store(to, j, first)
            store(to, j + COUNT, second)
            store(to, j + 2 * COUNT, third)
            store(to, j + 3 * COUNT, fourth)
            j += 4 * COUNT
        while j + COUNT <= count:
            first = spread(_SINGLE(0))
            if beta != 0:
                first = load(added, j) * spread(_SINGLE(beta))
            at = j
            for i in range(inner):
                first = multiply_add(spread(given[i * x_stride] * scale), load(weights, at), first)
                at += rows
            store(to, j, first)
            j += COUNT
    together = rows == 1 and x_stride == 1
    while j < count:
        found, i = _SINGLE(0), 0
        if together:
            sums = spread(_SINGLE(0))
            while i + COUNT <= inner:
                sums = multiply_add(load(given, i), load(weights, j * columns + i), sums)
                i += COUNT
            found = total(sums)
        while i < inner:
            found += given[i * x_stride] * weights[i * rows + j * columns]
            i += 1
        found *= scale
        if beta != 0:
            found += added[j * bias_stride] * _SINGLE(beta)
        to[j * out_stride] = found
        j += 1


@_inside
def _sigmoid(x: Any) -> Any:
    x = smaller(larger(x, spread(_LEAST)), spread(-_LEAST))
    one = spread(_SINGLE(1))
    return one / (one + exponential(spread(_SINGLE(0)) - x))


@_apart
def _softmax(count: int, to: Any, given: Any) -> None:
    """Of what lies together."""
    most, done = given[0], count // COUNT * COUNT
    if done > 0:
        wide = load(given, 0)
        for i in range(COUNT, done, COUNT):
            wide = larger(wide, load(given, i))
        most = largest(wide)
    for i in range(done, count):
        most = max(most, given[i])
    sums, added = spread(_SINGLE(0)), _SINGLE(0)
    for i in range(0, done, COUNT):
        found = exponential(larger(load(given, i) - spread(most), spread(_LEAST)))
        sums = sums + found
        store(to, i, found)
    for i in range(done, count):
        found_one = _SINGLE(math.exp(given[i] - most))
        added += found_one
        to[i] = found_one
    share = _SINGLE(1) / (total(sums) + added)
    for i in range(count):
        to[i] *= share


@_apart
def _along(
    code: int, count: int, out: int, step: int, a: int, stride: int, row: Any, alpha: float
) -> None:
    """What is done with the whole last dimension, float32; row: of the table, for `LAYER_NORM`."""
    to, given = floats_at(out), floats_at(a)
    if code == Code.SOFTMAX and step == 1 and stride == 1:
        _softmax(count, to, given)
    elif code == Code.CUMSUM:
        added = 0.0
        for i in range(count):
            added += given[i * stride]
            to[i * step] = _SINGLE(added)
    elif code == Code.LAYER_NORM:
        mean = variance = 0.0
        for i in range(count):
            mean += given[i * stride]
        mean /= count
        for i in range(count):
            variance += (given[i * stride] - mean) ** 2
        scale = 1 / math.sqrt(variance / count + alpha)
        at = FIRST + 2 * EACH
        weight, bias = floats_at(row[at]), floats_at(row[at + EACH])
        for i in range(count):
            found = (given[i * stride] - mean) * scale
            to[i * step] = _SINGLE(
                found * weight[i * row[at + DIMENSIONS]] + bias[i * row[at + EACH + DIMENSIONS]]
            )
    else:
        most = given[0]
        for i in range(1, count):
            most = max(most, given[i * stride])
        if code == Code.AMAX:
            to[0] = most
            return
        added = 0.0
        for i in range(count):
            found = math.exp(given[i * stride] - most)
            added += found
            to[i * step] = found
        if code == Code.SOFTMAX:
            share = _SINGLE(1 / added)
            for i in range(count):
                to[i * step] *= share
        else:
            log = _SINGLE(math.log(added)) + most
            for i in range(count):
                to[i * step] = given[i * stride] - log


@_apart
def _side_by_side(code: int, count: int, out: int, a: int, b: int, c: int, alpha: float) -> bool:
    """float32 that lies together, by the commonest codes; whether it was one of them."""
    to, first, second, third = floats_at(out), floats_at(a), floats_at(b), floats_at(c)
    if code == Code.COPY:
        for i in range(count):
            to[i] = first[i]
    elif code == Code.RELU:
        for i in range(count):
            to[i] = max(first[i], _SINGLE(0))
    elif code == Code.SIGMOID:
        done = count // COUNT * COUNT
        for i in range(0, done, COUNT):
            store(to, i, _sigmoid(load(first, i)))
        for i in range(done, count):
            to[i] = _SINGLE(1) / (_SINGLE(1) + _SINGLE(math.exp(-first[i])))
    elif code == Code.TANH:
        done = count // COUNT * COUNT
        for i in range(0, done, COUNT):
            doubled = load(first, i) * spread(_SINGLE(2))
            store(to, i, _sigmoid(doubled) * spread(_SINGLE(2)) - spread(_SINGLE(1)))
        for i in range(done, count):
            to[i] = math.tanh(first[i])
    elif code == Code.ELU:
        done, zero = count // COUNT * COUNT, spread(_SINGLE(0))
        for i in range(0, done, COUNT):
            x = load(first, i)
            below = exponential(larger(smaller(x, zero), spread(_LEAST))) - spread(_SINGLE(1))
            store(to, i, multiply_add(below, spread(_SINGLE(alpha)), larger(x, zero)))
        for i in range(done, count):
            value = first[i]
            to[i] = value if value > 0 else _SINGLE(alpha) * _SINGLE(math.expm1(value))
    elif code == Code.ADD:
        scale = _SINGLE(alpha)
        for i in range(count):
            to[i] = first[i] + scale * second[i]
    elif code == Code.MUL:
        for i in range(count):
            to[i] = first[i] * second[i]
    elif code == Code.GLU:
        done = count // COUNT * COUNT
        for i in range(0, done, COUNT):
            store(to, i, load(first, i) * _sigmoid(load(second, i)))
        for i in range(done, count):
            to[i] = first[i] / (_SINGLE(1) + _SINGLE(math.exp(-second[i])))
    elif code == Code.ADDCMUL:
        scale = _SINGLE(alpha)
        for i in range(count):
            to[i] = first[i] + scale * second[i] * third[i]
    else:
        return False
    return True


def _run(table: Any, numbers: Any, begin: int, end: int) -> None:
    """The instructions from `begin` to before `end`.

    table: int64 (n, WIDTH). numbers: float64 (n, 2), alpha and beta.
    """
    a_at, b_at, c_at = FIRST + EACH, FIRST + 2 * EACH, FIRST + 3 * EACH
    for at in range(begin, end):
        row = table[at]
        alpha, beta, code = numbers[at, 0], numbers[at, 1], row[0]
        last = row[SIZES + 3]
        for i in range(row[SIZES]):
            for j in range(row[SIZES + 1]):
                if code == Code.MATMUL:
                    _product(
                        row[FIRST] + 4 * (i * row[FIRST + 1] + j * row[FIRST + 2]),
                        row[FIRST + 4],
                        row[a_at] + 4 * (i * row[a_at + 1] + j * row[a_at + 2]),
                        row[a_at + 3],
                        row[b_at] + 4 * i * row[b_at + 1],
                        row[b_at + 3],
                        row[b_at + 4],
                        row[c_at] + 4 * (i * row[c_at + 1] + j * row[c_at + 2]),
                        row[c_at + 4],
                        row[SIZES + 2],
                        last,
                        alpha,
                        beta,
                    )
                    continue
                chosen = j
                if code == Code.SELECT:
                    chosen = wholes_at(row[b_at])[j * row[b_at + 2]]
                for k in range(row[SIZES + 2]):
                    o = i * row[FIRST + 1] + j * row[FIRST + 2] + k * row[FIRST + 3]
                    a = i * row[a_at + 1] + chosen * row[a_at + 2] + k * row[a_at + 3]
                    b = i * row[b_at + 1] + j * row[b_at + 2] + k * row[b_at + 3]
                    c = i * row[c_at + 1] + j * row[c_at + 2] + k * row[c_at + 3]
                    if code == Code.SUM:
                        added = 0.0
                        for m in range(last):
                            added += _get(row[a_at + 5], row[a_at], a + m * row[a_at + 4])
                        _put(row[FIRST + 5], row[FIRST], o, added)
                        continue
                    if code > Code.MATMUL:
                        _along(
                            code,
                            last,
                            row[FIRST] + 4 * o,
                            row[FIRST + 4],
                            row[a_at] + 4 * a,
                            row[a_at + 4],
                            row,
                            alpha,
                        )
                        continue
                    doing, single = code, row[FIRST + 5] + row[a_at + 5] == 0
                    if code == Code.SELECT:
                        doing = Code.COPY
                    else:
                        single = single and row[b_at + 5] + row[c_at + 5] == 0
                    if single:
                        steps = row[FIRST + 4] == 1 and row[a_at + 4] == 1
                        if (
                            steps
                            and (doing < Code.ADD or row[b_at + 4] == 1)
                            and (doing != Code.ADDCMUL or row[c_at + 4] == 1)
                            and _side_by_side(
                                doing,
                                last,
                                row[FIRST] + 4 * o,
                                row[a_at] + 4 * a,
                                row[b_at] + 4 * b,
                                row[c_at] + 4 * c,
                                alpha,
                            )
                        ):
                            continue
                    for m in range(last):
                        found = _value(
                            doing,
                            _get(row[a_at + 5], row[a_at], a + m * row[a_at + 4]),
                            _get(row[b_at + 5], row[b_at], b + m * row[b_at + 4]),
                            _get(row[c_at + 5], row[c_at], c + m * row[c_at + 4]),
                            alpha,
                        )
                        _put(row[FIRST + 5], row[FIRST], o + m * row[FIRST + 4], found)


_SIGNATURE = types.void(
    types.Array(types.int64, 2, "C"), types.Array(types.float64, 2, "C"), types.int64, types.int64
)

run = compiled(_run, _SIGNATURE, lanes)
