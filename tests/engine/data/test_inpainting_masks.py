"""What a model is given in training: the same by the same noise,
something of every kind, and cheap."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor

from models.interface import DataSpec
from studio.engine.data import inpainting_masks
from studio.engine.data.inpainting_masks import HALVES, half
from tests.tries import Tries

SPEC = DataSpec((1, 28, 28), 2)


def drawn(x: Tensor, seed: int = 0, spec: DataSpec = SPEC) -> Tensor:
    return inpainting_masks.draw(x, spec, torch.Generator().manual_seed(seed))


@pytest.fixture
def white() -> Tensor:
    """Pictures of which nothing is left out for being black."""
    return torch.ones(400, 1, 28, 28, dtype=torch.uint8)


def test_the_same_noise_gives_the_same_and_other_noise_something_else(white):
    assert torch.equal(drawn(white), drawn(white))
    assert not torch.equal(drawn(white), drawn(white, seed=1))


def test_nothing_is_given_in_a_fifth_of_the_pictures_and_hardly_ever_everything(white):
    share = drawn(white).float().mean((1, 2))
    assert 0.1 < (share == 0).float().mean() < 0.3
    assert (share > 0.99).float().mean() < 0.05


@pytest.mark.parametrize("side", HALVES)
def test_each_half_is_given_now_and_then(white, side):
    known = torch.from_numpy(half(side, SPEC))
    assert (drawn(white) == known).all((1, 2)).sum() > 5


def test_a_stroke_is_a_line_and_not_a_cloud(white):
    generator = torch.Generator().manual_seed(0)
    known = inpainting_masks._strokes(100, 28, 28, generator)
    assert known.any((1, 2)).float().mean() > 0.95
    assert 0.02 < known.float().mean() < 0.35
    beside = known[:, :, 1:] & known[:, :, :-1]
    assert beside.sum() > known.sum() / 2  # most pixels of a stroke have a neighbour in it


def test_in_some_pictures_only_what_is_bright_is_given():
    x = (torch.rand(400, 1, 28, 28, generator=torch.Generator().manual_seed(0)) < 0.3).to(
        torch.uint8
    )
    known = drawn(x)
    black = (known & (x[:, 0] == 0)).any((1, 2))
    given = known.any((1, 2))
    assert 0.1 < (given & ~black).float().sum() / given.sum() < 0.4


@pytest.mark.parametrize("shape", [(1, 2, 4), (2, 1, 2), (3, 9, 5)])
def test_pictures_of_any_size_and_channels_will_do(shape):
    x = torch.ones(50, *shape, dtype=torch.uint8)
    assert drawn(x, spec=DataSpec(shape, 4)).shape == (50, *shape[1:])


def test_it_takes_little_of_a_step(tries: Tries):
    x = torch.ones(32, 1, 28, 28, dtype=torch.uint8)
    drawn(x)  # the first takes what torch needs to begin
    for attempt in tries(10):
        with attempt:
            began = time.perf_counter()
            drawn(x)
            assert time.perf_counter() - began < 0.02
