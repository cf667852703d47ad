"""A learning rate is found by trying, and nothing of it is left."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from models.recipe import Recipe
from studio.engine.checkpoints.places import runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Cancelled, CancelToken
from studio.engine.training.rate_finding import (
    RateTest,
    Tried,
    centred,
    find_rate,
    suggestion,
)
from tests.engine.trainings import SMALL, small_recipe

CPU = torch.device("cpu")
Asked = tuple[str, Recipe, dict[str, Any], torch.device]


def curve(*losses: float) -> list[Tried]:
    """Losses at rates that grow tenfold in ten steps, from 1e-5."""
    rates = (10 ** (-5 + number / 10) for number in range(len(losses)))
    return [Tried({"rate": rate}, loss, loss) for rate, loss in zip(rates, losses, strict=True)]


def valley() -> list[Tried]:
    """It falls most steeply at 1e-3, is least at 1e-2 and rises from there."""
    falls = [1 - 0.8 / (1 + math.exp(-(n - 20.5) / 2)) for n in range(31)]
    return curve(*falls, *(falls[-1] + 0.1 * n for n in range(1, 6)))


def test_the_rate_lies_between_the_steepest_fall_and_the_least_loss() -> None:
    found, reason = suggestion(valley())
    assert 1e-3 < found["rate"] < 1e-2
    assert "falls fastest at a rate of 0.001 and is least at 0.01; beyond, it rises." in reason


def test_a_loss_that_falls_to_the_end_is_said_to() -> None:
    found, reason = suggestion(valley()[:31])
    assert found
    assert "still fell at the highest that was tried" in reason


@pytest.mark.parametrize(
    ("losses", "sentence"),
    [
        ([1 + n / 10 for n in range(20)], "fell at none of the rates"),
        ([math.nan] * 20, "no number from the start"),
        ([1.0, 0.9], "no number from the start"),
    ],
)
def test_where_no_rate_can_be_told_it_is_said_why(losses: list[float], sentence: str) -> None:
    found, reason = suggestion(curve(*losses))
    assert found == {}
    assert sentence in reason


def test_the_whole_curve_is_smoothed_without_being_late() -> None:
    tried = centred(curve(*[1.0] * 20, *[0.0] * 20))
    assert [round(each.smoothed, 1) for each in tried[13:27]] == [
        1.0, 0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.0,
    ]  # fmt: skip
    assert (tried[0].smoothed, tried[-1].smoothed) == (1, 0)


@pytest.fixture
def asked(stripes: Path, user_data_folder: Path) -> Asked:
    return "made", small_recipe("made", stripes, optimiser="muon"), SMALL["made"], CPU


def test_rates_are_tried_in_the_recipes_proportion_and_nothing_is_kept(asked: Asked) -> None:
    seen: list[int] = []
    found = find_rate(*asked, steps=40, show=lambda tried: seen.append(len(tried)))
    assert isinstance(found, RateTest)
    assert found.measure == "bits_per_dim"
    assert 1e-5 < found.suggested["rate"] < 1
    recipe = asked[1]
    ratio = recipe.muon_rate / recipe.rate
    assert found.suggested["muon_rate"] == pytest.approx(found.suggested["rate"] * ratio, rel=0.1)
    growth = [after.rates["rate"] / before.rates["rate"] for before, after in pairwise(found.tried)]
    assert growth == pytest.approx([growth[0]] * len(growth))
    assert seen[:2] == [10, 20]
    assert not runs_folder().exists()
    document = found.to_dict()
    assert document["suggested"] == found.suggested
    assert set(document["tried"][0]) == {"rate", "muon_rate", "loss", "smoothed"}


def test_it_can_be_stopped(asked: Asked) -> None:
    token = CancelToken()
    with pytest.raises(Cancelled):
        find_rate(*asked, token, steps=60, show=lambda tried: token.cancel())


def test_a_recipe_without_a_rate_is_refused(asked: Asked) -> None:
    name, recipe, config, device = asked
    with pytest.raises(StudioError, match="The rate is 0"):
        find_rate(name, recipe.with_changes(rate=0.0), config, device)
