"""Scores by groups: every pixel once, and what is known of an empty picture asked once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.interface import OrderAgnosticModel
from models.orders import observed_first
from studio.engine.generation.group_scores import GroupScores, groups_of
from tests.engine.generation.exact import evidence, log_evidence, strong

FOUR = evidence([[-1, 1, -1], [0, -1, -1], [1, -1, 1]])


@pytest.fixture
def model() -> OrderAgnosticModel:
    model = strong("ardm-class")
    assert isinstance(model, OrderAgnosticModel)
    return model


def test_four_pixels_are_scored_one_after_the_other(model):
    mixed = torch.randperm(9, generator=torch.Generator().manual_seed(0))
    order = observed_first(torch.from_numpy(FOUR.known), mixed)
    exact = [log_evidence(model, FOUR, condition, order) for condition in (0, 2)]
    found = GroupScores(model, torch.tensor([0, 2])).log_probs(FOUR)
    np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-4)


def counted(model: OrderAgnosticModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The passes that the model makes from now on."""
    passes: list[int] = []
    predict = model.predict

    def counting(*given: Any) -> Tensor:
        passes.append(len(given[0]))
        return predict(*given)

    monkeypatch.setattr(model, "predict", counting)
    return passes


def test_the_second_picture_takes_a_pass_less(model, monkeypatch):
    passes = counted(model, monkeypatch)
    scores = GroupScores(model, torch.arange(3))
    first = scores.log_probs(FOUR)
    assert len(passes) == 4
    assert torch.equal(scores.log_probs(FOUR), first)
    assert len(passes) == 7


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40, 784])
def test_groups_have_every_pixel_once_and_grow(count):
    groups = groups_of(torch.arange(count))
    assert torch.cat(groups).tolist() == list(range(count))
    sizes = [len(group) for group in groups]
    assert sizes == sorted(sizes)
    assert len(groups) == min(4, count)
