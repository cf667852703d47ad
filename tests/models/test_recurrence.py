"""The LSTM that goes over a picture line by line is the one
that its formula says, forwards and backwards."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.layers.recurrence import Line, Scan, scanned
from models.layers.recurrent_blocks import by_diagonals, diagonals_of, rows_of

HIDDEN = 3
WAYS = {"rows": (rows_of(4, 5), (-1, 0, 1)), "diagonals": (diagonals_of(3, 5), (-1, 0))}


def cell_by_cell(
    gates: Tensor, kernel: Tensor, lines: list[Line], offsets: tuple[int, ...]
) -> Tensor:
    """What `Scan` computes, written as the formula has it: one cell after the other."""
    outside = gates.new_zeros(gates.shape[1], HIDDEN)
    h: dict[int, Tensor] = {}
    c: dict[int, Tensor] = {}
    found = []
    for first, last, cell in lines:
        before = dict(h)
        for site in range(first, last):
            own = cell + site - first
            near = torch.cat([before.get(own + offset, outside) for offset in offsets], 1)
            o, f, i, g = torch.sigmoid(gates[site] + near @ kernel).chunk(4, 1)
            c[own] = f * c.get(own, outside) + i * (2 * g - 1)
            h[own] = o * torch.tanh(c[own])
            found.append(h[own])
    return torch.stack(found)


def example(way: str) -> tuple[Tensor, Tensor, list[Line], tuple[int, ...]]:
    lines, offsets = WAYS[way]
    generator = torch.Generator().manual_seed(0)
    gates = torch.randn(lines[-1].last, 2, 4 * HIDDEN, dtype=torch.float64, generator=generator)
    kernel = torch.randn(
        len(offsets) * HIDDEN, 4 * HIDDEN, dtype=torch.float64, generator=generator
    )
    return gates.requires_grad_(), kernel.requires_grad_(), lines, offsets


@pytest.mark.parametrize("way", WAYS)
def test_a_scan_is_what_its_formula_says(way: str) -> None:
    h, _ = Scan.apply(*example(way))
    torch.testing.assert_close(h, cell_by_cell(*example(way)))


@pytest.mark.parametrize("way", WAYS)
def test_the_way_back_gives_the_gradients(way: str) -> None:
    gates, kernel, lines, offsets = example(way)
    assert torch.autograd.gradcheck(
        lambda *inputs: Scan.apply(*inputs, lines, offsets)[0], (gates, kernel)
    )


def test_the_diagonals_of_a_picture_begin_at_its_top_left_corner() -> None:
    there, mirrored = by_diagonals(2, 3, torch.device("cpu"))
    assert there.tolist() == [0, 1, 3, 2, 4, 5]
    assert mirrored.tolist() == [2, 1, 5, 0, 4, 3]
    assert diagonals_of(2, 3) == [(0, 1, 0), (1, 3, 0), (3, 5, 0), (5, 6, 1)]


@pytest.mark.parametrize("way", WAYS)
def test_what_an_export_follows_is_the_same(way: str) -> None:
    given = example(way)
    for plain, quick in zip(scanned(*given), Scan.apply(*given), strict=True):
        torch.testing.assert_close(plain, quick)
