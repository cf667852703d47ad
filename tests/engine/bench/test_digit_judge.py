"""The judge learns to tell classes apart, and says how sure it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.engine.bench.digit_judge import Judge, train_judge
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError
from tests.engine.bench.digits import SIZE, bars, shown

BINARY = Preparation.parse("thresholded")


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return bars(tmp_path)


@pytest.fixture
def judge(data: Data) -> Judge:
    return train_judge(data, BINARY, epochs=20)


def test_it_learns_the_classes(judge: Judge, data: Data) -> None:
    assert judge.accuracy > 0.95
    assert judge.kept(*shown(data), levels=2) == judge.accuracy
    assert judge.seconds > 0


def test_what_is_of_another_class_is_not_kept(judge: Judge, data: Data) -> None:
    pictures, labels = shown(data)
    assert judge.kept(pictures, (labels + 1) % 3, levels=2) < 0.05


class Fixed(nn.Module):
    """Says the same of every picture, by its number in the batch."""

    def __init__(self, *probabilities: list[float]) -> None:
        super().__init__()
        self.logits = torch.tensor(probabilities).log()

    def forward(self, x: Tensor) -> Tensor:
        return self.logits[: len(x)]


def test_a_picture_is_recognised_where_the_judge_is_more_than_nine_tenths_sure() -> None:
    judge = Judge(Fixed([0.91, 0.09], [0.11, 0.89], [0.05, 0.95], [0.5, 0.5]), 1.0, 0.0)
    pictures = torch.zeros(4, 1, SIZE, SIZE, dtype=torch.uint8)
    assert judge.recognised(pictures, 2) == 0.5
    assert judge.kept(pictures, torch.tensor([0, 1, 0, 0]), 2) == 0.75
    assert judge.probabilities(pictures, 2)[0].allclose(torch.tensor([0.91, 0.09]))


def test_grey_is_judged_as_black_and_white(judge: Judge, data: Data) -> None:
    pictures, labels = shown(data)
    grey = data.test
    assert torch.equal(judge.probabilities(grey, 256), judge.probabilities(pictures, 2))
    assert judge.kept(grey, labels, 256) == judge.accuracy


def test_it_is_the_same_one_every_time_and_leaves_others_their_noise(data: Data) -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    one = train_judge(data, BINARY, epochs=1)
    assert torch.equal(torch.rand(1), expected)
    other = train_judge(data, BINARY, epochs=1)
    pictures, _ = shown(data)
    assert torch.equal(one.probabilities(pictures, 2), other.probabilities(pictures, 2))


def test_without_classes_nothing_can_be_judged(data: Data) -> None:
    with pytest.raises(StudioError, match="no classes"):
        train_judge(replace(data, train_labels=None), BINARY, 1)


def test_pictures_that_are_too_small_are_refused_in_a_sentence(data: Data) -> None:
    with pytest.raises(StudioError, match="too small"):
        train_judge(replace(data, train=data.train[:, :, :3]), BINARY, 1)
