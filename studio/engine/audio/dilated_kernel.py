"""`generate`: one stream of a network of dilated layers, compiled for this processor.

Importing this file compiles it, or takes what was compiled before from the person's cache folder;
so it is imported only by `studio.engine.audio.compiled_network`, when it is wanted. It is long
because it is compiled as one.

A sample takes every weight of the layers and of the output once, some 650 KiB for 2 x 10 layers of
32 channels, and does one multiplication and one addition with it: what takes time is to bring the
weights from the second-level cache. So they lie in one array in the order in which they are used
(`blocks`), and each is read once, by the instruction that multiplies by it. Where all of them are
numbers of bfloat16, as in a checkpoint that is shipped so, and layers are wide, two lie in the room
of one, and become float32 on the way: the sums are the same to the last bit. Eight sums are kept in
registers at a time: one addition has to wait four cycles for the one before, but not for others.

Everything is padded with zeros to whole `Lanes`: channels
that are padding stay 0 from layer to layer.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from studio.engine.runtime import lanes
from studio.engine.runtime.compiling import compiled
from studio.engine.runtime.lanes import (
    COUNT,
    exponential,
    larger,
    largest,
    load,
    lower_half,
    multiply_add,
    pointer,
    smaller,
    spread,
    store,
    total,
    upper_half,
)

FLOAT = np.float32
NEVER = FLOAT(-1e30)  # the logit of a level that is padding

_inside: Any = numba.njit(error_model="numpy", forceinline=True)  # becomes part of what calls it
_apart: Any = numba.njit(error_model="numpy")


def in_lanes(size: int) -> int:
    """The next multiple of the number of lanes."""
    return (size + COUNT - 1) // COUNT * COUNT


_in_lanes = _inside(in_lanes)


# What is made of the exponential.


@_inside
def gated(signal: Any, gate: Any) -> Any:
    """tanh(signal) * sigmoid(gate), both over one denominator: (1 - p) / ((1 + p) (1 + q)) with p =
    e ** (-2 signal) and q = e ** -gate. Where they are held back, at 20 and 40, either function has
    long been 1 or the product 0, in float32."""
    p = exponential(
        smaller(larger(spread(FLOAT(-2)) * signal, spread(FLOAT(-40))), spread(FLOAT(40)))
    )
    q = exponential(
        smaller(larger(spread(FLOAT(-1)) * gate, spread(FLOAT(-40))), spread(FLOAT(40)))
    )
    one = spread(FLOAT(1))
    return (one - p) / ((one + p) * (one + q))


# Products of a matrix and a vector.


def blocks(matrix: NDArray[np.float32], halved: bool = False) -> NDArray[np.float32]:
    """Weights (outputs, inputs), both whole lanes, as `product` reads them: 64 outputs together,
    then 32, then 16; of these, input by input. One-dimensional.

    halved: each number is one of bfloat16, and two inputs share the room of one.
    """
    parts: list[NDArray[np.float32]] = []
    begin, end = 0, len(matrix)
    while begin < end:
        together = next(size for size in (4 * COUNT, 2 * COUNT, COUNT) if begin + size <= end)
        columns = np.ascontiguousarray(matrix[begin : begin + together].T)
        if halved:
            bits = columns.view(np.uint32)
            columns = (bits[::2] >> 16 | bits[1::2]).view(np.float32)
        parts.append(columns.ravel())
        begin += together
    return np.concatenate(parts)


def can_be_halved(weights: NDArray[np.float32]) -> bool:
    """Whether weights (outputs, inputs) come in whole blocks of 64 outputs, and every number is one
    of bfloat16 too, which is the upper half of a float32."""
    exact = not (np.ascontiguousarray(weights).view(np.uint32) & 0xFFFF).any()
    return len(weights) % (4 * COUNT) == 0 and exact


@_inside
def _four(weights: Any, at: int, work: Any, inputs: int, count: int, sums: int) -> None:
    a0, a1, a2, a3 = (
        load(work, sums),
        load(work, sums + COUNT),
        load(work, sums + 2 * COUNT),
        load(work, sums + 3 * COUNT),
    )
    b0 = b1 = b2 = b3 = spread(FLOAT(0))
    for i in range(inputs, inputs + count, 2):
        x = spread(work[i])
        a0 = multiply_add(load(weights, at), x, a0)
        a1 = multiply_add(load(weights, at + COUNT), x, a1)
        a2 = multiply_add(load(weights, at + 2 * COUNT), x, a2)
        a3 = multiply_add(load(weights, at + 3 * COUNT), x, a3)
        x = spread(work[i + 1])
        b0 = multiply_add(load(weights, at + 4 * COUNT), x, b0)
        b1 = multiply_add(load(weights, at + 5 * COUNT), x, b1)
        b2 = multiply_add(load(weights, at + 6 * COUNT), x, b2)
        b3 = multiply_add(load(weights, at + 7 * COUNT), x, b3)
        at += 8 * COUNT
    store(work, sums, a0 + b0)
    store(work, sums + COUNT, a1 + b1)
    store(work, sums + 2 * COUNT, a2 + b2)
    store(work, sums + 3 * COUNT, a3 + b3)


@_inside
def _four_of_halves(weights: Any, at: int, work: Any, inputs: int, count: int, sums: int) -> None:
    """The same sums, in the same order, of weights that are halved."""
    a0, a1, a2, a3 = (
        load(work, sums),
        load(work, sums + COUNT),
        load(work, sums + 2 * COUNT),
        load(work, sums + 3 * COUNT),
    )
    b0 = b1 = b2 = b3 = spread(FLOAT(0))
    for i in range(inputs, inputs + count, 2):
        x, y = spread(work[i]), spread(work[i + 1])
        both = load(weights, at)
        a0 = multiply_add(lower_half(both), x, a0)
        b0 = multiply_add(upper_half(both), y, b0)
        both = load(weights, at + COUNT)
        a1 = multiply_add(lower_half(both), x, a1)
        b1 = multiply_add(upper_half(both), y, b1)
        both = load(weights, at + 2 * COUNT)
        a2 = multiply_add(lower_half(both), x, a2)
        b2 = multiply_add(upper_half(both), y, b2)
        both = load(weights, at + 3 * COUNT)
        a3 = multiply_add(lower_half(both), x, a3)
        b3 = multiply_add(upper_half(both), y, b3)
        at += 4 * COUNT
    store(work, sums, a0 + b0)
    store(work, sums + COUNT, a1 + b1)
    store(work, sums + 2 * COUNT, a2 + b2)
    store(work, sums + 3 * COUNT, a3 + b3)


@_inside
def _two(weights: Any, at: int, work: Any, inputs: int, count: int, sums: int) -> None:
    a0, a1 = load(work, sums), load(work, sums + COUNT)
    b0 = b1 = c0 = c1 = d0 = d1 = spread(FLOAT(0))
    for i in range(inputs, inputs + count, 4):
        x = spread(work[i])
        a0 = multiply_add(load(weights, at), x, a0)
        a1 = multiply_add(load(weights, at + COUNT), x, a1)
        x = spread(work[i + 1])
        b0 = multiply_add(load(weights, at + 2 * COUNT), x, b0)
        b1 = multiply_add(load(weights, at + 3 * COUNT), x, b1)
        x = spread(work[i + 2])
        c0 = multiply_add(load(weights, at + 4 * COUNT), x, c0)
        c1 = multiply_add(load(weights, at + 5 * COUNT), x, c1)
        x = spread(work[i + 3])
        d0 = multiply_add(load(weights, at + 6 * COUNT), x, d0)
        d1 = multiply_add(load(weights, at + 7 * COUNT), x, d1)
        at += 8 * COUNT
    store(work, sums, (a0 + b0) + (c0 + d0))
    store(work, sums + COUNT, (a1 + b1) + (c1 + d1))


@_inside
def _one(weights: Any, at: int, work: Any, inputs: int, count: int, sums: int) -> None:
    a = load(work, sums)
    b = c = d = spread(FLOAT(0))
    for i in range(inputs, inputs + count, 4):
        a = multiply_add(load(weights, at), spread(work[i]), a)
        b = multiply_add(load(weights, at + COUNT), spread(work[i + 1]), b)
        c = multiply_add(load(weights, at + 2 * COUNT), spread(work[i + 2]), c)
        d = multiply_add(load(weights, at + 3 * COUNT), spread(work[i + 3]), d)
        at += 4 * COUNT
    store(work, sums, (a + b) + (c + d))


@_apart
def product(
    weights: Any,
    at: int,
    work: Any,
    inputs: int,
    count: int,
    sums: int,
    outputs: int,
    halved: bool,
) -> int:
    """Add weights (as `blocks` has them, from `at` on) times work[inputs : inputs + count] to
    work[sums : sums + outputs].

    Returns where the weights end.
    """
    end = sums + outputs
    if halved:  # which is for whole blocks of 64 outputs
        while sums < end:
            _four_of_halves(weights, at, work, inputs, count, sums)
            at += 2 * COUNT * count
            sums += 4 * COUNT
        return at
    while sums + 4 * COUNT <= end:
        _four(weights, at, work, inputs, count, sums)
        at += 4 * COUNT * count
        sums += 4 * COUNT
    if sums + 2 * COUNT <= end:
        _two(weights, at, work, inputs, count, sums)
        at += 2 * COUNT * count
        sums += 2 * COUNT
    if sums < end:
        _one(weights, at, work, inputs, count, sums)
        at += COUNT * count
    return at


@_inside
def _copy(source: Any, begin: int, work: Any, to: int, count: int) -> None:
    for i in range(0, count, COUNT):
        store(work, to + i, load(source, begin + i))


@_inside
def _rectify(work: Any, begin: int, count: int) -> None:
    for i in range(begin, begin + count, COUNT):
        store(work, i, larger(load(work, i), spread(FLOAT(0))))


# From logits to a level: what `models.likelihoods.Categorical.sample` does.


@_apart
def _most_probable(p: Any, begin: int, count: int) -> int:
    """Where in p[begin : begin + count] the largest one is; the first of equals."""
    best = load(p, begin)
    for i in range(begin + COUNT, begin + count, COUNT):
        best = larger(best, load(p, i))
    found, most = begin, largest(best)
    while p[found] < most:
        found += 1
    return found - begin


@_apart
def _log_of_sum(p: Any, begin: int, count: int) -> np.float32:
    """log of the sum of e ** p over p[begin : begin + count]."""
    top = p[begin + _most_probable(p, begin, count)]
    highest, least, sums = spread(top), spread(FLOAT(-87)), spread(FLOAT(0))
    for i in range(begin, begin + count, COUNT):
        sums = sums + exponential(larger(load(p, i) - highest, least))
    return top + FLOAT(math.log(total(sums)))


@_apart
def _keep(p: Any, begin: int, count: int, spare: int, at_most: int, mass: float) -> np.float32:
    """Put 0 for all but the most probable levels: as many as it takes to come to `mass`, and
    `at_most`; returns their sum."""
    for i in range(0, count, COUNT):
        store(p, spare + i, load(p, begin + i))
        store(p, begin + i, spread(FLOAT(0)))
    kept = FLOAT(0)
    for _ in range(at_most):
        if kept >= mass:
            break
        level = _most_probable(p, spare, count)
        p[begin + level] = p[spare + level]
        kept += p[spare + level]
        p[spare + level] = FLOAT(-1)
    return kept


@_apart
def _draw(
    work: Any,
    logits: int,
    levels: int,
    spare: int,
    uniform: float,
    temperature: float,
    top_k: int,
    top_p: float,
) -> int:
    """A level by inverse CDF; the logits are used up."""
    count = _in_lanes(levels)
    favourite = _most_probable(work, logits, count)
    if temperature == FLOAT(0):
        return favourite
    top, sharpness = spread(work[logits + favourite]), spread(FLOAT(1) / temperature)
    least = spread(FLOAT(-87))
    for i in range(logits, logits + count, COUNT):  # what is held back comes to exactly 0
        store(
            work,
            i,
            exponential(larger((load(work, i) - top) * sharpness, least)) - exponential(least),
        )
    if 0 < top_k < levels:
        _keep(work, logits, count, spare, top_k, FLOAT(np.inf))
    if top_p < FLOAT(1):
        mass = FLOAT(0)
        for i in range(logits, logits + count, COUNT):
            mass += total(load(work, i))
        _keep(work, logits, count, spare, levels, top_p * mass)
    # Sums of sixteen levels first, then within one of these.
    mass = FLOAT(0)
    for i in range(0, count, COUNT):
        mass += total(load(work, logits + i))
        work[spare + i] = mass
    reached, block = uniform * mass, 0
    while block + COUNT < count and work[spare + block] <= reached:
        block += COUNT
    below = FLOAT(0) if block == 0 else work[spare + block - COUNT]
    found = favourite
    for i in range(block, min(block + COUNT, levels)):
        # if rounding leaves the sum short, it is the last level that can be drawn
        if work[logits + i] > FLOAT(0):
            found = i
            below += work[logits + i]
            if below > reached:
                break
    return found


# The network.


@_inside
def _layers(
    weights: Any,
    dilations: Any,
    width: int,
    skip: int,
    rings: Any,
    work: Any,
    position: int,
    biases: Any,
    bias: int,
    halved: bool,
) -> int:
    """All layers at one position.

    work: the older tap, what the layer below gave, the gates, z, and the sum of the skip
    connections, one behind the other.
    Returns where the weights of the output begin.
    """
    h, gates, z, skips = width, 2 * width, 4 * width, 5 * width
    ring, at, last = 0, skip, len(dilations) - 1
    _copy(weights, 0, work, skips, skip)
    for layer in range(last + 1):
        slot = ring + position % dilations[layer] * width
        ring += dilations[layer] * width
        _copy(rings, slot, work, 0, width)
        _copy(work, h, rings, slot, width)  # will be the older one `dilation` samples on
        _copy(biases, bias, work, gates, 2 * width)
        bias += 2 * width
        at = product(weights, at, work, 0, 2 * width, gates, 2 * width, halved)
        for i in range(0, width, COUNT):
            store(work, z + i, gated(load(work, gates + i), load(work, gates + width + i)))
        if layer < last:
            for i in range(0, width, COUNT):
                store(work, h + i, load(work, h + i) + load(weights, at + i))
            at = product(weights, at + width, work, z, width, h, width, halved)
        at = product(weights, at, work, z, width, skips, skip, halved)
    return at


@_inside
def _output(
    weights: Any,
    at: int,
    work: Any,
    skips: int,
    skip: int,
    logits: int,
    levels: int,
    halved: bool,
) -> None:
    """From the sum of the skip connections to the logits."""
    head = skips + skip
    _rectify(work, skips, skip)
    _copy(weights, at, work, head, skip)
    at = product(weights, at + skip, work, skips, skip, head, skip, halved)
    _rectify(work, head, skip)
    _copy(weights, at, work, logits, levels)
    product(weights, at + levels, work, head, skip, logits, levels, halved)


def room(width: int, skip: int, levels: int) -> int:
    """How many floats `generate` works in."""
    return 5 * width + 2 * skip + 3 * in_lanes(levels)


def _generate(
    weights: Any,
    table: Any,
    biases: Any,
    dilations: Any,
    sizes: tuple[int, int, int],
    halved: bool,
    rings: Any,
    workspace: Any,
    position: int,
    code: int,
    codes: Any,
    given: int,
    noise: Any,
    temperature: float,
    top_k: int,
    top_p: float,
    logits: Any,
    nats: Any,
) -> int:
    """Take the first `given` of codes, uint8 (n,), as they are,
    and draw the others, from one uniform each.

    weights: see `compiled_network.CompiledNetwork`.
    table: (levels + 1, width), flat.
    biases: what is added before the gates, (n, layers * 2 * width), or of one row for all.
    sizes: width, skip, levels.
    halved: whether the matrices are, see `blocks`.
    rings: sum of dilations times width, all flat.
    workspace: see `room`.
    position, code: of the first of codes, and the code before it.
    logits: (n, levels), filled in, unless they have no rows.
    nats: (n,), filled in with -log p of each code, at temperature 1, unless there are none.
    Returns the last code.
    """
    width, skip, levels = sizes
    weights, table, rings, work, added = (
        pointer(weights),
        pointer(table),
        pointer(rings),
        pointer(workspace),
        pointer(biases),
    )
    stride = biases.shape[1] if len(biases) > 1 else 0
    skips = 5 * width
    out = skips + 2 * skip
    spare = out + _in_lanes(levels)
    before = spare + _in_lanes(levels)  # what the logits were, which drawing uses up
    for t in range(len(codes)):
        _copy(table, code * width, work, width, width)
        at = _layers(
            weights,
            dilations,
            width,
            skip,
            rings,
            work,
            position + t,
            added,
            t * stride,
            halved,
        )
        if t >= given or len(logits) > 0 or len(nats) > 0:
            _output(weights, at, work, skips, skip, out, _in_lanes(levels), halved)
        if len(logits) > 0:
            for level in range(levels):
                logits[t, level] = work[out + level]
        if len(nats) > 0:
            nats[t] = _log_of_sum(work, out, _in_lanes(levels))
            _copy(work, out, work, before, _in_lanes(levels))
        if t >= given:
            codes[t] = _draw(work, out, levels, spare, noise[t], temperature, top_k, top_p)
        code = codes[t]
        if len(nats) > 0:
            nats[t] -= work[before + code]
    return code


_FLOATS, _TABLE = types.Array(types.float32, 1, "C"), types.Array(types.float32, 2, "C")
_WHOLE, _CODES = types.Array(types.int64, 1, "C"), types.Array(types.uint8, 1, "C")
_SIGNATURE = types.int64(
    *(
        _FLOATS,
        _FLOATS,
        _TABLE,
        _WHOLE,
        types.UniTuple(types.int64, 3),
        types.boolean,
        _FLOATS,
        _FLOATS,
        types.int64,
        types.int64,
    ),
    *(_CODES, types.int64, _FLOATS, types.float32, types.int64, types.float32, _TABLE, _FLOATS),
)


generate = compiled(_generate, _SIGNATURE, lanes)
