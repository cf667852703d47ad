"""Picture files as arrays, and arrays that fit a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.interface import DataSpec
from studio.engine.media import pictures
from studio.engine.media.pictures import fit_image, read_picture
from studio.engine.runtime.errors import StudioError

RED, WHITE = [255, 0, 0], [255, 255, 255]


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """Two rows of four pixels, the upper red and the lower white."""
    path = tmp_path / "flag.png"
    Image.fromarray(np.array([[RED] * 4, [WHITE] * 4], np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    ("mode", "upper", "lower"),
    [("L", 76, 255), ("RGB", RED, WHITE), ("RGBA", [*RED, 255], [*WHITE, 255])],
)
def test_a_file_is_read_in_the_mode_that_is_asked_for(flag, mode, upper, lower):
    pixels = read_picture(flag, mode)
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == [[upper] * 4, [lower] * 4]


def test_a_size_is_height_and_width_and_the_mean_of_what_falls_together(flag):
    assert read_picture(flag, "RGB", size=(1, 2)).tolist() == [[[255, 128, 128]] * 2]


def test_a_picture_that_is_too_large_is_refused_before_its_pixels_are_read(flag, monkeypatch):
    monkeypatch.setattr(pictures, "_MOST_PIXELS", 7)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was read"))
    with pytest.raises(StudioError, match="too large"):
        read_picture(flag)


def test_a_picture_that_is_cut_short_is_reported_in_one_sentence(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (20, 20), dtype=np.uint8)
    path = tmp_path / "noise.png"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(StudioError, match=r'The picture ".*noise\.png" cannot be read: .*\.$'):
        read_picture(path)


def test_a_file_that_is_not_there_is_reported_in_one_sentence(tmp_path):
    with pytest.raises(StudioError, match='There is no file "'):
        read_picture(tmp_path / "nothing.png")


@pytest.fixture
def colours() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)


def test_colour_becomes_channels_for_a_model_of_colour(colours):
    fitted = fit_image(colours, DataSpec((3, 6, 4), 256))
    np.testing.assert_array_equal(fitted, colours.transpose(2, 0, 1))


def test_colour_becomes_grey_for_a_model_of_grey(colours):
    fitted = fit_image(colours, DataSpec((1, 6, 4), 256))
    np.testing.assert_array_equal(fitted[0], np.asarray(Image.fromarray(colours).convert("L")))


def test_grey_becomes_three_equal_channels_for_a_model_of_colour(colours):
    fitted = fit_image(colours[:, :, 0], DataSpec((3, 6, 4), 256))
    for channel in fitted:
        np.testing.assert_array_equal(channel, colours[:, :, 0])


def test_another_size_is_refused_with_both_sizes_unless_it_may_be_changed(colours):
    large, spec = colours.repeat(3, 0).repeat(3, 1), DataSpec((3, 6, 4), 256)
    with pytest.raises(StudioError, match="12 x 18 pixels, but the model draws 4 x 6"):
        fit_image(large, spec)
    np.testing.assert_array_equal(fit_image(large, spec, resize=True), colours.transpose(2, 0, 1))
