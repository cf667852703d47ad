"""What must hold for every model that takes any order, in orders that are not its own. Such a model
joins by being listed."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import LongTensor

from models import orders
from models.interface import AutoregressiveModel
from tests.models.test_zoo import TOLERANCE, walk
from tests.models.zoo import ANY_ORDER, conditions, pictures, reached, small

pytestmark = [
    pytest.mark.parametrize("name", ANY_ORDER),
    pytest.mark.parametrize("order_name", ["spiral", "random"]),
]

KINDS = [((1, 7, 6), 2), ((3, 4, 5), 4)]


def order_of(order_name: str, model: AutoregressiveModel) -> LongTensor:
    height, width = model.spec.space
    return orders.named(order_name, height, width, seed=3)


def test_gradients_reach_exactly_what_comes_before_in_that_order(
    name: str, order_name: str
) -> None:
    model = small(name, (1, 5, 6)).double()
    assert torch.equal(reached(model, order_of(order_name, model)), model.dependencies())


def test_the_probabilities_of_all_pictures_sum_to_one(name: str, order_name: str) -> None:
    model = small(name, (1, 2, 4)).double()
    everything = torch.tensor(list(itertools.product(range(2), repeat=8))).view(-1, 1, 2, 4)
    log_p = model.log_prob(everything, order=order_of(order_name, model))
    assert log_p.exp().sum().item() == pytest.approx(1, abs=1e-9)


def test_another_order_gives_another_opinion(name: str, order_name: str) -> None:
    model = small(name)
    x = pictures(model, 3)
    assert not torch.allclose(
        model.log_prob(x, order=order_of(order_name, model)), model.log_prob(x), atol=1e-3
    )


def test_an_order_that_leaves_a_site_out_is_refused(name: str, order_name: str) -> None:
    model = small(name)
    order = order_of(order_name, model)
    order[0] = order[1]
    with pytest.raises(ValueError, match="exactly once"):
        model.conditionals(pictures(model, 1), order=order)
    with pytest.raises(ValueError, match="exactly once"):
        model.stepper(1, order=order)


@pytest.mark.parametrize(("shape", "levels"), KINDS)
@torch.inference_mode()
def test_the_stepper_agrees_at_every_prefix(
    name: str, order_name: str, shape: tuple[int, int, int], levels: int
) -> None:
    model = small(name, shape, levels)
    x, condition, order = pictures(model, 4), conditions(model, 4), order_of(order_name, model)
    expected = model.conditionals(x, condition, order)
    torch.testing.assert_close(walk(model, x, condition, order), expected, rtol=0, atol=TOLERANCE)


@torch.inference_mode()
def test_the_stepper_agrees_after_prime(name: str, order_name: str) -> None:
    model = small(name, (1, 5, 5))
    x, order = pictures(model, 3), order_of(order_name, model)
    expected, values = model.conditionals(x, order=order), model.sites(x, order)
    for count in range(len(order) - 1):
        stepper = model.stepper(3, order=order)
        hidden = x.clone()
        hidden.flatten(2)[:, :, order[count:]] = 0  # what is not yet there must not matter
        stepper.prime(hidden, count)
        torch.testing.assert_close(
            stepper.conditional(), expected[:, count], rtol=0, atol=TOLERANCE
        )
        stepper.commit(values[:, count])
        torch.testing.assert_close(
            stepper.conditional(), expected[:, count + 1], rtol=0, atol=TOLERANCE
        )


@torch.inference_mode()
def test_the_stepper_agrees_after_rewind_and_select(name: str, order_name: str) -> None:
    model = small(name, (1, 5, 5))
    order, rows = order_of(order_name, model), torch.tensor([2, 0, 0, 1])
    first, second = pictures(model, 3, seed=1), pictures(model, 4, seed=2)
    for back in (0, 1, 12, len(order) - 1):
        stepper = model.stepper(3, order=order)
        for site in range(len(order)):
            stepper.commit(model.sites(first, order)[:, site])
        stepper.rewind(back)
        stepper.select(rows)
        mixed = second.clone()
        mixed.flatten(2)[:, :, order[:back]] = first[rows].flatten(2)[:, :, order[:back]]
        expected, values = model.conditionals(mixed, order=order), model.sites(mixed, order)
        for site in range(back, len(order)):
            torch.testing.assert_close(
                stepper.conditional(), expected[:, site], rtol=0, atol=TOLERANCE
            )
            stepper.commit(values[:, site])


@torch.inference_mode()
def test_evidence_first_is_one_of_the_orders(name: str, order_name: str) -> None:
    model = small(name)
    x, known = pictures(model, 2), torch.zeros(7, 6, dtype=torch.bool)
    known[4:, 2:] = True
    order = orders.observed_first(known, order_of(order_name, model))
    stepper = model.stepper(2, order=order)
    stepper.prime(x * known, int(known.sum()))
    expected = model.conditionals(x, order=order)[:, stepper.position]
    torch.testing.assert_close(stepper.conditional(), expected, rtol=0, atol=TOLERANCE)
