"""The shipped emoji: what they look like, and that no
variant of a held-out one was there to learn from."""

from __future__ import annotations

import time

import pytest
import torch

from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.sources.emoji import CATEGORIES, base_name, read_emoji
from tests.tries import Tries


@pytest.fixture(scope="module")
def emoji() -> Data:
    return open_data("emoji")


def test_they_are_colour_pictures_of_ten_categories(emoji: Data) -> None:
    assert emoji.train.dtype == torch.uint8
    assert emoji.train.shape[1:] == emoji.test.shape[1:] == (3, 32, 32)
    assert len(emoji.train) + len(emoji.validation) + len(emoji.test) == 1911
    assert emoji.class_names == CATEGORIES
    assert emoji.train_labels is not None
    assert sorted(emoji.train_labels.unique().tolist()) == list(range(10))


def test_their_ground_is_white(emoji: Data) -> None:
    corners = emoji.train[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).float().mean() > 0.8


def test_a_tenth_is_held_out_and_always_the_same(emoji: Data) -> None:
    assert 191 <= len(emoji.test) <= 220  # whole groups: a few more than a tenth
    assert 86 <= len(emoji.validation) <= 100  # a twentieth of the others, in the same way
    again = open_data("emoji")
    assert torch.equal(again.test, emoji.test)
    assert torch.equal(again.validation, emoji.validation)


def test_the_variants_of_an_emoji_have_one_base_name() -> None:
    assert base_name("woman_running_facing_right") == base_name("man-running") == "running"
    assert base_name("female-cook") == base_name("cook") == "cook"
    assert base_name("fire") != base_name("fire_engine")


def test_variants_are_one_group_and_different_emoji_are_not() -> None:
    pictures, _, groups = read_emoji()
    sizes = groups.bincount()
    assert sizes.max() < 40
    assert (sizes == 1).sum() > 1400
    same = torch.nonzero((pictures == pictures[groups == sizes.argmax()][0]).flatten(1).all(1))
    assert len(groups[same].unique()) == 1


@pytest.mark.parametrize("part", ["validation", "test"])
def test_nothing_held_out_looks_like_something_learnt_from(emoji: Data, part: str) -> None:
    def blurred(images: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(images.float(), 4).flatten(1)

    learnt = torch.cat([blurred(emoji.train), blurred(emoji.train.flip(-1))])
    nearest = torch.cdist(blurred(emoji.split(part)[0]), learnt).amin(1) / learnt.shape[1] ** 0.5
    assert nearest.min() > 12  # root mean square, of 255


def test_they_open_at_once(tries: Tries) -> None:
    for attempt in tries(3):
        with attempt:
            began = time.process_time()
            open_data("emoji")
            # of the processor; about a quarter, where nobody else wants it
            assert time.process_time() - began < 1.0
