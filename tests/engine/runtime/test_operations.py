"""Floating-point operations, counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from studio.engine.runtime.operations import Counter

X, W, V = torch.rand(2, 3), torch.rand(3, 5), torch.rand(3)
HEADS = torch.rand(1, 2, 7, 4)  # two heads, seven sites, four features

COUNTED: dict[str, tuple[Callable[[], object], int]] = {
    "a product": (lambda: X @ W, 2 * 2 * 3 * 5),
    "into its place": (lambda: torch.zeros(2, 5).addmm_(X, W), 2 * 2 * 3 * 5),
    "into another": (lambda: torch.addmm(torch.zeros(5), X, W, out=torch.empty(2, 5)), 60),
    "of a batch": (
        lambda: torch.zeros(4, 2, 5).baddbmm_(X.expand(4, 2, 3), W.expand(4, 3, 5)),
        240,
    ),
    "with a vector": (lambda: X @ V, 2 * 2 * 3),
    "with a vector, added": (lambda: torch.addmv(torch.zeros(2), X, V), 2 * 2 * 3),
    "of two vectors": (lambda: torch.dot(V, V), 2 * 3),
    "a convolution": (lambda: F.conv2d(torch.rand(1, 2, 5, 5), torch.rand(3, 2, 3, 3)), 2 * 9 * 54),
    "attention": (lambda: F.scaled_dot_product_attention(HEADS, HEADS, HEADS), 2 * 2 * 2 * 49 * 4),
    "a recurrent layer": (lambda: torch.nn.LSTM(3, 4)(torch.rand(5, 1, 3)), 2 * 5 * 16 * (3 + 4)),
}


@pytest.mark.parametrize("name", COUNTED)
def test_each_product_is_counted(name: str):
    compute, operations = COUNTED[name]
    with torch.inference_mode(), Counter() as counted:
        compute()
    assert counted.operations == operations


def test_what_works_on_each_number_by_itself_is_not():
    with Counter() as counted:
        (X * X + X).relu().softmax(1).sum()
    assert counted.operations == 0
