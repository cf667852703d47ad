"""Evidence: pictures and masks of the person, as levels and truth values of the model's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from models.interface import DataSpec
from studio.engine.data.inpainting_masks import HALVES, half
from studio.engine.data.preparation import Preparation
from studio.engine.editing.evidence_files import read_evidence
from studio.engine.runtime.errors import StudioError

SPEC = DataSpec((1, 6, 4), 2)
THRESHOLDED = Preparation.parse("thresholded")


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (6, 4), dtype=np.uint8)


def saved(array: NDArray[np.uint8], path: Path) -> Path:
    Image.fromarray(array).save(path)
    return path


def test_the_white_part_of_a_mask_is_given(tmp_path, pixels):
    mask = np.zeros((6, 4), np.uint8)
    mask[2:4] = 255
    evidence = read_evidence(
        saved(pixels, tmp_path / "a.png"), saved(mask, tmp_path / "m.png"), SPEC, THRESHOLDED
    )
    assert (evidence.values[0] == (pixels > 127)).all()
    assert (evidence.known == (mask > 0)).all()
    assert evidence.chosen


@pytest.mark.parametrize("name", HALVES)
def test_a_half_can_be_named(tmp_path, pixels, name):
    evidence = read_evidence(saved(pixels, tmp_path / "a.png"), name, SPEC, THRESHOLDED)
    assert evidence.known.sum() == 12
    assert evidence.known[{"top": 0, "bottom": -1}.get(name, slice(None))].sum() >= 2


def test_the_box_and_the_random_half_can_be_named_too(tmp_path, pixels):
    path = saved(pixels, tmp_path / "a.png")
    assert read_evidence(path, "box", SPEC, THRESHOLDED).known.sum() == 24 - 6
    assert read_evidence(path, "random", SPEC, THRESHOLDED).known.sum() == 12


def test_opposite_halves_make_a_whole():
    for one, other in (("top", "bottom"), ("left", "right")):
        assert (half(one, SPEC) ^ half(other, SPEC)).all()


def test_what_is_transparent_is_to_be_drawn(tmp_path, pixels):
    alpha = np.where(np.arange(24).reshape(6, 4) % 5 == 0, 0, 255).astype(np.uint8)
    rgba = np.dstack([pixels, pixels, pixels, alpha])
    evidence = read_evidence(saved(rgba, tmp_path / "a.png"), None, SPEC, THRESHOLDED)
    assert (evidence.known == (alpha > 0)).all()
    assert evidence.chosen


def test_a_picture_in_colour_keeps_its_channels_for_a_model_of_colour(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    spec = DataSpec((3, 6, 4), 16)
    evidence = read_evidence(
        saved(colours, tmp_path / "a.png"), "left", spec, Preparation.parse("rgb-16")
    )
    assert (evidence.values == colours.transpose(2, 0, 1) // 16).all()


def test_where_nothing_says_so_the_top_half_is_given(tmp_path, pixels):
    evidence = read_evidence(saved(pixels, tmp_path / "a.png"), None, SPEC, THRESHOLDED)
    assert (evidence.known == half("top", SPEC)).all()
    assert not evidence.chosen


def test_evidence_of_a_dynamic_model_is_not_left_to_chance(tmp_path, pixels):
    path = saved(pixels, tmp_path / "a.png")
    dynamic = read_evidence(path, "top", SPEC, Preparation.parse("dynamic"))
    assert (dynamic.values == read_evidence(path, "top", SPEC, THRESHOLDED).values).all()


def test_colour_stays_colour_for_a_model_of_colours(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)
    spec = DataSpec((3, 6, 4), 256)
    evidence = read_evidence(
        saved(colours, tmp_path / "a.png"), "top", spec, Preparation.parse("grey-256")
    )
    assert (evidence.values == colours.transpose(2, 0, 1)).all()


def test_a_picture_of_another_size_is_refused_with_the_size_that_is_wanted(tmp_path, pixels):
    path = saved(pixels.repeat(3, 0).repeat(3, 1), tmp_path / "a.png")
    with pytest.raises(StudioError, match=r"12 x 18 pixels, but the model draws 4 x 6.*--fit"):
        read_evidence(path, "top", SPEC, THRESHOLDED)


def test_a_mask_of_another_size_is_refused_too(tmp_path, pixels):
    path, mask = saved(pixels, tmp_path / "a.png"), saved(pixels[:3], tmp_path / "m.png")
    with pytest.raises(StudioError, match=r"m\.png.*4 x 3 pixels, but the model draws 4 x 6"):
        read_evidence(path, mask, SPEC, THRESHOLDED)


def test_resizing_undoes_magnifying(tmp_path, pixels):
    large = pixels.repeat(5, 0).repeat(5, 1)
    path, mask = saved(large, tmp_path / "a.png"), saved(large, tmp_path / "m.png")
    evidence = read_evidence(path, mask, SPEC, THRESHOLDED, "stretch")
    assert (evidence.values[0] == (pixels > 127)).all()
    assert (evidence.known == (pixels > 127)).all()


def test_what_is_no_picture_is_reported_in_one_sentence(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(StudioError, match="not a picture"):
        read_evidence(tmp_path / "a.png", None, SPEC, THRESHOLDED)


def test_that_what_is_transparent_is_to_be_drawn_is_said(tmp_path, caplog):
    Image.new("RGBA", (4, 4)).save(tmp_path / "a.png")
    read_evidence(
        tmp_path / "a.png", None, DataSpec((1, 4, 4), 2), Preparation.parse("thresholded")
    )
    assert caplog.messages[-1] == (
        f'What is not transparent in "{tmp_path / "a.png"}" is given, the rest is to be drawn.'
    )


def test_a_mask_of_zeros_and_ones_is_read(tmp_path):
    Image.new("L", (4, 4), 255).save(tmp_path / "a.png")
    mask = np.zeros((4, 4), np.uint8)
    mask[:, 1] = 1
    Image.fromarray(mask).save(tmp_path / "mask.png")
    spec, preparation = DataSpec((1, 4, 4), 2), Preparation.parse("thresholded")
    found = read_evidence(tmp_path / "a.png", tmp_path / "mask.png", spec, preparation)
    assert found.known.tolist() == mask.astype(bool).tolist()
