"""What must hold for every model of the zoo: causality,
one distribution, and a stepper that is its exact twin."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import models
from models.interface import AutoregressiveModel, Classes
from models.stepping import MaskStepper, PrefixStepper
from tests.engine.trainings import SMALL
from tests.models.zoo import (
    LIGHT,
    NAMES,
    built,
    conditions,
    of_one_channel,
    pictures,
    reached,
    small,
)
from tests.thorough import some_of

pytestmark = pytest.mark.parametrize("name", NAMES)

TOLERANCE = 1e-4
KINDS_OF_MODEL = some_of(NAMES)
KINDS = [((1, 7, 6), 2), ((3, 4, 5), 4)]


def one_of_each_kind(test: Callable[..., None]) -> Callable[..., None]:
    """Every model is shown to be causal, to be one distribution and to agree with its stepper. What
    else there is to know of a stepper is tried with one of each family and kind of condition."""

    @functools.wraps(test)
    def tried(name: str, **others: object) -> None:
        if name in NAMES and name not in KINDS_OF_MODEL:
            pytest.skip("another of its kind is tried; all are with THOROUGH=1")
        test(name, **others)

    return tried


def walk(
    model: AutoregressiveModel,
    x: Tensor,
    condition: Tensor | None = None,
    order: Tensor | None = None,
) -> Tensor:
    """The conditionals (B, N, P) as the stepper gives them when it is fed with x."""
    stepper = model.stepper(len(x), condition, order)
    values = model.sites(x, order)
    found = []
    for site in range(values.shape[1]):
        found.append(stepper.conditional().clone())
        stepper.commit(values[:, site])
    return torch.stack(found, 1)


# ---- causality -----------------------------------------------------------------------------------


def test_gradients_reach_exactly_the_sites_that_the_model_says_it_sees(name: str) -> None:
    # time is looked at for longer, as most layers of a model of sound look far back
    model = small(name, (1, 9, 8) if of_one_channel(name) else (1, 5, 6)).double()
    assert torch.equal(reached(model), model.dependencies())


def test_changing_a_site_changes_nothing_at_it_or_before_it(name: str) -> None:
    model = small(name)
    x, condition = pictures(model, 3), conditions(model, 3)
    before = model.conditionals(x, condition)
    for site in (0, 1, 17, 41):
        changed = x.clone()
        changed.flatten(2)[:, :, model.order[site]] ^= 1
        after = model.conditionals(changed, condition)
        assert torch.equal(after[:, : site + 1], before[:, : site + 1])
        assert site == 41 or not torch.equal(after[:, site + 1 :], before[:, site + 1 :])


def test_dependencies_point_backwards_only(name: str) -> None:
    dependencies = built(name).dependencies()
    assert dependencies.shape == (784, 784)
    assert not dependencies.triu().any()
    assert dependencies[1, 0]


# ---- a distribution ------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "levels"), [((1, 2, 4), 2), ((2, 1, 2), 3)])
def test_the_probabilities_of_all_pictures_sum_to_one(
    name: str, shape: tuple[int, int, int], levels: int
) -> None:
    model = small(name, shape, levels).double()
    everything = torch.tensor(list(itertools.product(range(levels), repeat=math.prod(shape)))).view(
        -1, model.spec.channels, *model.spec.space
    )
    assert model.log_prob(everything).exp().sum().item() == pytest.approx(1, abs=1e-9)


def test_log_prob_is_what_the_conditionals_say(name: str) -> None:
    model = small(name, (1, 4, 4), 5)
    x = pictures(model, 3)
    params, values = model.conditionals(x), model.sites(x)
    probabilities = model.likelihood.probabilities(params).gather(-1, values.unsqueeze(-1))
    torch.testing.assert_close(
        model.log_prob(x), probabilities.log().sum((1, 2, 3)), rtol=1e-4, atol=1e-4
    )


def test_every_weight_is_learnt(name: str) -> None:
    model = small(name).train().requires_grad_(True)
    model.log_prob(pictures(model, 4), conditions(model, 4)).sum().backward()
    frozen = model.weights_of(model.FROZEN_PARTS)
    idle = [k for k, p in model.named_parameters() if p.grad is None and k not in frozen]
    assert not idle  # several devices would wait for its gradient for ever


# ---- the stepper ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "levels"), KINDS)
@torch.inference_mode()
def test_the_stepper_agrees_at_every_prefix(
    name: str, shape: tuple[int, int, int], levels: int
) -> None:
    model = small(name, shape, levels)
    x, condition = pictures(model, 4), conditions(model, 4)
    torch.testing.assert_close(
        walk(model, x, condition), model.conditionals(x, condition), rtol=0, atol=TOLERANCE
    )


@one_of_each_kind
@pytest.mark.slow
@torch.inference_mode()
def test_the_stepper_agrees_at_full_size(name: str) -> None:
    torch.manual_seed(0)
    model = built(name, **LIGHT.get(name, {})).eval()
    if isinstance(model.stepper(1), (PrefixStepper, MaskStepper)):
        # a step is a whole pass, which a cache that fills up cannot spoil
        model = small(name, (1, 14, 14))
    x, condition = pictures(model, 2), conditions(model, 2)
    torch.testing.assert_close(
        walk(model, x, condition), model.conditionals(x, condition), rtol=0, atol=TOLERANCE
    )


@one_of_each_kind
@torch.inference_mode()
def test_the_stepper_agrees_after_prime(name: str) -> None:
    model = small(name, (1, 5, 5))
    x, condition = pictures(model, 3), conditions(model, 3)
    expected = model.conditionals(x, condition)
    for count in range(len(model.order)):
        stepper = model.stepper(3, condition)
        hidden = x.clone()
        hidden.flatten(2)[:, :, model.order[count:]] = 0  # what is not yet there must not matter
        stepper.prime(hidden, count)
        assert stepper.position == count
        torch.testing.assert_close(
            stepper.conditional(), expected[:, count], rtol=0, atol=TOLERANCE
        )
        stepper.commit(model.sites(x)[:, count])
        if count + 1 < len(model.order):
            torch.testing.assert_close(
                stepper.conditional(), expected[:, count + 1], rtol=0, atol=TOLERANCE
            )


@one_of_each_kind
@torch.inference_mode()
def test_prime_can_take_the_whole_picture_and_none_of_it(name: str) -> None:
    model = small(name)
    x = pictures(model, 2)
    stepper = model.stepper(2)
    stepper.prime(x, len(model.order))
    assert stepper.position == len(model.order)
    stepper.prime(x, 0)
    torch.testing.assert_close(
        stepper.conditional(), model.conditionals(x)[:, 0], rtol=0, atol=TOLERANCE
    )


@one_of_each_kind
@torch.inference_mode()
def test_the_stepper_agrees_after_rewind(name: str) -> None:
    model = small(name, (1, 5, 5))
    x, condition = pictures(model, 3), conditions(model, 3)
    sites = len(model.order)
    stepper = model.stepper(3, condition)
    for values in model.sites(x).unbind(1):
        stepper.conditional()
        stepper.commit(values)
    for back in (0, 1, 4, 5, 6, 12, sites - 1):
        stepper.rewind(back)
        assert stepper.position == back
        mixed = pictures(model, 3, seed=10 + back)
        mixed.flatten(2)[:, :, model.order[:back]] = x.flatten(2)[:, :, model.order[:back]]
        expected = model.conditionals(mixed, condition)
        for site in range(back, sites):
            torch.testing.assert_close(
                stepper.conditional(), expected[:, site], rtol=0, atol=TOLERANCE
            )
            stepper.commit(model.sites(mixed)[:, site])
        x = mixed


@one_of_each_kind
@pytest.mark.parametrize("at", [0, 7, 12])
@torch.inference_mode()
def test_the_stepper_agrees_after_select(name: str, at: int) -> None:
    model = small(name, (1, 5, 5))
    x, condition = pictures(model, 3), conditions(model, 3)
    rows = torch.tensor([2, 0, 0, 2, 1])
    stepper = model.stepper(3, condition)
    for site in range(at):
        stepper.conditional()
        stepper.commit(model.sites(x)[:, site])
    stepper.select(rows)
    chosen = pictures(model, 5, seed=7)
    chosen.flatten(2)[:, :, model.order[:at]] = x[rows].flatten(2)[:, :, model.order[:at]]
    expected = model.conditionals(chosen, None if condition is None else condition[rows])
    for site in range(at, len(model.order)):
        torch.testing.assert_close(stepper.conditional(), expected[:, site], rtol=0, atol=TOLERANCE)
        stepper.commit(model.sites(chosen)[:, site])


@one_of_each_kind
@torch.inference_mode()
def test_the_conditional_may_be_asked_for_twice_or_not_at_all(name: str) -> None:
    model = small(name)
    x = pictures(model, 2)
    expected = model.conditionals(x)
    stepper = model.stepper(2)
    for site in range(len(model.order)):
        if site % 3 == 2:
            for _ in range(2):
                torch.testing.assert_close(
                    stepper.conditional(), expected[:, site], rtol=0, atol=TOLERANCE
                )
        stepper.commit(model.sites(x)[:, site])


@one_of_each_kind
def test_everything_stays_on_the_device_of_the_model(name: str) -> None:
    # here a tensor of the processor raises; one layer of each kind does
    model = small(name, (1, 4, 3), **SMALL.get(name, {})).to("meta")
    x = torch.zeros_like(pictures(model, 2), device="meta")
    condition = conditions(model, 2)
    condition = None if condition is None else condition.to("meta")
    assert model.log_prob(x, condition).shape == (2,)
    with torch.inference_mode():
        stepper = model.stepper(2, condition)
        stepper.prime(x, 4)
        for _ in range(4):  # into the next row
            noise = torch.zeros(2, model.likelihood.draws, device="meta")
            stepper.commit(model.likelihood.sample(stepper.conditional(), noise))
        stepper.select(torch.zeros(3, dtype=torch.long, device="meta"))
        stepper.rewind(2)
        assert stepper.conditional().shape == (3, model.likelihood.parameters)


# ---- building and conditions ---------------------------------------------------------------------


@one_of_each_kind
def test_it_can_be_built_again_from_its_name_and_configuration(name: str) -> None:
    model = small(name, (1, 5, 5), 3)
    again = built(model.name, **model.config.to_dict())
    again.load_state_dict(model.state_dict())
    x = pictures(model, 2)
    assert again.spec == model.spec
    assert torch.equal(again.eval().conditionals(x), model.conditionals(x))


@one_of_each_kind
def test_an_unknown_setting_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="colour_of_hair"):
        models.build(name, colour_of_hair=3)


@one_of_each_kind
def test_another_order_is_refused_unless_any_will_do(name: str) -> None:
    model = small(name)
    backwards = model.order.flip(0)
    if model.any_order:
        model.conditionals(pictures(model, 1), order=backwards)
    else:
        with pytest.raises(ValueError, match="own order"):
            model.conditionals(pictures(model, 1), order=backwards)


@one_of_each_kind
def test_a_condition_matters_where_the_model_takes_one(name: str) -> None:
    model = small(name)
    x = pictures(model, 1)
    if model.conditioning is None:
        with pytest.raises(ValueError, match="takes no class"):
            model.log_prob(x, torch.tensor([1]))
        return
    kinds = model.conditioning.count + 1 if isinstance(model.conditioning, Classes) else 4
    given = conditions(model, kinds)
    assert given is not None
    likelihoods = {round(model.log_prob(x, one[None]).item(), 6) for one in given}
    assert len(likelihoods) == kinds
    # the first one says nothing
    assert torch.equal(model.log_prob(x), model.log_prob(x, given[:1]))
    with pytest.raises(ValueError, match="shape"):
        model.log_prob(x, given[:2])
