"""Picture files as arrays, and arrays that fit a model."""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path
from typing import Any

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


def read(path: Path, values: object, mode: str = "L", **saved: Any) -> list[list[int]]:
    """What is read of a picture that was saved with these values."""
    picture = values if isinstance(values, Image.Image) else Image.fromarray(np.array(values))
    picture.save(path, **saved)
    found: list[list[int]] = read_picture(path, mode).tolist()
    return found


def test_sixteen_bits_are_scaled_to_eight_and_not_cut_off(tmp_path):
    deep = np.array([[0, 257, 9000], [52000, 65278, 65535]], np.uint16)
    assert read(tmp_path / "deep.png", deep) == [[0, 1, 35], [202, 254, 255]]


def test_fractions_are_black_to_white(tmp_path):
    assert read(tmp_path / "a.tiff", np.array([[0, 0.25, 1]], np.float32)) == [[0, 64, 255]]


def test_thirty_two_bits_that_need_eight_are_said_to_be_read_as_eight(tmp_path, caplog):
    assert read(tmp_path / "a.tiff", np.array([[0, 90, 255]], np.int32)) == [[0, 90, 255]]
    assert caplog.messages == [
        f'"{tmp_path / "a.tiff"}" has no value over 255: read as 8 bits, not 32.'
    ]


def test_values_without_a_known_white_are_refused(tmp_path):
    with pytest.raises(StudioError, match="has values from -1 to 70000"):
        read(tmp_path / "a.tiff", np.array([[-1, 70000]], np.int32))


def test_what_is_transparent_is_laid_on_white_and_said(tmp_path, caplog):
    ink = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
    ink.putpixel((0, 0), (0, 0, 0, 255))
    ink.putpixel((1, 0), (0, 0, 0, 51))
    assert read(tmp_path / "ink.png", ink) == [[0, 204, 255]]
    assert caplog.messages == [f'"{tmp_path / "ink.png"}" is transparent in places: laid on white.']


@pytest.mark.parametrize("mode", ["LA", "PA", "P", "1", "CMYK", "L"])
def test_every_mode_of_a_picture_is_read(tmp_path, mode):
    corner = Image.new("L", (4, 2), 255)
    corner.putpixel((0, 0), 0)
    suffix = ".tiff" if mode in ("CMYK", "PA") else ".png"
    converted = corner.convert("LA").convert("PA") if mode == "PA" else corner.convert(mode)
    assert read(tmp_path / f"a{suffix}", converted) == [[0, 255, 255, 255], [255] * 4]


def test_a_colour_of_a_palette_may_be_the_transparent_one(tmp_path):
    plain = Image.new("P", (2, 1), 1)
    plain.putpalette([0, 0, 0, 9, 9, 9])
    plain.putpixel((0, 0), 0)
    assert read(tmp_path / "a.png", plain, transparency=1) == [[0, 255]]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_picture_is_read_upright(tmp_path, orientation):
    upright = Image.fromarray(np.arange(0, 60, 10, dtype=np.uint8).reshape(2, 3))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.rotate({1: 0, 3: 180, 6: 90, 8: 270}[orientation], expand=True)
    assert read(tmp_path / "a.png", stored, exif=exif) == [[0, 10, 20], [30, 40, 50]]


def test_of_an_animation_the_first_frame_is_read_and_it_is_said(tmp_path, caplog):
    frames = [Image.new("L", (2, 1), value) for value in (0, 255)]
    assert read(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:]) == [[0, 0]]
    assert caplog.messages == [
        f'"{tmp_path / "a.gif"}" has several frames: only the first is read.'
    ]


def test_a_mask_of_zeros_and_ones_is_black_and_white(tmp_path, caplog):
    assert read(tmp_path / "a.png", np.array([[0, 1]], np.uint8)) == [[0, 255]]
    assert caplog.messages == [f'"{tmp_path / "a.png"}" is all 0 and 1: read as black and white.']


def test_what_many_pictures_have_is_counted_and_left_to_the_caller_to_say(tmp_path, caplog):
    odd: pictures.Oddities = Counter()
    for _ in range(2):
        Image.new("RGBA", (1, 1)).save(tmp_path / "a.png")
        read_picture(tmp_path / "a.png", odd=odd)
    assert odd == {pictures.Oddity.TRANSPARENT: 2}
    assert caplog.messages == []


@pytest.mark.parametrize("side", [11_000, 50_000])
def test_a_picture_that_claims_to_be_huge_is_refused_by_its_header(tmp_path, side):
    path = tmp_path / "bomb.png"
    Image.new("L", (4, 4)).save(path)
    header = bytearray(path.read_bytes())
    header[16:24] = side.to_bytes(4, "big") * 2
    header[29:33] = zlib.crc32(bytes(header[12:29])).to_bytes(4, "big")
    path.write_bytes(header)
    with pytest.raises(StudioError, match=r"too large: it has over 100,000,000 pixels, .* 1\.2 GB"):
        read_picture(path)


def test_a_file_of_a_kind_that_needs_another_program_is_not_opened(tmp_path):
    (tmp_path / "a.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(StudioError, match="is not a picture that can be read"):
        read_picture(tmp_path / "a.png")


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
