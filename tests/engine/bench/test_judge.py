"""The judge learns to tell classes apart, says how sure it is, and is kept."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest
import torch
from torch import Tensor, nn

from studio.engine.bench import judge as module
from studio.engine.bench.judge import Judge, judge_for, train_judge
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError
from tests.engine.bench.digits import SIZE, bars, shown

BINARY, COLOUR = Preparation.parse("thresholded"), Preparation.parse("rgb-256")
LONG, SHORT = 2_500, 640  # pictures that it is shown


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return bars(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def judge(data: Data) -> Judge:
    return train_judge(data, BINARY, LONG)


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


def test_a_judge_of_black_and_white_sees_grey_as_that(judge: Judge, data: Data) -> None:
    pictures, labels = shown(data)
    grey = data.test
    assert torch.equal(judge.probabilities(grey, 256), judge.probabilities(pictures, 2))
    assert judge.kept(grey, labels, 256) == judge.accuracy


def test_a_judge_of_colours_tells_them_apart(data: Data) -> None:
    """The class is the channel that is bright; which rows are makes no difference."""
    labels = torch.arange(len(data.train)) % 3
    own = labels.view(-1, 1, 1, 1) == torch.arange(3).view(1, 3, 1, 1)
    count = len(data.test)
    coloured = replace(
        data,
        train=data.train * own,
        train_labels=labels,
        test=data.test * own[:count],
        test_labels=labels[:count],
    )
    assert train_judge(coloured, COLOUR, SHORT).accuracy > 0.95


def test_it_is_the_same_one_every_time_and_leaves_others_their_noise(data: Data) -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    one = train_judge(data, BINARY, SHORT)
    assert torch.equal(torch.rand(1), expected)
    other = train_judge(data, BINARY, SHORT)
    pictures, _ = shown(data)
    assert torch.equal(one.probabilities(pictures, 2), other.probabilities(pictures, 2))


def test_without_classes_nothing_can_be_judged(data: Data) -> None:
    with pytest.raises(StudioError, match="no classes"):
        train_judge(replace(data, train_labels=None), BINARY, SHORT)


def test_pictures_that_are_too_small_are_refused_in_a_sentence(data: Data) -> None:
    with pytest.raises(StudioError, match="too small"):
        train_judge(replace(data, train=data.train[:, :, :3]), BINARY, SHORT)


@pytest.fixture
def trained(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The data of which a judge was asked for that was not kept; all are the same one."""
    asked: list[str] = []

    def train(data: Data, preparation: Preparation, shown: int) -> Judge:
        asked.append(preparation.name)
        return judge

    monkeypatch.setattr(module, "train_judge", train)
    return asked


def kept() -> list[Path]:
    folder = platformdirs.user_cache_path("autoregressive-studio", appauthor=False)
    return list((folder / "judges").iterdir())


@pytest.mark.usefixtures("user_data_folder")
def test_it_is_kept_and_says_the_same_when_it_is_asked_for_again(
    trained: list[str], judge: Judge, data: Data
) -> None:
    pictures, _ = shown(data)
    judge_for(data, BINARY, LONG)
    again = judge_for(data, BINARY, LONG)
    assert trained == ["thresholded"]
    assert (again.accuracy, again.seconds) == (judge.accuracy, judge.seconds)
    assert torch.equal(again.probabilities(pictures, 2), judge.probabilities(pictures, 2))


@pytest.mark.usefixtures("user_data_folder")
@pytest.mark.parametrize("other", ["preparation", "amount", "labels", "pictures"])
def test_whatever_it_comes_from_is_another_judge_where_it_differs(
    trained: list[str], data: Data, other: str
) -> None:
    assert data.train_labels is not None
    judge_for(data, BINARY, LONG)
    judge_for(
        replace(
            data,
            train=data.train.flip(0) if other == "pictures" else data.train,
            train_labels=data.train_labels.flip(0) if other == "labels" else data.train_labels,
        ),
        Preparation.parse("dynamic") if other == "preparation" else BINARY,
        SHORT if other == "amount" else LONG,
    )
    assert len(trained) == 2


@pytest.mark.usefixtures("user_data_folder")
def test_one_that_is_damaged_is_trained_again_and_kept(trained: list[str], data: Data) -> None:
    judge_for(data, BINARY, LONG)
    (file,) = kept()
    file.write_bytes(file.read_bytes()[:1000])
    judge_for(data, BINARY, LONG)
    assert len(trained) == 2
    judge_for(data, BINARY, LONG)
    assert len(trained) == 2


def test_where_nothing_can_be_kept_it_is_there_all_the_same_and_that_is_said(
    trained: list[str],
    data: Data,
    user_data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    user_data_folder.parent.mkdir(parents=True, exist_ok=True)
    blocked = user_data_folder.parent / "a file"
    blocked.touch()
    monkeypatch.setattr(module, "_folder", lambda: blocked / "judges")
    with caplog.at_level(logging.WARNING):
        assert judge_for(data, BINARY, LONG).accuracy > 0.95
    assert "could not be kept" in caplog.text
