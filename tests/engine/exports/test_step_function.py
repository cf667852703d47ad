"""A step as a function gives what the stepper gives, at every site."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.exports.graphs import example_condition
from studio.engine.exports.step_function import step_function
from tests.models.zoo import PICTURES, pictures, small
from tests.thorough import thorough_only

# of each way to remember one: rows, states that grow, sums, a row at a time backwards
TINY: dict[str, dict[str, Any]] = {
    "gated-pixelcnn-class": {"width": 4, "dilations": (1,), "head": 4, "classes": 3},
    "transformer": {"width": 8, "layers": 1, "hidden": 8},
    "made": {"hidden": 8},
    "pixelrnn-diagonal": {"width": 4, "hidden": 4, "blocks": 1, "kernel": 3, "head": 4},
}


def check(model: AutoregressiveModel, batch: int) -> None:
    condition = example_condition(model, batch)
    function = step_function(model, batch, condition)
    stepper = model.stepper(batch, condition)
    given = () if condition is None else (condition,)
    values = model.sites(pictures(model, batch))
    state = function.begin()
    for position in range(len(model.order)):
        before = values[:, position - 1]
        parameters, *state = function(torch.tensor(position), before, *given, *state)
        if position:
            stepper.commit(before)
        torch.testing.assert_close(
            parameters,
            stepper.conditional(),
            atol=1e-5,
            rtol=1e-5,
            msg=lambda m: f"{position}: {m}",
        )


@pytest.mark.parametrize("name", TINY)
def test_it_gives_what_the_stepper_gives(name: str) -> None:
    check(small(name, (1, 3, 4), **TINY[name]), batch=2)


@thorough_only
@pytest.mark.parametrize("name", PICTURES)
def test_it_gives_what_the_stepper_gives_for_every_model(name: str) -> None:
    model = small(name)
    if not model.predicts_all:
        check(model, batch=3)


def test_a_state_can_be_gone_back_to() -> None:
    model = small("transformer", (1, 2, 3), **TINY["transformer"])
    function, value = step_function(model), torch.ones(1, 1, dtype=torch.long)
    _, *state = function(torch.tensor(0), value, *function.begin())
    once = function(torch.tensor(1), value, *state)[0].clone()
    function(torch.tensor(1), 0 * value, *state)
    assert torch.equal(function(torch.tensor(1), value, *state)[0], once)
