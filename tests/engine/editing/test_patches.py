"""What a site of a model stands for, and which patches a mask has whole."""

from __future__ import annotations

import numpy as np

from studio.engine.editing.patches import ONE_PIXEL, in_part, in_pixels, patch_of, whole
from tests.coded_models import shades
from tests.models.zoo import small


def test_a_code_stands_for_a_patch_and_any_other_site_for_a_pixel():
    assert patch_of(shades()) == (2, 2)
    assert patch_of(small("pixelcnn")) == ONE_PIXEL
    assert patch_of(small("wavenet")) == ONE_PIXEL


def test_what_holds_of_sites_holds_of_all_of_their_pixels():
    sites = np.array([[1, 0], [0, 2]])
    pixels = in_pixels(sites, (2, 3))
    assert pixels.shape == (4, 6)
    np.testing.assert_array_equal(pixels[::2, ::3], sites)
    np.testing.assert_array_equal(pixels[1::2, 2::3], sites)
    assert in_pixels(sites, ONE_PIXEL) is sites


def test_a_patch_is_known_when_all_of_its_pixels_are():
    mask = np.zeros((4, 4), bool)
    mask[:2, :3] = True  # one patch, and half of the next
    assert whole(mask, (2, 2)).tolist() == [[True, False], [False, False]]
    partly = in_part(mask, (2, 2))
    assert partly[:2, 2].all()
    assert partly.sum() == 2
