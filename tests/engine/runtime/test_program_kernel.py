"""What the compiled instructions compute with, of sizes that are whole lanes and of others."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.runtime import program_kernel as kernel
from studio.engine.runtime.program_kernel import EACH, FIRST, SIZES, WIDTH, Code

Array = np.ndarray


def done(code: Code, count: int, *arrays: Array, alpha: float = 1.0, out: int = 0) -> Array:
    """One instruction on values that lie together; out: as many values, 0 for `count`."""
    result = np.zeros(out or count, np.float32)
    row = np.zeros(WIDTH, np.int64)
    row[0], row[SIZES : SIZES + 4] = code, (1, 1, 1, count)
    for place in range(kernel.OPERANDS):
        array = (result, *arrays)[min(place, len(arrays))]
        at = FIRST + place * EACH
        row[at], row[at + 4] = array.ctypes.data, 1
    kernel.run(row[None], np.array([[alpha, 1.0]]), 0, 1)
    return result


@pytest.mark.parametrize("count", [1, 15, 16, 17, 100_000])
def test_what_is_made_of_exponentials_is_right_to_four_parts_in_ten_million(count: int) -> None:
    random = np.random.default_rng(0)
    x, y = (random.normal(0, 20, count).astype(np.float32) for _ in range(2))
    exact = x.astype(np.float64)
    sigmoid = 1 / (1 + np.exp(-exact))
    assert np.abs(done(Code.SIGMOID, count, x) - sigmoid).max() < 4e-7
    assert np.abs(done(Code.TANH, count, x) - np.tanh(exact)).max() < 4e-7
    elu = np.where(exact > 0, exact, 2 * np.expm1(np.minimum(exact, 0)))
    np.testing.assert_allclose(done(Code.ELU, count, x, alpha=2.0), elu, rtol=4e-7, atol=4e-7)
    gated = y / (1 + np.exp(-exact))
    np.testing.assert_allclose(done(Code.GLU, count, y, x), gated, rtol=4e-7, atol=1e-6)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 1000])
def test_a_softmax_is_one_whatever_is_large(count: int) -> None:
    x = np.random.default_rng(1).normal(0, 30, count).astype(np.float32) + 1e4
    exact = np.exp(x.astype(np.float64) - x.max())
    exact /= exact.sum()
    found = done(Code.SOFTMAX, count, x)
    np.testing.assert_allclose(found, exact, atol=1e-6)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_sums_are_made_with_more_digits_than_they_are_given() -> None:
    x = np.full(1 << 20, 0.1, np.float32)
    total = x.astype(np.float64).sum()
    assert done(Code.SUM, len(x), x, out=1)[0] == pytest.approx(total, rel=1e-7)
    assert done(Code.CUMSUM, len(x), x)[-1] == pytest.approx(total, rel=1e-7)


def test_only_the_instructions_that_are_asked_for_are_done() -> None:
    result, x = np.zeros((3, 4), np.float32), np.ones(4, np.float32)
    table = np.zeros((3, WIDTH), np.int64)
    for number, row in enumerate(table):
        row[0], row[SIZES : SIZES + 4] = Code.COPY, (1, 1, 1, 4)
        for place, array in enumerate((result[number], x, x, x)):
            row[FIRST + place * EACH], row[FIRST + place * EACH + 4] = array.ctypes.data, 1
    kernel.run(table, np.ones((3, 2)), 1, 2)
    assert result.tolist() == [4 * [0.0], 4 * [1.0], 4 * [0.0]]
