"""The model that a scene names is found by its weights, whatever it is called by now; one that is
missing, or another one, is said in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from studio.engine.checkpoints.places import own_folder
from studio.engine.scenes.references import compared, find, reference_to
from studio.engine.scenes.scene import ModelReference
from tests.tiny import tiny_checkpoint


@pytest.fixture
def own(user_data_folder: Path) -> Path:
    own_folder().mkdir(parents=True)
    return own_folder()


def test_a_checkpoint_of_the_persons_own_is_found(own: Path):
    path = tiny_checkpoint(own)
    found = find(reference_to(path))
    assert (found.checkpoint, found.sentence) == (path, "")


def test_one_that_was_renamed_is_found_by_its_weights(own: Path):
    path = tiny_checkpoint(own)
    reference = reference_to(path)
    renamed = path.rename(own / "other.safetensors")
    tiny_checkpoint(own, config={"width": 6})  # has its name now
    found = find(reference)
    assert (found.checkpoint, found.sentence) == (renamed, "")


def test_one_that_lies_elsewhere_is_found_where_it_is_known_of(own: Path, tmp_path: Path):
    path = tiny_checkpoint(tmp_path)
    assert find(reference_to(path)).checkpoint is None
    assert find(reference_to(path), [path]).checkpoint == path


def test_other_weights_under_its_name_are_taken_and_said(own: Path):
    path = tiny_checkpoint(own)
    reference = reference_to(path)
    tiny_checkpoint(own, config={"width": 6})
    found = find(reference)
    assert found.checkpoint == path
    assert found.sentence == (
        "“tiny-pixelcnn” has other weights than this was made with: it may look different."
    )


def test_a_missing_one_is_said(own: Path):
    found = find(ModelReference("gone", "sha256:0"))
    assert found.checkpoint is None
    assert found.sentence == (
        "The model “gone” is not on this machine: its checkpoint is needed to see this."
    )


def test_without_weights_the_name_is_enough(own: Path):
    path = tiny_checkpoint(own)
    assert find(ModelReference("tiny-pixelcnn")).sentence == ""
    assert compared(ModelReference("any"), path).sentence == ""


def test_a_copy_is_the_same_model(own: Path, tmp_path: Path):
    path = tiny_checkpoint(tmp_path)
    copied = Path(shutil.copy(path, own / "copy.safetensors"))
    assert compared(reference_to(path), copied).sentence == ""
