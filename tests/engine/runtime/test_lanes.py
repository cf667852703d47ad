"""Sixteen numbers at once come to what NumPy says of each."""

from __future__ import annotations

import operator

import numba
import numpy as np
import pytest

from studio.engine.runtime import lanes
from studio.engine.runtime.lanes import COUNT, load, pointer, spread, store
from tests.engine.speaking import applied

A, B, C = (
    np.random.default_rng(seed).normal(0, 20, 4 * COUNT).astype(np.float32) for seed in range(3)
)


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_two_of_them_are_added_subtracted_multiplied_and_divided(operation):
    function = numba.njit(lambda a, b: operation(a, b))
    np.testing.assert_array_equal(applied(function, A, B), operation(A, B))


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda a, b: lanes.smaller(a, b), np.minimum),
        (lambda a, b: lanes.larger(a, b), np.maximum),
        (lambda a: lanes.nearest(a), np.rint),
    ],
    ids=["smaller", "larger", "nearest"],
)
def test_a_function_is_that_of_each_number(ours, numpys):
    arrays = (A, B)[: numpys.nin]
    np.testing.assert_array_equal(applied(numba.njit(ours), *arrays), numpys(*arrays))


def test_a_product_and_a_sum_may_be_one_instruction():
    function = numba.njit(lambda a, b, c: lanes.multiply_add(a, b, c))
    exact = A.astype(np.float64) * B + C
    np.testing.assert_allclose(applied(function, A, B, C), exact, rtol=1e-5, atol=1e-4)


def test_a_power_of_two_is_exact_from_the_smallest_to_the_largest():
    exponents = np.array([-126, -1, 0, 1, 2, 127] + [3] * 10, np.float32)
    function = numba.njit(lambda a: lanes.power_of_two(a))
    np.testing.assert_array_equal(
        applied(function, exponents), np.ldexp(np.float32(1), exponents.astype(int))
    )


def test_the_sum_and_the_largest_are_over_the_lanes_that_were_read():
    @numba.njit
    def found(array):
        values = load(pointer(array), 16)
        return lanes.total(values), lanes.largest(values)

    total, largest = found(A)
    assert total == pytest.approx(A[16:32].sum(), rel=1e-5)
    assert largest == A[16:32].max()


def test_what_is_stored_is_in_sixteen_places_and_no_other():
    @numba.njit
    def fill(array, number):
        store(pointer(array), 5, spread(number))

    array = np.zeros(3 * COUNT, np.float32)
    fill(array, np.float32(2.5))
    assert np.flatnonzero(array).tolist() == list(range(5, 5 + COUNT))
    assert set(array[5 : 5 + COUNT]) == {2.5}


def test_each_half_of_a_number_is_one_of_bfloat16():
    low, high = (numbers[:COUNT].view(np.uint32) & 0xFFFF0000 for numbers in (A, B))
    both = (low >> 16 | high).view(np.float32)
    lower = numba.njit(lambda a: lanes.lower_half(a))
    upper = numba.njit(lambda a: lanes.upper_half(a))
    np.testing.assert_array_equal(applied(lower, both), low.view(np.float32))
    np.testing.assert_array_equal(applied(upper, both), high.view(np.float32))
