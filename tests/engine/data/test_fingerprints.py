"""Data are known by whole paths and by what lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.data.fingerprints import absolute_paths, check_unchanged, fingerprint
from studio.engine.runtime.errors import StudioError


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "cats").mkdir(parents=True)
    for name in ("a.png", "cats/b.png"):
        (folder / name).write_bytes(name.encode())
    return folder


def of(path: Path) -> str:
    return fingerprint({"data": str(path)})


def test_paths_are_made_whole_and_names_stay(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    recipe = {"data": "photos", "labels": "", "validation": "photos/cats", "epochs": 3}
    validation = {"validation": str(photos / "cats")}
    assert absolute_paths(recipe, ("mnist",)) == {"data": str(photos), **validation}
    assert absolute_paths(recipe, ("photos",)) == validation


def test_a_text_too_long_for_a_name_is_no_path():
    long = "/" + "x" * 5000
    assert absolute_paths({"data": long, "validation": long}, ()) == {}
    assert fingerprint({"data": long}) == ""


def test_the_same_files_have_the_same_fingerprint_wherever_they_lie(photos):
    before = of(photos)
    assert len(before) == 32
    assert of(photos.rename(photos.with_name("pictures"))) == before


@pytest.mark.parametrize("change", ["other bytes", "another name", "one more", "one less"])
def test_a_changed_folder_has_another_fingerprint(photos, change):
    before, file = of(photos), photos / "cats" / "b.png"
    if change == "other bytes":
        file.write_bytes(b"something else")
    elif change == "another name":
        file.rename(photos / "cats" / "c.png")
    elif change == "one more":
        (photos / "c.png").touch()
    else:
        file.unlink()
    assert of(photos) != before


def test_what_the_system_leaves_in_folders_changes_nothing(photos):
    before = of(photos)
    for name in (".DS_Store", "Thumbs.db", "cats/desktop.ini"):
        (photos / name).touch()
    assert of(photos) == before


def test_links_that_lead_round_in_a_circle_are_followed_once(photos):
    (photos / "cats" / "again").symlink_to(photos)
    assert len(of(photos)) == 32


def test_the_labels_and_the_other_parts_of_a_file_belong_to_it(tmp_path):
    images = tmp_path / "train-images.npy"
    images.touch()
    before = of(images)
    (tmp_path / "test-images.npy").touch()
    between = of(images)
    (tmp_path / "train-labels.npy").touch()
    assert len({before, between, of(images)}) == 3


def test_a_data_set_that_ships_has_none():
    assert fingerprint({"data": "mnist"}) == ""


def test_other_data_under_the_name_on_a_card_are_refused(photos):
    card = {"data": str(photos), "recipe": {}, "data_fingerprint": of(photos)}
    check_unchanged(card)
    (photos / "a.png").write_bytes(b"another")
    with pytest.raises(StudioError, match="have changed since the model learnt from them"):
        check_unchanged(card)


def test_a_card_of_an_earlier_version_is_not_asked(photos):
    check_unchanged({"data": str(photos)})
