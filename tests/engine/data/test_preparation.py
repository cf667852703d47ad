"""Preparations: from grey values or colours to levels, and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.data.preparation import Preparation, to_grey
from studio.engine.runtime.errors import StudioError
from tests.engine.sentences import sentence


def greys() -> torch.Tensor:
    """Every grey value once, (256, 1, 1, 1)."""
    return torch.arange(256, dtype=torch.uint8).view(256, 1, 1, 1)


def test_thresholded_is_one_above_127():
    assert (
        Preparation.parse("thresholded").apply(greys()).flatten().tolist() == [0] * 128 + [1] * 128
    )


def test_dynamic_is_drawn_anew_with_the_probability_of_the_grey():
    preparation = Preparation.parse("dynamic")
    values = greys().expand(-1, 1, 40, 50)
    first, second = preparation.apply(values), preparation.apply(values)
    assert not torch.equal(first, second)
    # 2,000 draws a grey value: the standard error is at most 0.012
    share = first.float().mean((1, 2, 3))
    torch.testing.assert_close(share, torch.arange(256) / 255, atol=0.06, rtol=0)
    assert first[0].sum() == 0
    assert first[255].min() == 1


def test_a_seeded_draw_of_dynamic_can_be_repeated():
    preparation = Preparation.parse("dynamic")
    one, same = (preparation.apply(greys(), torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, same)


@pytest.mark.parametrize("kind", ["grey", "rgb"])
@pytest.mark.parametrize("levels", [2, 3, 16, 256])
def test_levels_are_equal_bins(kind, levels):
    preparation = Preparation.parse(f"{kind}-{levels}")
    assert preparation.levels == levels
    prepared = preparation.apply(greys()).flatten()
    sizes = torch.bincount(prepared.long(), minlength=levels)
    assert len(sizes) == levels
    assert sizes.max() - sizes.min() <= 1
    assert prepared.tolist() == sorted(prepared.tolist())


def test_the_lowest_level_is_shown_black_and_the_highest_white():
    assert to_grey(torch.tensor([0, 1, 2]), 3).tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("name", "colour"),
    [("thresholded", False), ("dynamic", False), ("grey-4", False), ("rgb-4", True)],
)
def test_the_name_of_a_preparation_says_whether_it_is_for_colour(name, colour):
    preparation = Preparation.parse(name)
    assert preparation.colour is colour
    assert preparation.settled(not colour) == preparation


def test_the_data_decide_what_levels_n_is():
    preparation = Preparation.parse("levels-16")
    assert preparation.colour is None
    assert preparation.settled(True) == Preparation.parse("rgb-16")
    assert preparation.settled(False) == Preparation.parse("grey-16")


@pytest.mark.parametrize(
    "name", ["grey-1", "grey-257", "grey", "rgb-1", "rgb", "bgr-4", "Thresholded", ""]
)
def test_an_unknown_preparation_is_refused_with_the_choices(name):
    with pytest.raises(StudioError) as error:
        Preparation.parse(name)
    assert "grey-N" in sentence(error)


def test_colour_becomes_grey_as_pillow_does_it(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (20, 6, 5, 3), dtype=np.uint8)
    np.save(tmp_path / "colours.npy", colours)
    data = open_data(tmp_path / "colours.npy", colour=False)
    everything = {
        bytes(picture.numpy()) for picture in torch.cat([data.train, data.validation, data.test])
    }
    assert everything == {Image.fromarray(picture).convert("L").tobytes() for picture in colours}
