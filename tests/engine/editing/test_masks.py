"""Masks: their shapes, their files, and the picture that stays under them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.masks import SHAPES, Masked, read_mask, save_mask, shaped
from studio.engine.runtime.errors import StudioError

SPACE = (8, 6)


def whole() -> Evidence:
    values = np.random.default_rng(0).integers(0, 2, (1, *SPACE), np.uint8)
    return Evidence(values, np.ones(SPACE, bool))


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "box"])
def test_a_half_gives_as_much_as_it_hides(name: str) -> None:
    assert shaped(name, SPACE).sum() == 24


def test_each_half_is_where_its_name_says() -> None:
    assert shaped("top", SPACE)[:4].all()
    assert shaped("bottom", SPACE)[4:].all()
    assert shaped("left", SPACE)[:, :3].all()
    assert shaped("right", SPACE)[:, 3:].all()


def test_the_box_hides_half_of_each_side_in_the_middle() -> None:
    assert shaped("box", (28, 28)).sum() == 28 * 28 - 14 * 14
    assert not shaped("box", (28, 28))[7:21, 7:21].any()


def test_a_seed_hides_the_same_pixels_and_another_one_others() -> None:
    assert np.array_equal(shaped("random", SPACE, 3), shaped("random", SPACE, 3))
    assert not np.array_equal(shaped("random", SPACE, 3), shaped("random", SPACE, 4))


@pytest.mark.parametrize("name", SHAPES)
def test_a_picture_of_one_pixel_has_every_shape(name: str) -> None:
    assert shaped(name, (1, 1)).shape == (1, 1)


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    mask = shaped("random", SPACE, 1)
    save_mask(tmp_path / "mask.png", mask)
    found, size = read_mask(tmp_path / "mask.png", SPACE)
    assert np.array_equal(found, mask)
    assert size == SPACE


def test_a_mask_of_another_size_is_stretched_and_says_which_it_had(tmp_path: Path) -> None:
    save_mask(tmp_path / "mask.png", shaped("left", (16, 24)))
    found, size = read_mask(tmp_path / "mask.png", SPACE)
    assert np.array_equal(found, shaped("left", SPACE))
    assert size == (16, 24)


def test_a_mask_of_zeros_and_ones_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(shaped("top", SPACE).astype(np.uint8)).save(tmp_path / "mask.png")
    assert np.array_equal(read_mask(tmp_path / "mask.png", SPACE)[0], shaped("top", SPACE))


def test_what_is_no_picture_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_text("no picture")
    with pytest.raises(StudioError, match="not a picture"):
        read_mask(tmp_path / "mask.png", SPACE)


def test_what_a_mask_hides_becomes_unknown_and_is_forgotten() -> None:
    left = Masked().put(whole(), shaped("top", SPACE))
    assert np.array_equal(left.known, shaped("top", SPACE))
    assert not left.values[:, 4:].any()
    assert np.array_equal(left.values[:, :4], whole().values[:, :4])


def test_only_what_is_there_can_be_given() -> None:
    half = Evidence(whole().values, shaped("left", SPACE))
    left = Masked().put(half, shaped("top", SPACE))
    assert np.array_equal(left.known, shaped("left", SPACE) & shaped("top", SPACE))


def test_the_next_mask_finds_what_the_last_one_hid() -> None:
    masked = Masked()
    left = masked.put(whole(), shaped("top", SPACE))
    under = masked.under(left, seen=left)
    assert np.array_equal(under.values, whole().values)
    assert under.known.all()


def test_after_another_stroke_what_is_seen_counts() -> None:
    masked = Masked()
    left = masked.put(whole(), shaped("top", SPACE))
    left.known[7, 5] = True
    assert masked.under(left, seen=left) is left
