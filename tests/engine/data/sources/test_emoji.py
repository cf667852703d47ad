"""The shipped emoji: what they look like, and that no
variant of a held-out one was there to learn from."""

from __future__ import annotations

import hashlib
import time

import pytest
import torch

from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.sources.emoji import (
    CATEGORIES,
    SHEETS,
    base_name,
    emoji,
    read_emoji,
    read_style,
)
from tests.tries import Tries


@pytest.fixture(scope="module")
def data() -> Data:
    return open_data("emoji")


def test_they_are_colour_pictures_of_ten_categories(data: Data) -> None:
    assert data.train.dtype == torch.uint8
    assert data.train.shape[1:] == data.test.shape[1:] == (3, 32, 32)
    assert len(data.train) + len(data.validation) + len(data.test) == 1911
    assert data.class_names == CATEGORIES
    assert data.train_labels is not None
    assert sorted(data.train_labels.unique().tolist()) == list(range(10))


def test_their_ground_is_white(data: Data) -> None:
    corners = data.train[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).float().mean() > 0.8


def test_a_tenth_is_held_out_and_always_the_same(data: Data) -> None:
    assert 191 <= len(data.test) <= 220  # whole groups: a few more than a tenth
    assert 86 <= len(data.validation) <= 100  # a twentieth of the others, in the same way
    again = open_data("emoji")
    assert torch.equal(again.test, data.test)
    assert torch.equal(again.validation, data.validation)


# of the tiles of the packages emoji-datasource-twitter and emoji-datasource-google 16.0.0, laid on
# white, as they were before they were packed: the emoji, and then the skin tones of Noto
TILES = {
    "Twemoji": "6c96b955786d01aea47d61f8bc42779681c6fc6f047bffd5930424441df7fef2",
    "Noto": "b2a1b5f9fa50289109c812302e5c1d3397b822223b32bc0ea9bae0ddab8c984c",
}


@pytest.mark.parametrize("style", SHEETS)
def test_the_sheets_hold_the_tiles_that_they_were_made_of(style: str) -> None:
    tiles = torch.cat(read_style(style, emoji()))
    assert hashlib.sha256(tiles.numpy().tobytes()).hexdigest() == TILES[style]


# of the held-out pictures that checkpoints which ship were scored on
HELD_OUT = "ff48dc8950c5194cbed9b97999fef1f4f3e3300edd0fbc1fa73a4a6dd1610351"


def test_the_held_out_pictures_are_those_of_earlier_versions(data: Data) -> None:
    assert hashlib.sha256(data.test.numpy().tobytes()).hexdigest() == HELD_OUT


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
def test_nothing_held_out_looks_like_something_learnt_from(data: Data, part: str) -> None:
    def blurred(images: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(images.float(), 4).flatten(1)

    learnt = torch.cat([blurred(data.train), blurred(data.train.flip(-1))])
    nearest = torch.cdist(blurred(data.split(part)[0]), learnt).amin(1) / learnt.shape[1] ** 0.5
    assert nearest.min() > 12  # root mean square, of 255


def test_they_open_at_once(tries: Tries) -> None:
    for attempt in tries(3):
        with attempt:
            began = time.process_time()
            open_data("emoji")
            # of the processor; about a quarter, where nobody else wants it
            assert time.process_time() - began < 1.0
