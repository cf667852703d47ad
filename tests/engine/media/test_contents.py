"""What could be learnt from is told apart without reading it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.engine.media import contents
from studio.engine.media.contents import learnable
from tests.engine.pictures import as_idx


def with_files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["a.png", "b.JPG", "notes.txt"], "pictures"),
        (["train/cats/1.webp", "train/dogs/2.webp"], "pictures"),
        (["one.wav", "two.FLAC", "cover.png"], "recordings"),
        (["squares.npz"], "pictures"),
        (["data_batch_1.bin", "test_batch.bin"], "pictures"),
        (["notes.txt", ".hidden.png", ".thumbnails/a.png"], ""),
        ([], ""),
    ],
)
def test_a_folder_is_known_by_what_is_in_it(tmp_path: Path, names: list[str], what: str) -> None:
    assert learnable(with_files(tmp_path, *names)) == what


def test_arrays_and_idx_files_are_data_and_other_files_are_not(tmp_path: Path) -> None:
    idx = as_idx(np.zeros((2, 3, 3), np.uint8))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx)
    with_files(tmp_path, "a.npy", "idx.txt", "a.safetensors")
    assert learnable(tmp_path / "train-images-idx3-ubyte") == "pictures"
    assert learnable(tmp_path / "a.npy") == "pictures"
    assert learnable(tmp_path / "idx.txt") == ""
    assert learnable(tmp_path / "a.safetensors") == ""
    assert learnable(tmp_path / "gone.npy.txt") == ""


def test_a_large_folder_is_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "_MOST", 3)
    with_files(tmp_path, *(f"{number}.txt" for number in range(5)), "x.png")
    assert learnable(tmp_path) == ""
