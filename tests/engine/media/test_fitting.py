"""A picture of any size fits a model: nothing of it goes unasked, and ink may be inverted."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from studio.engine.media.fits import FITS, Fitting
from studio.engine.media.fitting import fitted, suggested


def wide() -> np.ndarray:
    """8 x 16 pixels: the left half 40, the right half 80, in a frame of 200."""
    pixels = np.full((8, 16), 200, np.uint8)
    pixels[2:6, 2:8], pixels[2:6, 8:14] = 40, 80
    return pixels


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("form", [(), (3,), (4,)])
def test_it_has_the_size_that_is_wanted(fit: str, form: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    for size in ((1, 1), (1, 30), (30, 1), (7, 5), (100, 40), (4, 6)):
        pixels = random.integers(0, 256, (*size, *form), dtype=np.uint8)
        assert fitted(pixels, (4, 6), Fitting(fit)).shape == (4, 6, *form)


def test_a_margin_keeps_all_of_it_in_its_shape_and_continues_the_edge() -> None:
    found = fitted(wide(), (8, 8), Fitting("pad"))
    assert (found[:2] == 200).all()
    assert (found[6:] == 200).all()
    assert (found[3:5, 1:4] == 40).all()
    assert (found[3:5, 4:7] == 80).all()


def test_cropping_keeps_the_middle() -> None:
    np.testing.assert_array_equal(fitted(wide(), (8, 8), Fitting("crop")), wide()[:, 4:12])


def test_stretching_keeps_all_of_it() -> None:
    found = fitted(wide(), (8, 8), Fitting("stretch"))
    assert (found[2:6, 1:4] == 40).all()
    assert (found[2:6, 4:7] == 80).all()


def test_inverting_turns_colours_and_not_what_is_opaque() -> None:
    pixels = np.dstack([wide(), wide(), wide(), np.full((8, 16), 9, np.uint8)])
    found = fitted(pixels, (8, 16), Fitting(invert=True))
    np.testing.assert_array_equal(found[..., 0], 255 - wide())
    assert (found[..., 3] == 9).all()
    assert pixels[0, 0, 0] == 200, "the picture itself stays as it is"


def picture_by_a_model(ground: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (8, 8), ground).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("ground", "of_the_model", "invert"),
    [(255, 0, True), (0, 255, True), (255, 255, False), (0, 0, False), (128, 0, False)],
)
def test_inverting_is_suggested_where_the_grounds_differ(
    ground: int, of_the_model: int, invert: bool
) -> None:
    pixels = np.full((10, 20, 4), ground, np.uint8)
    pixels[..., 3] = 255
    assert suggested(pixels, (8, 8), picture_by_a_model(of_the_model)).invert == invert


def test_nothing_is_inverted_for_a_model_whose_pictures_nobody_has_seen() -> None:
    pixels = np.full((10, 20, 4), 255, np.uint8)
    assert not suggested(pixels, (8, 8), None).invert
    assert not suggested(pixels, (8, 8), b"no picture").invert


def test_a_margin_is_suggested_unless_the_shape_is_the_same() -> None:
    for size, fit in (((20, 20), "stretch"), ((300, 302), "stretch"), ((20, 30), "pad")):
        assert suggested(np.zeros((*size, 4), np.uint8), (8, 8), None).fit == fit
