"""What missing pixels cost, against all pictures of 2 x 3 pixels, each with its probability."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel, OrderAgnosticModel
from models.orders import observed_first
from studio.engine.bench import completion_bits
from studio.engine.bench.completion_bits import (
    map_nats,
    nats_in_steps,
    order_nats,
    refined,
    site_nats,
    smc_nats,
)
from tests.models.zoo import small

SHAPE = (1, 2, 3)
TOP = torch.tensor([[True] * 3, [False] * 3])
BOTTOM = ~TOP
SOME = torch.tensor([[False, True, False], [True, False, True]])
EVERY = torch.tensor(list(itertools.product([0, 1], repeat=6))).view(64, *SHAPE)
NOTHING = torch.zeros(2, 3, dtype=torch.bool)


def conditional_nats(log_p: Tensor, known: Tensor) -> Tensor:
    """-log p(missing | observed) of every picture, (64,), from log p of every picture."""
    observed = EVERY.flatten(1)[:, known.flatten()]
    alike = (observed[:, None] == observed).all(2)
    return log_p.expand(64, 64).masked_fill(~alike, -torch.inf).logsumexp(1) - log_p


def distributed(nats: Tensor, known: Tensor) -> Tensor:
    """The sum of the probabilities of all contents of the missing pixels, for each picture."""
    observed = EVERY.flatten(1)[:, known.flatten()]
    alike = (observed[:, None] == observed).all(2)
    return (alike * (-nats).exp()).sum(1)


def ardm() -> OrderAgnosticModel:
    model = small("ardm", SHAPE, width=8, blocks=(1, 1, 1))
    assert isinstance(model, OrderAgnosticModel)
    return model


def raster() -> AutoregressiveModel:
    model = small("pixelcnn", SHAPE, width=8, hidden=4, blocks=1, kernel=3, head=8)
    model.out.weight.mul_(3)  # untrained, pixels hardly depend on each other
    return model


def test_clamp_is_exact_where_all_that_is_given_comes_first():
    model = raster()
    clamped = site_nats(model, EVERY, None)[:, ~TOP.flatten()].sum(1)
    assert clamped.allclose(conditional_nats(model.log_prob(EVERY), TOP), atol=1e-5)


@pytest.mark.parametrize("known", [BOTTOM, SOME])
def test_clamp_has_a_distribution_of_its_own_elsewhere(known):
    model = raster()
    clamped = site_nats(model, EVERY, None)[:, ~known.flatten()].sum(1)
    assert not clamped.allclose(conditional_nats(model.log_prob(EVERY), known), atol=1e-3)
    assert distributed(clamped, known).allclose(torch.ones(64), atol=1e-5)


def test_sites_are_told_by_their_place_in_the_picture_whatever_the_order():
    model = small("made-any-order", SHAPE, hidden=16)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    nats = site_nats(model, EVERY, None, order)
    assert nats.sum(1).allclose(-model.log_prob(EVERY, None, order), atol=1e-5)
    first = nats[:, 3]
    assert len(set(first.round(decimals=5).tolist())) == 2, "it depends on its own value alone"


@pytest.mark.parametrize("known", [TOP, BOTTOM, SOME])
def test_order_is_the_exact_conditional_of_the_order_in_which_it_draws(known):
    model = small("made-any-order", SHAPE, hidden=16)
    order = observed_first(known, model.order)
    exact = conditional_nats(model.log_prob(EVERY, None, order), known)
    assert order_nats(model, EVERY, known, None).allclose(exact, atol=1e-5)


@pytest.mark.parametrize("known", [TOP, BOTTOM, SOME])
def test_a_model_that_predicts_all_at_once_is_asked_for_one_missing_site_after_the_other(known):
    model = ardm()
    exact = conditional_nats(model.log_prob(EVERY, None, observed_first(known, model.order)), known)
    assert order_nats(model, EVERY, known, None).allclose(exact, atol=1e-5)


def test_asked_for_some_of_the_missing_sites_the_mean_is_the_same(monkeypatch):
    model, x = ardm(), EVERY[37:38]
    exact = float(order_nats(model, x, BOTTOM, None))
    assert float(order_nats(model, x, BOTTOM, None, passes=3)) == pytest.approx(exact, rel=1e-5)
    monkeypatch.setattr(completion_bits, "BATCH", 1)
    found = order_nats(model, x.repeat(400, 1, 1, 1), BOTTOM, None, passes=1)
    assert found.unique().numel() == 3
    error = float(found.std()) / math.sqrt(400)
    assert abs(float(found.mean()) - exact) < 4 * error


@pytest.mark.parametrize("known", [TOP, BOTTOM, SOME])
def test_a_model_that_is_conditioned_on_what_is_given_has_a_distribution_over_the_rest(known):
    model = small("gated-pixelcnn-map", SHAPE, width=4, dilations=(1,), head=4, map_width=8)
    nats = map_nats(model, EVERY, known)
    painted = model.painted(EVERY, known.expand(64, 2, 3))
    each = model.likelihood.log_prob(model.conditionals(EVERY, painted), model.sites(EVERY))
    assert nats.allclose(-each[:, ~known.flatten()].sum(1), atol=1e-5)
    assert distributed(nats, known).allclose(torch.ones(64), atol=1e-5)


def test_drawn_in_one_pass_missing_sites_know_nothing_of_each_other():
    model = ardm()
    params = model.predict(EVERY, SOME.expand(64, 2, 3))
    log_p = model.likelihood.log_prob(params, EVERY.flatten(2).transpose(1, 2))
    expected = -log_p[:, ~SOME.flatten()].sum(1)
    assert nats_in_steps(model, EVERY, SOME, None, steps=1).allclose(expected, atol=1e-5)


def test_with_a_pass_for_each_site_nothing_is_lost():
    model, known = ardm(), torch.tensor([[True, True, True], [True, False, True]])
    expected = order_nats(model, EVERY, known, None)
    for steps in (1, 6, 50):
        assert nats_in_steps(model, EVERY, known, None, steps).allclose(expected, atol=1e-5)
    whole = nats_in_steps(model, EVERY, NOTHING, None, steps=6)
    ranks = torch.rand(64, 6, generator=torch.Generator().manual_seed(completion_bits._SEED))
    for row in (0, 41):
        order = ranks[row].argsort()
        expected = -model.log_prob(EVERY[row : row + 1], None, order)
        assert whole[row : row + 1].allclose(expected, atol=1e-5)


def test_how_sites_are_shared_out_among_the_passes_can_be_chosen():
    model = ardm()
    few, even = (nats_in_steps(model, EVERY, NOTHING, None, 2, growth) for growth in (3.0, 1.0))
    assert not few.allclose(even, atol=1e-4)


def test_the_class_counts():
    model = small("ardm-class", SHAPE, width=8, blocks=(1, 1, 1), classes=3)
    model.class_vectors.mul_(30)
    classes = [torch.full((64,), number) for number in (0, 1)]
    for measure in (
        lambda c: order_nats(model, EVERY, TOP, c),
        lambda c: nats_in_steps(model, EVERY, TOP, c, 2),
        lambda c: site_nats(model, EVERY, c)[:, 3:].sum(1),
    ):
        one, other = map(measure, classes)
        assert not one.allclose(other, atol=1e-4)


@pytest.mark.parametrize("known", [BOTTOM, SOME])
def test_particles_bound_what_the_content_costs_from_below_and_from_above(known):
    model, which = raster(), 37
    x = EVERY[which : which + 1].repeat(300, 1, 1, 1)
    log_p = model.log_prob(EVERY)
    exact = float(conditional_nats(log_p, known)[which])
    plain = -log_p[which].expand(300)
    wide = smc_nats(model, x, known, None, 2, plain)
    assert float(wide.lower.mean()) < exact + 3 * float(wide.lower.std()) / math.sqrt(300)
    assert wide.completed.shape == x.shape
    assert (wide.completed[:, :, known] == x[:, :, known]).all()
    close = smc_nats(model, x, known, None, 64, plain)
    for bound in (close.lower, close.upper):
        assert float(bound.mean()) == pytest.approx(exact, abs=0.05)
    assert float(wide.upper.mean() - wide.lower.mean()) > float(
        close.upper.mean() - close.lower.mean()
    )
    assert (close.effective > 1).all()


def test_refined_completions_keep_what_is_given_and_draw_the_rest_again():
    model, x = raster(), EVERY[:50]
    again = refined(model, x, SOME, None, particles=4, sweeps=2)
    assert (again[:, :, SOME] == x[:, :, SOME]).all()
    assert not torch.equal(again, x)
