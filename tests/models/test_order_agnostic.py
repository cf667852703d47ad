"""Ensembles over orders: one distribution, at least as good as its members on average, in no more
memory than one of them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from models import order_agnostic
from tests.models.zoo import ANY_ORDER, pictures, small

pytestmark = pytest.mark.parametrize("name", ANY_ORDER)


@pytest.mark.parametrize(("shape", "levels"), [((1, 2, 4), 2), ((2, 1, 2), 3)])
def test_the_probabilities_of_all_pictures_sum_to_one(
    name: str, shape: tuple[int, int, int], levels: int
) -> None:
    model = small(name, shape, levels).double()
    everything = torch.tensor(list(itertools.product(range(levels), repeat=math.prod(shape)))).view(
        -1, *shape
    )
    log_p = order_agnostic.log_probs(model, everything, order_agnostic.several(model, 6))
    assert order_agnostic.mean_probability(log_p).exp().sum().item() == pytest.approx(1, abs=1e-9)


def test_the_ensemble_is_the_mean_of_the_probabilities_and_no_worse_than_its_members_on_average(
    name: str,
) -> None:
    model = small(name, (1, 4, 4)).double()
    x = pictures(model, 5)
    orders = order_agnostic.several(model, 8)
    log_p = order_agnostic.log_probs(model, x, orders)
    assert log_p.shape == (8, 5)
    torch.testing.assert_close(log_p[3], model.log_prob(x, order=orders[3]))
    ensemble = order_agnostic.mean_probability(log_p)
    torch.testing.assert_close(ensemble.exp(), log_p.exp().mean(0))
    assert (ensemble > log_p.mean(0)).all(), "Jensen's inequality, and the orders do not agree"


def test_an_ensemble_of_one_is_its_member(name: str) -> None:
    model = small(name)
    x = pictures(model, 3)
    orders = order_agnostic.several(model, 1)
    log_p = order_agnostic.log_probs(model, x, orders)
    assert torch.equal(order_agnostic.mean_probability(log_p), model.log_prob(x, order=orders[0]))


def test_more_orders_begin_with_those_of_fewer(name: str) -> None:
    model = small(name)
    few, more = order_agnostic.several(model, 3), order_agnostic.several(model, 5)
    assert all(torch.equal(a, b) for a, b in zip(few, more, strict=False))
    assert len({tuple(order.tolist()) for order in more}) == 5


def test_the_orders_take_turns_so_that_many_need_no_more_memory_than_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small(name)
    x = pictures(model, 4)
    passes: list[int] = []
    whole = model.conditionals

    def counted(rows: Tensor, *rest: Any) -> Tensor:
        passes.append(len(rows))
        return whole(rows, *rest)

    monkeypatch.setattr(model, "conditionals", counted)
    assert order_agnostic.log_probs(model, x, order_agnostic.several(model, 12)).shape == (12, 4)
    assert passes == [4] * 12
