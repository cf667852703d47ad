"""What the compiled network computes with, and that it is compiled once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.speaking import applied
from tests.thorough import thorough_only


def test_the_exponential_is_right_to_two_parts_in_ten_million():
    from studio.engine.runtime.lanes import exponential

    x = np.linspace(-87, 88, 1 << 20, dtype=np.float32)
    exact = np.exp(x.astype(np.float64))
    assert np.abs(applied(exponential, x) / exact - 1).max() < 2e-7


def test_the_gate_is_right_to_three_parts_in_ten_million_of_one():
    from studio.engine.audio.dilated_kernel import gated

    signal, gate = (
        np.random.default_rng(seed).normal(0, 20, 1 << 20).astype(np.float32) for seed in (0, 1)
    )
    exact = np.tanh(signal.astype(np.float64)) / (1 + np.exp(-gate.astype(np.float64)))
    assert np.abs(applied(gated, signal, gate) - exact).max() < 3e-7


@pytest.mark.parametrize(
    ("outputs", "halved"),
    [(16, False), (32, False), (48, False), (64, False), (112, False), (64, True), (192, True)],
)
def test_the_blocks_of_a_matrix_are_what_a_product_takes(outputs, halved):
    import numba

    from studio.engine.audio.dilated_kernel import blocks, product
    from studio.engine.runtime.lanes import pointer

    @numba.njit
    def multiply(weights, work, inputs, outputs, halved):
        return product(pointer(weights), 0, pointer(work), 0, inputs, inputs, outputs, halved)

    random = np.random.default_rng(0)
    matrix = random.normal(size=(outputs, 32)).astype(np.float32)
    work = random.normal(size=32 + outputs).astype(np.float32)
    if halved:
        matrix = torch.from_numpy(matrix).bfloat16().float().numpy()
    expected = matrix.astype(np.float64) @ work[:32] + work[32:]
    weights = blocks(matrix, halved)
    assert len(weights) == matrix.size // (1 + halved)
    assert multiply(weights, work, 32, outputs, halved) == len(weights)
    np.testing.assert_allclose(work[32:], expected, atol=1e-5)


def compiled_elsewhere(cache: Path) -> bool:
    """Whether another program, with this cache folder, can compile the engine."""
    code = (
        "from studio.engine.audio import compiled_network; before = compiled_network.ready();"
        "from studio.engine.audio import dilated_kernel; print(before, compiled_network.ready())"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return shown.stdout.split() == ["False", "True"]


@thorough_only
@pytest.mark.slow
def test_what_was_compiled_is_kept_in_the_persons_cache_folder(tmp_path):
    assert compiled_elsewhere(tmp_path)
    assert list((tmp_path / "autoregressive-studio" / "compiled").rglob("*.nbi"))


@thorough_only
@pytest.mark.slow
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(tmp_path):
    (tmp_path / "cache").write_text("no folder")
    assert compiled_elsewhere(tmp_path / "cache")


def test_only_numbers_of_bfloat16_can_share_the_room_of_one():
    from studio.engine.audio.dilated_kernel import can_be_halved

    numbers = np.resize(np.array([0.0, -1.5, 3e38, 1e-30], np.float32), (64, 16))
    rounded = torch.from_numpy(numbers).bfloat16().float().numpy()
    assert can_be_halved(rounded)
    assert not can_be_halved(rounded[:32]), "only whole blocks are"
    assert not can_be_halved(numbers)
