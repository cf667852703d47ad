"""ARDM: what it sees, what its loss estimates, and its stepper, which draws several sites from one
pass."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from models.interface import OrderAgnosticModel
from models.stepping import MaskStepper
from tests.models.zoo import pictures, small


def ardm(shape: tuple[int, ...] = (1, 3, 4), levels: int = 2, **config: Any) -> OrderAgnosticModel:
    model = small("ardm", shape, levels, **config)
    assert isinstance(model, OrderAgnosticModel)
    return model


def some_known(model: OrderAgnosticModel, batch: int) -> Tensor:
    return torch.rand(batch, *model.spec.space, generator=torch.Generator().manual_seed(3)) < 0.5


@pytest.mark.parametrize("shape", [(1, 3, 4), (3, 5, 7), (1, 1, 9), (1, 8, 1)])
def test_what_unknown_sites_hold_is_not_looked_at(shape: tuple[int, ...]) -> None:
    model = ardm(shape, levels=4)
    x, known = pictures(model, 3), some_known(model=model, batch=3)
    other = torch.where(known[:, None], x, 3 - x)
    params = model.predict(x, known)
    assert params.shape == (3, math.prod(shape[1:]), model.likelihood.parameters)
    torch.testing.assert_close(params, model.predict(other, known))


def test_every_known_site_counts_at_every_unknown_one() -> None:
    model = ardm((1, 9, 10))
    x, known = pictures(model, 1), torch.ones(1, 9, 10, dtype=torch.bool)
    known[0, 0, 0] = False
    before = model.predict(x, known)[0, 0]
    for site in range(1, 90):
        turned = x.clone()
        turned.view(-1)[site] = 1 - turned.view(-1)[site]
        assert not torch.equal(model.predict(turned, known)[0, 0], before), site


def test_that_black_and_unknown_are_told_apart() -> None:
    model = ardm()
    x, nothing = torch.zeros(1, 1, 3, 4, dtype=torch.long), torch.zeros(1, 3, 4, dtype=torch.bool)
    known = nothing.clone()
    known[0, 1, 1] = True
    assert not torch.allclose(model.predict(x, known), model.predict(x, nothing))


def test_a_conditional_is_the_prediction_given_what_comes_before() -> None:
    model = ardm()
    x, order = pictures(model, 2), torch.randperm(12, generator=torch.Generator().manual_seed(5))
    params = model.conditionals(x, order=order)
    for position in (0, 5, 11):
        known = torch.zeros(12, dtype=torch.bool)
        known[order[:position]] = True
        found = model.predict(x, known.view(1, 3, 4).expand(2, -1, -1))
        torch.testing.assert_close(params[:, position], found[:, order[position]])


def test_the_loss_estimates_the_mean_over_all_orders() -> None:
    model = ardm((1, 2, 2))
    x = pictures(model, 1)
    every = [torch.tensor(order) for order in itertools.permutations(range(4))]
    exact = torch.stack([-model.log_prob(x, order=order) for order in every]).mean()
    ranks = torch.stack([order.argsort() for order in every for _ in range(4)]).float()
    shares = torch.tensor([0.1, 0.3, 0.6, 0.9]).repeat(len(every))  # of 0, 1, 2 and 3 known sites
    found = model._estimated_nats(x.expand(len(ranks), -1, -1, -1), None, ranks, shares)
    torch.testing.assert_close(found.mean(), exact)


def test_what_is_given_is_known_and_not_counted() -> None:
    model = ardm((1, 2, 2))
    x, given = pictures(model, 64), torch.tensor([[True, True], [True, False]])
    known = given.expand(64, -1, -1)
    found = model.loss(x, known=known, generator=torch.Generator().manual_seed(0))
    nats = -model.likelihood.log_prob(model.predict(x, known)[:, 3], x.flatten(2)[:, :, 3])
    torch.testing.assert_close(found, nats.mean())
    assert model.loss(x, known=torch.ones(64, 2, 2, dtype=torch.bool)) == 0


def test_figures_come_close_to_the_likelihood_and_from_their_generator() -> None:
    model = ardm((1, 2, 3))
    x = pictures(model, 256)
    orders = [torch.randperm(6, generator=torch.Generator().manual_seed(i)) for i in range(40)]
    exact = torch.stack([-model.log_prob(x, order=order) for order in orders]).mean()
    first, again = (model.figures(x, generator=torch.Generator().manual_seed(1)) for _ in range(2))
    assert float(first["nats"].mean()) == pytest.approx(float(exact), rel=0.02)
    torch.testing.assert_close(first["bits_per_dim"], first["nats"] / (6 * math.log(2)))
    assert torch.equal(first["nats"], again["nats"])


def test_sites_that_are_held_come_from_one_pass() -> None:
    model = ardm()
    x, stepper = pictures(model, 2), model.stepper(2)
    assert isinstance(stepper, MaskStepper)
    stepper.prime(x, 3)
    stepper.hold(6)
    known = (torch.arange(12) < 3).view(1, 3, 4).expand(2, -1, -1)
    at_three = model.predict(x, known)
    for site in (3, 4, 5):
        torch.testing.assert_close(stepper.conditional(), at_three[:, site])
        stepper.commit(x.flatten(2)[:, :, site])
    torch.testing.assert_close(stepper.conditional(), model.conditionals(x)[:, 6])


def test_holding_begins_with_what_is_known_then() -> None:
    model = ardm()
    x, stepper = pictures(model, 1), model.stepper(1)
    assert isinstance(stepper, MaskStepper)
    stepper.conditional()
    stepper.commit(x.flatten(2)[:, :, 0])
    stepper.hold(4)
    torch.testing.assert_close(stepper.conditional(), model.conditionals(x)[:, 1])


def test_the_rest_may_follow_another_order() -> None:
    model = ardm()
    x, stepper = pictures(model, 1), model.stepper(1)
    assert isinstance(stepper, MaskStepper)
    stepper.prime(x, 2)
    order = torch.cat([torch.arange(2), torch.arange(2, 12).flip(0)])
    stepper.follow(order)
    torch.testing.assert_close(stepper.conditional(), model.conditionals(x, order=order)[:, 2])


def test_the_class_counts_and_none_is_another_answer() -> None:
    model = small("ardm-class", (1, 3, 4))
    assert isinstance(model, OrderAgnosticModel)
    x, known = pictures(model, 1), torch.zeros(1, 3, 4, dtype=torch.bool)
    found = [model.predict(x, known, torch.tensor([label])) for label in (-1, 0, 1)]
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[1], found[2])
    torch.testing.assert_close(found[0], model.predict(x, known))
