"""A batch is proposed by what was measured, and nothing of it is left."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.recipe import Recipe
from studio.engine.checkpoints.places import runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Cancelled, CancelToken
from studio.engine.training import batch_finding
from studio.engine.training.batch_finding import Measured, find_batch, largest, pays, proposal
from studio.engine.training.training_step import Objective
from tests.engine.trainings import SMALL, small_recipe

CPU = torch.device("cpu")
RECIPE = Recipe(batch=32, rate=1e-3, muon_rate=4e-3, epochs=3)
Asked = tuple[str, Recipe, dict[str, Any], torch.device]


def measured(*seconds: float) -> list[Measured]:
    """Batches of 32, 64 and so on."""
    return [Measured(32 << i, each, None) for i, each in enumerate(seconds)]


def test_the_smallest_batch_that_is_nearly_the_fastest_is_proposed_with_its_rates() -> None:
    found = proposal(measured(1, 1.1, 1.2, 2.3), RECIPE, "it is no faster")
    assert found.batch == 128
    assert found.rates == {"rate": 0.002, "muon_rate": 0.008}
    assert found.reason == (
        "A batch of 128 makes 3.3 times as many examples a second as one of 32; of a larger one it"
        " is no faster. The rates grow with its square root, by 2. Its steps are fewer: look"
        " whether as much is learnt."
    )


def test_where_no_larger_batch_pays_the_recipe_stays_as_it_is() -> None:
    found = proposal(measured(1, 2.1), RECIPE, "")
    assert (found.batch, found.rates) == (32, {"rate": 1e-3, "muon_rate": 4e-3})
    assert found.reason == "A batch of 32 is as fast as larger ones here."


def test_a_larger_batch_pays_where_it_makes_more_examples_a_second() -> None:
    assert pays(measured(1))
    assert pays(measured(1, 1.7))
    assert not pays(measured(1, 1.95))


@pytest.mark.parametrize(
    ("recipe", "examples", "most"),
    [
        (RECIPE, 55_000, 165),  # a thousand steps of three epochs
        (RECIPE, 3_200, 32),  # it had fewer already
        (RECIPE.with_changes(minutes=5), 3_200, 320),
    ],
)
def test_a_training_keeps_steps_enough(recipe: Recipe, examples: int, most: int) -> None:
    assert largest(recipe, examples) == most


@pytest.fixture
def asked(stripes: Path, user_data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(batch_finding, "_FEWEST", 1)
    return "made", small_recipe("made", stripes), SMALL["made"], CPU


def seconds() -> Any:
    """A clock that goes on by a second whenever it is looked at."""
    return itertools.count().__next__


def test_batches_are_doubled_as_long_as_that_pays_and_nothing_is_kept(asked: Asked) -> None:
    seen: list[int] = []
    found = find_batch(*asked, show=lambda tried: seen.append(tried[-1].batch), clock=seconds())
    assert seen == [12, 24, 48, 96]
    assert [each.batch for each in found.measured] == seen
    assert found.batch == found.to_dict()["batch"] == 96
    assert not runs_folder().exists()


def test_the_memory_ends_it(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = Objective.forward

    def limited(self: Objective, x: Tensor, *rest: Any) -> Tensor:
        if len(x) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(self, x, *rest)

    monkeypatch.setattr(Objective, "forward", limited)
    most = 30
    found = find_batch(*asked, clock=seconds())
    assert found.batch == 24
    assert "of a larger one the memory is full" in found.reason
    most = 5
    with pytest.raises(StudioError, match="does not hold a step of 12 examples at once"):
        find_batch(*asked, clock=seconds())


def test_it_is_stopped(asked: Asked) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_batch(*asked, token)
