"""Image grids: crisp pixels in reading order, hatched where nothing is known yet."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.media.image_grid import (
    CURSOR,
    GAP,
    GUESS,
    HATCH,
    greys,
    grid,
    image_grid,
    usual_scale,
)
from tests.engine.pictures import random_levels


@pytest.mark.parametrize(
    ("count", "expected"), [(1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (64, (8, 8))]
)
def test_an_image_grid_is_as_square_as_it_can_be(count, expected):
    assert grid(count) == expected


def test_one_picture_has_no_frame_and_every_pixel_is_a_square_of_one_colour():
    values = random_levels(1)
    picture = image_grid(values, 2, scale=7)
    assert picture.shape == (6 * 7, 5 * 7, 3)
    blocks = picture.reshape(6, 7, 5, 7, 3)
    assert (blocks == values[0, 0, :, None, :, None, None] * 255).all()


def test_pictures_stand_in_reading_order_with_gaps_between():
    values = random_levels(3)
    picture = image_grid(values, 2, scale=2)
    for i, (row, column) in enumerate([(0, 0), (0, 1), (1, 0)]):
        top, left = 1 + row * 13, 1 + column * 11
        cell = picture[top : top + 12 : 2, left : left + 10 : 2, 0]
        assert (cell == values[i, 0] * 255).all()
    assert (picture[0] == GAP).all()
    assert (picture[:, 0] == GAP).all()
    assert (picture[13] == GAP).all()
    assert (picture[14:, 12:] == GAP).all()


def test_colours_stay_colours():
    values = random_levels(1, channels=3, levels=256)
    assert (image_grid(values, 256, scale=1) == values[0].transpose(1, 2, 0)).all()


def test_unknown_sites_are_hatched_and_the_next_one_is_marked():
    picture = image_grid(
        np.ones((1, 1, 6, 5), np.uint8), 2, 4, np.arange(30).reshape(6, 5) < 12, (2, 2)
    )
    assert (picture[:8] == 255).all()
    assert (picture[8:12, 8:12] == CURSOR).all()
    below = {tuple(int(part) for part in colour) for colour in picture[12:].reshape(-1, 3)}
    assert below == set(HATCH)


@pytest.mark.parametrize(
    ("count", "size", "scale"), [(1, 28, 10), (16, 28, 5), (64, 32, 2), (1, 64, 10), (1, 900, 1)]
)
def test_an_image_grid_is_magnified_as_far_as_it_stays_within_640_pixels(count, size, scale):
    assert usual_scale(count, size, size) == scale


def test_levels_are_spread_from_black_to_white():
    assert greys(np.array([0, 1, 2, 9], np.uint8), 3).tolist() == [0, 128, 255, 255]


def test_guesses_have_half_their_own_colour():
    values = np.array([[[[0, 1], [0, 1]]]], np.uint8)
    settled = np.array([[[True, True], [False, False]]])
    picture = image_grid(values, 2, 1, settled=settled)
    assert picture[0].tolist() == [[0] * 3, [255] * 3]
    dark, light = picture[1].astype(int)
    assert (dark == np.array(GUESS) // 2).all()
    assert (light - dark == 127).all()


def test_a_grid_is_as_wide_as_it_is_asked_to_be():
    values = random_levels(6)
    assert grid(6, columns=2) == (2, 3)
    whole = image_grid(values, 2, scale=1, columns=2)
    assert whole.shape == (1 + 3 * 7, 1 + 2 * 6, 3)
    assert (whole[1 + 2 * 7 : 7 * 3, 1:6, 0] == values[4, 0] * 255).all()
    assert usual_scale(6, 100, 10, columns=6) == 6
