"""Checkpoints are found by their names, and runs can be called something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from studio.engine.checkpoints import places
from studio.engine.checkpoints.cards import shipped
from studio.engine.runtime.errors import StudioError


def run(name: str, written: float = 0) -> Path:
    """A run of that name with a checkpoint; returns the checkpoint."""
    folder = places.runs_folder() / name
    folder.mkdir(parents=True)
    (folder / places.CONFIG).write_text("{}")
    (folder / places.LATEST).touch()
    os.utime(folder, (written, written))
    return folder / places.LATEST


def own(name: str) -> Path:
    places.own_folder().mkdir(parents=True, exist_ok=True)
    path = places.own_folder() / f"{name}.safetensors"
    path.touch()
    return path


def test_a_run_is_called_like_its_folder_and_a_file_like_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.name_of(Path("runs", "my 2.5 digits", "latest.safetensors")) == "my 2.5 digits"
    assert places.name_of(Path("runs", "mine", "best.safetensors")) == "mine (best)"
    assert places.name_of(Path("v1.5.safetensors")) == "v1.5"
    monkeypatch.chdir(tmp_path)
    assert places.name_of("latest.safetensors") == tmp_path.name


def test_shipped_own_and_trained_checkpoints_are_found_by_name(user_data_folder: Path) -> None:
    mine, trained = own("mine"), run("trained")
    assert places.named("mine") == mine
    assert places.named("trained") == trained
    assert places.named("pixelcnn") == shipped()["pixelcnn"]
    assert places.named("nothing") is None
    assert places.named("../checkpoints/mine") is None


def test_the_run_that_was_written_last_comes_first(user_data_folder: Path) -> None:
    for name, written in (("old", 100), ("new", 300), ("between", 200)):
        run(name, written)
    assert [folder.name for folder in places.run_folders()] == ["new", "between", "old"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "1 to 80 characters"),
        ("x" * 81, "1 to 80 characters"),
        ("a/b", "the character /"),
        ("a\\b", r"the character \\"),
        ("a\nb", "control characters"),
        ("C:", "the character :"),
        (".hidden", "begin with a dot"),
        ("--json", "begin with a dot or a dash"),
        ("Con", "Windows"),
        ("pixelcnn", "comes with the studio"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: str, why: str) -> None:
    with pytest.raises(StudioError, match=why):
        places.run_named(name)


def test_a_name_that_is_taken_is_refused(user_data_folder: Path) -> None:
    checkpoint = run("mine")
    run("other")
    with pytest.raises(StudioError, match='There is a run "mine" already'):
        places.run_named(" mine ")
    with pytest.raises(StudioError, match='"other" is taken'):
        places.rename(checkpoint, "other")


def test_a_renamed_run_is_found_by_its_new_name_only(user_data_folder: Path) -> None:
    new = places.rename(run("mine"), "Ziffern groß")
    assert places.named("Ziffern groß") == new
    assert new.is_file()
    assert places.named("mine") is None


def test_a_renamed_file_keeps_its_ending(user_data_folder: Path) -> None:
    new = places.rename(own("mine"), "v1.5")
    assert new.name == "v1.5.safetensors"
    assert places.named("v1.5") == new


def test_a_run_is_trained_while_its_lock_is_held(user_data_folder: Path) -> None:
    folder = run("trained").parent
    assert not places.is_trained(folder)
    with FileLock(folder / places.LOCK):
        assert places.is_trained(folder)
    assert not places.is_trained(folder)


def test_the_checkpoint_of_an_epoch_is_called_after_its_run_and_found_by_that_name(
    user_data_folder: Path,
) -> None:
    epochs = run("mine").parent / places.EPOCHS
    epochs.mkdir()
    for epoch in (1, 3):
        (epochs / f"epoch-{epoch:03}.safetensors").touch()
    third = epochs / "epoch-003.safetensors"
    assert places.name_of(third) == "mine@3"
    assert places.named("mine@3") == third
    assert places.at_epoch(f"{epochs.parent}@3") == third
    assert places.named("mine@2") is None
    assert places.named("nobody@2") is None
    with pytest.raises(StudioError, match=r"mine has no checkpoint of epoch 2: it keeps 1, 3\."):
        places.at_epoch("mine@2")


def test_a_run_is_renamed_by_the_checkpoint_of_an_epoch_too(user_data_folder: Path) -> None:
    epochs = run("mine").parent / places.EPOCHS
    epochs.mkdir()
    (epochs / "epoch-001.safetensors").touch()
    new = places.rename(epochs / "epoch-001.safetensors", "yours")
    assert new == places.runs_folder() / "yours" / places.EPOCHS / "epoch-001.safetensors"
    assert new.is_file()


def test_a_text_too_long_for_a_name_is_none_of_a_checkpoint(user_data_folder: Path) -> None:
    assert places.named("x" * 5000) is None
