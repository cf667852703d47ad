"""Convolutions in an order see what comes earlier near by: all of it, and nothing else."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models import orders
from models.layers.ordered import WAYS, OrderedConv2d, OrderedConv2dStep, earlier

HEIGHT, WIDTH = 6, 5


def near_and_earlier(order: str, reach: int, itself: bool) -> Tensor:
    """Bool (N, N), by raster index: what each site should see."""
    rank = orders.NAMES[order](HEIGHT, WIDTH).argsort()
    row, column = torch.arange(HEIGHT * WIDTH) // WIDTH, torch.arange(HEIGHT * WIDTH) % WIDTH
    near = torch.maximum((row[:, None] - row).abs(), (column[:, None] - column).abs()) <= reach
    return near & ((rank < rank[:, None]) | (torch.eye(len(rank), dtype=torch.bool) & itself))


def convolution(order: str, reach: int, itself: bool) -> OrderedConv2d:
    torch.manual_seed(0)
    return OrderedConv2d(2, 3, order, (HEIGHT, WIDTH), reach, itself)


@pytest.mark.parametrize("itself", [False, True])
@pytest.mark.parametrize("reach", [1, 3])
@pytest.mark.parametrize("order", WAYS)
def test_a_site_sees_every_earlier_neighbour_and_no_other(
    order: str, reach: int, itself: bool
) -> None:
    x = torch.randn(1, HEIGHT, WIDTH, 2, requires_grad=True)
    y = convolution(order, reach, itself)(x).flatten(0, 2).sum(1)
    seen = torch.stack(
        [
            torch.autograd.grad(site, x, retain_graph=True)[0].flatten(0, 2).abs().sum(1) > 0
            for site in y
        ]
    )
    assert torch.equal(seen, near_and_earlier(order, reach, itself))


@pytest.mark.parametrize("order", WAYS)
def test_each_way_has_as_many_taps_as_half_a_square(order: str) -> None:
    assert {len(taps) for taps in earlier(order, 1, itself=False)} == {4}
    assert {len(taps) for taps in earlier(order, 3, itself=True)} == {25}


@pytest.mark.parametrize("order", WAYS)
@torch.no_grad()
def test_one_site_at_a_time_comes_to_the_same(order: str) -> None:
    layer = convolution(order, 2, itself=True)
    x, places = torch.randn(3, HEIGHT, WIDTH, 2), orders.NAMES[order](HEIGHT, WIDTH)
    kept = torch.cat([x.flatten(1, 2)[:, places], torch.zeros(3, 1, 2)], 1)
    step = OrderedConv2dStep(layer)
    found = [step.product(step.window(kept, t), t) for t in range(HEIGHT * WIDTH)]
    torch.testing.assert_close(torch.stack(found, 1), layer(x).flatten(1, 2)[:, places])
