"""`studio sheets`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.recalling import scene_in
from studio.engine.checkpoints import cards
from tests.cli.commands import Capture, complaint, result
from tests.tiny import tiny_checkpoint, tiny_voice


def test_every_model_that_is_named_has_a_sheet(here: Path, capsys: Capture) -> None:
    places = [str(tiny_checkpoint(here, name)) for name in ("pixelcnn", "made")]
    said = result(capsys, "sheets", *places, "--count", "4", "--seed", "3", "--out", "all/of/them")
    assert said.splitlines() == ["all/of/them/tiny-pixelcnn.png", "all/of/them/tiny-made.png"]
    options = scene_in(Path("all/of/them/tiny-made.png")).options
    assert (options.count, options.seed) == (4, 3)


def test_of_all_models_those_that_draw_no_pictures_are_left_out_with_a_sentence(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tiny_voice(here), tiny_checkpoint(here)]
    monkeypatch.setattr(cards, "shipped", lambda: {str(place): place for place in places})
    sheets = json.loads(result(capsys, "sheets", "--count", "1", "--json"))["sheets"]
    assert [sheet["file"] for sheet in sheets] == ["sheets/tiny-pixelcnn.png"]
    assert sheets[0]["bytes"] == Path("sheets/tiny-pixelcnn.png").stat().st_size


def test_one_that_is_named_and_draws_none_is_refused(here: Path, capsys: Capture) -> None:
    assert "makes sound" in complaint(capsys, "sheets", str(tiny_voice(here)))


def test_a_folder_that_cannot_be_made_is_refused(here: Path, capsys: Capture) -> None:
    (here / "taken").touch()
    place = str(tiny_checkpoint(here))
    said = complaint(capsys, "sheets", place, "--out", "taken/deeper")
    assert 'The folder "taken/deeper" could not be made' in said


def test_two_models_of_one_name_are_refused_before_the_work(here: Path, capsys: Capture) -> None:
    places = []
    for folder in ("a", "b"):
        (here / folder).mkdir()
        places.append(str(tiny_checkpoint(here / folder)))
    said = complaint(capsys, "sheets", *places, "--out", "sheets")
    assert 'Two of these are called "tiny-pixelcnn"' in said
    assert not Path("sheets").exists()
