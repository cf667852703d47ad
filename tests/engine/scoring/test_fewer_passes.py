"""What fewer passes cost."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from models.interface import OrderAgnosticModel
from studio.engine.generation.passes import schedule
from studio.engine.scoring.evaluation import evaluate
from studio.engine.scoring.fewer_passes import bits_by_steps
from tests.models.zoo import pictures, small


@pytest.fixture
def model() -> OrderAgnosticModel:
    found = small("ardm", (1, 2, 2))
    assert isinstance(found, OrderAgnosticModel)
    return found


def exact(model: OrderAgnosticModel, x: torch.Tensor, steps: int) -> float:
    """bits/dim of the generator that draws in so many passes, the mean over all 24 orders."""
    nats = torch.zeros(len(x))
    every = [torch.tensor(order) for order in itertools.permutations(range(4))]
    for order in every:
        rank = order.argsort()
        for begin, end in itertools.pairwise(schedule(4, steps)):
            known = (rank < begin).view(1, 2, 2).expand(len(x), -1, -1)
            values = x.flatten(2).transpose(1, 2)
            log_p = model.likelihood.log_prob(model.predict(x, known), values)
            nats -= (log_p * ((rank >= begin) & (rank < end))).sum(1)
    return float(nats.mean()) / (len(every) * 4 * math.log(2))


def test_bits_are_those_of_the_generator_that_draws_so(model: OrderAgnosticModel) -> None:
    x = pictures(model, 4).repeat(1000, 1, 1, 1)  # the same few pictures with many masks
    found = bits_by_steps(model, x, generator=torch.Generator().manual_seed(0), steps=(3, 2, 1))
    assert [*found] == [4, 3, 2, 1]
    for steps, bits in found.items():
        assert bits == pytest.approx(exact(model, x[:4], steps), rel=0.01), steps


def test_a_small_picture_has_no_more_passes_than_sites(model: OrderAgnosticModel) -> None:
    assert [*bits_by_steps(model, pictures(model, 2))] == [4]


def test_they_are_part_of_a_whole_score(tmp_path) -> None:
    from studio.engine import checkpoints
    from tests.tiny import tiny_checkpoint, tiny_data

    score = evaluate(checkpoints.load(tiny_checkpoint(tmp_path, "ardm")), tiny_data(tmp_path))
    assert score is not None
    assert [*score.to_dict()["steps_bits"]] == ["64", "50", "20"]
    plain = checkpoints.load(tiny_checkpoint(tmp_path, "pixelcnn"))
    assert "steps_bits" not in evaluate(plain, tiny_data(tmp_path)).to_dict()  # type: ignore[union-attr]
