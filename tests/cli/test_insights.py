"""`studio insight`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import example_insight
from tests.cli.commands import Capture, complaint, result
from tests.tiny import SIZE, tiny_checkpoint

EXAMPLE = ("--models", example_insight.__file__, "insight", "near")


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(tiny_checkpoint(tmp_path))


def test_without_a_name_it_lists_what_can_be_asked(capsys: Capture) -> None:
    assert "How unsure the model was" in result(capsys, "insight")
    assert "entropy" in [each["name"] for each in json.loads(result(capsys, "insight", "--json"))]


def test_arrays_have_their_own_units(tiny: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "found.npz"
    result(capsys, "insight", "entropy", tiny, "--position", "10", "--out", str(out))
    with np.load(out) as found:
        assert found["there"].sum() == np.isfinite(found["entropy_bits"]).sum() == 10
        assert found["values"].shape == (1, SIZE, SIZE)


def test_as_many_pixels_are_drawn_all_at_once_as_one_after_the_other(
    tiny: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "found.npz"
    options = ("--position", "10", "--decode", "parallel", "--out", str(out))
    result(capsys, "insight", "order", tiny, *options)
    with np.load(out) as found:
        assert found["there"].sum() == 10


def test_a_picture_shows_what_is_drawn_and_the_map_beside_it(
    tiny: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "found.png"
    result(capsys, "insight", "order", tiny, "--scale", "4", "--out", str(out))
    with Image.open(out) as sheet:
        assert sheet.size == (2 * 4 * SIZE + 2, 4 * SIZE)
        assert sheet.info["Insight"] == "order"
        dark = np.asarray(sheet)[2, 4 * SIZE + 2 + 2]
    assert dark.tolist() == [0, 32, 77]  # cividis begins so


def test_what_is_expected_is_asked_of_the_model(tiny: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "found.npz"
    result(capsys, "insight", "probability", tiny, "--position", "0", "--out", str(out))
    with np.load(out) as found:
        assert ((found["expected"] > 0) & (found["expected"] < 1)).all()


def test_one_of_ones_own_is_asked_by_name_with_a_site_and_a_choice(
    own_insights: None, tiny: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "near.npz"
    options = ("--site", "3,3", "--choose", "Reach=2", "--json", "--out", str(out))
    found = json.loads(result(capsys, *EXAMPLE, tiny, *options))
    assert found["sentence"] == "25 pixels are near row 3, column 3."
    assert found["choices"] == {"Reach": ["1", "2", "3", "4", "5"]}
    assert out.is_file()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--site", "3"), "is not ROW,COLUMN"),
        (("--site", "3,99"), "lies outside"),
        (("--position", "9999"), "past the end"),
        (("--choose", "Layer=1"), "one cannot choose"),
        (("--mask", "top"), "name one with --image"),
        (("--out", "near.gif"), "ends in neither .png"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    tiny: str, options: tuple[str, ...], sentence: str, capsys: Capture
) -> None:
    assert sentence in complaint(capsys, "insight", "entropy", tiny, *options)


def test_a_word_that_is_no_choice_is_one_sentence(
    own_insights: None, tiny: str, capsys: Capture
) -> None:
    from studio.engine.insights import register

    register(example_insight.INSIGHT)
    found = complaint(capsys, "insight", "near", tiny, "--choose", "Reach=9")
    assert "it can be 1, 2, 3, 4, 5" in found
    found = complaint(capsys, "insight", "feature-maps", "pixelcnn", "--choose", "Layer=9")
    assert "Block 1, down; Block 1, conv; " in found


def test_an_insight_that_is_not_there_is_one_sentence(tiny: str, capsys: Capture) -> None:
    assert "there are" in complaint(capsys, "insight", "nonsense", tiny)
    assert "name a checkpoint" in complaint(capsys, "insight", "entropy")


def test_what_fails_in_ones_own_is_one_sentence(
    own_insights: None, tiny: str, tmp_path: Path, capsys: Capture
) -> None:
    from studio.engine.insights import register

    def fail(model: object, question: object) -> None:
        raise KeyError("x")

    register(replace(example_insight.INSIGHT, ask=fail))  # type: ignore[arg-type]
    found = complaint(capsys, "insight", "near", tiny, "--out", str(tmp_path / "near.npz"))
    assert 'The insight "near" failed: line' in found
    assert not (tmp_path / "near.npz").exists()
