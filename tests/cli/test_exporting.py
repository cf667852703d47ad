"""`studio export`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands import Capture, complaint, result
from tests.tiny import tiny_checkpoint


def test_each_file_is_named_with_how_far_its_numbers_are_from_torch(
    here: Path, capsys: Capture
) -> None:
    place = str(tiny_checkpoint(here, "made"))
    said = result(capsys, "export", place, "--onnx", "made.onnx").splitlines()
    assert said[0].startswith("made.onnx: the pass, at most ")
    assert said[1].startswith("made-step.onnx: the step, at most ")
    assert (here / "made.onnx").exists()
    assert (here / "made-step.onnx").exists()


def test_a_folder_that_is_not_there_is_refused_in_a_sentence(here: Path, capsys: Capture) -> None:
    place = str(tiny_checkpoint(here, "autoencoder"))
    said = complaint(capsys, "export", place, "--onnx", "nowhere/a.onnx")
    assert "the folder does not exist" in said
