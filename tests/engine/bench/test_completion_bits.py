"""What missing pixels cost, against all pictures of 2 x 3 pixels, each with its probability."""

from __future__ import annotations

import itertools
import math
from typing import Any

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
    refined_completions,
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


def ardm(name: str = "ardm", **overrides: Any) -> OrderAgnosticModel:
    model = small(name, SHAPE, width=8, blocks=(1, 1, 1), **overrides)
    assert isinstance(model, OrderAgnosticModel)
    return model


def raster() -> AutoregressiveModel:
    """One whose pixels depend on each other, as they hardly do untrained."""
    model = small("made", SHAPE, hidden=16)
    for weights in model.parameters():
        weights.mul_(4)
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
    assert order_nats(model, EVERY, known, None).sum(1).allclose(exact, atol=1e-5)


@pytest.mark.parametrize("known", [TOP, BOTTOM, SOME])
def test_a_model_that_predicts_all_at_once_is_asked_for_one_missing_site_after_the_other(known):
    model = ardm()
    exact = conditional_nats(model.log_prob(EVERY, None, observed_first(known, model.order)), known)
    assert order_nats(model, EVERY, known, None).sum(1).allclose(exact, atol=1e-5)


def test_asked_for_some_of_the_missing_sites_the_mean_is_the_same(monkeypatch):
    model, x = ardm(), EVERY[37:38]
    exact = float(order_nats(model, x, BOTTOM, None).mean())
    all_three = float(order_nats(model, x, BOTTOM, None, passes=3).mean())
    assert all_three == pytest.approx(exact, rel=1e-5)
    monkeypatch.setattr(completion_bits, "BATCH", 1)
    found = order_nats(model, x.repeat(400, 1, 1, 1), BOTTOM, None, passes=1)[:, 0]
    assert found.unique().numel() == 3
    error = float(found.std()) / math.sqrt(400)
    assert abs(float(found.mean()) - exact) < 4 * error


@pytest.mark.parametrize("known", [TOP, BOTTOM, SOME])
def test_a_model_that_is_conditioned_on_what_is_given_has_a_distribution_over_the_rest(known):
    model = small("gated-pixelcnn-map", SHAPE, width=4, dilations=(1,), head=4, map_width=8)
    nats = map_nats(model, EVERY, known)
    painted = model.painted(EVERY, known.expand(64, 2, 3))
    each = model.likelihood.log_prob(model.conditionals(EVERY, painted), model.sites(EVERY))
    assert nats.allclose(-each[:, ~known.flatten()], atol=1e-5)
    assert distributed(nats.sum(1), known).allclose(torch.ones(64), atol=1e-5)


def test_drawn_in_one_pass_missing_sites_know_nothing_of_each_other():
    model = ardm()
    params = model.predict(EVERY, SOME.expand(64, 2, 3))
    log_p = model.likelihood.log_prob(params, EVERY.flatten(2).transpose(1, 2))
    expected = -log_p[:, ~SOME.flatten()].sum(1)
    assert nats_in_steps(model, EVERY, SOME, None, steps=1).allclose(expected, atol=1e-5)


def test_with_a_pass_for_each_site_nothing_is_lost():
    model, known = ardm(), torch.tensor([[True, True, True], [True, False, True]])
    expected = order_nats(model, EVERY, known, None).sum(1)
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
    model = ardm("ardm-class", classes=3)
    model.get_parameter("class_vectors").mul_(30)
    classes = [torch.full((64,), number) for number in (0, 1)]
    for measure in (
        lambda c: order_nats(model, EVERY, TOP, c),
        lambda c: nats_in_steps(model, EVERY, TOP, c, 2),
        lambda c: site_nats(model, EVERY, c)[:, 3:].sum(1),
    ):
        one, other = map(measure, classes)
        assert not one.allclose(other, atol=1e-4)


@pytest.mark.parametrize("known", [BOTTOM, SOME])
def test_particles_bound_the_exact_conditional_where_the_content_is_the_models_own(known):
    """On average over what the model draws: from below always, from above since what is retained
    is a sample of the conditional."""
    model = raster()
    log_p = model.log_prob(EVERY)
    exact = float((log_p.exp() * conditional_nats(log_p, known)).sum())
    x, weights = EVERY.repeat(40, 1, 1, 1), log_p.exp().repeat(40) / 40
    few, many = (
        smc_nats(model, x, known, None, particles, -log_p.repeat(40)) for particles in (2, 32)
    )
    lower, upper = (float((weights * each).sum()) for each in (few.lower, few.upper))
    assert lower < exact - 0.05
    assert upper > exact + 0.05
    for bound in (many.lower, many.upper):
        assert float((weights * bound).sum()) == pytest.approx(exact, abs=0.05)
    for found in (few, many):
        assert (found.completed[:, :, known] == x[:, :, known]).all()
        assert (found.effective >= 1).all()


def test_what_particles_draw_has_no_more_bits_than_the_bound_says():
    """As often as content comes among completions by two particles, its bound allows for."""
    model, observed = raster(), EVERY.flatten(1)[:, SOME.flatten()]
    alike = (observed == observed[37]).all(1)
    plain = -model.log_prob(EVERY)
    some = torch.arange(64)[alike]
    bound = smc_nats(
        model, EVERY[some.repeat(200)], SOME, None, 2, plain[some.repeat(200)]
    ).upper.view(200, -1)
    draws = 8000
    drawn = smc_nats(
        model, EVERY[37:38].expand(draws, -1, -1, -1), SOME, None, 2, plain[37:38].expand(draws)
    ).completed
    for nats, content in zip(bound.mean(0), EVERY[some], strict=True):
        share = float((drawn == content).flatten(1).all(1).float().mean())
        assert share > float((-nats).exp()) - 4 * math.sqrt(share / draws)


def test_refined_completions_keep_what_is_given_and_draw_the_rest_again():
    model, x = raster(), EVERY[:50]
    again = refined_completions(model, x, SOME, None, particles=4, sweeps=2)
    assert (again[:, :, SOME] == x[:, :, SOME]).all()
    assert not torch.equal(again, x)
