"""CIFAR-10 in its binary version: a folder and a file open,
and one clear sentence for each that is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError

NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def records(count: int, seed: int) -> np.ndarray:
    """So many labels and pictures as the files of CIFAR-10 have them, uint8 (count, 3073)."""
    made = np.random.default_rng(seed).integers(0, 256, (count, 3073), dtype=np.uint8)
    made[:, 0] %= 10
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2):
        records(20, number).tofile(tmp_path / f"data_batch_{number}.bin")
    records(10, 3).tofile(tmp_path / "test_batch.bin")
    (tmp_path / "batches.meta.txt").write_text("\n".join(NAMES) + "\n\n")
    return tmp_path


def test_a_folder_has_both_parts_and_the_names_of_the_classes(folder: Path) -> None:
    data = open_data(folder)
    assert data.train.shape == (38, 3, 32, 32)
    assert data.test.shape == (10, 3, 32, 32)
    assert data.train.dtype == torch.uint8
    assert data.class_names == NAMES
    assert data.test_labels is not None
    assert data.test_labels.tolist() == records(10, 3)[:, 0].tolist()


def test_a_picture_is_red_then_green_then_blue_row_by_row(folder: Path) -> None:
    first, picture = records(10, 3)[0], open_data(folder).test[0]
    assert picture[0, 0, 1] == first[1 + 1]
    assert picture[1, 0, 0] == first[1 + 1024]
    assert picture[2, 31, 31] == first[3072]


def test_of_a_single_file_a_tenth_is_held_out(folder: Path) -> None:
    data = open_data(folder / "data_batch_1.bin")
    assert (len(data.train), len(data.validation), len(data.test)) == (17, 1, 2)
    assert data.class_names == NAMES


def test_without_names_the_classes_are_numbers(folder: Path) -> None:
    (folder / "batches.meta.txt").unlink()
    assert open_data(folder).class_names == tuple("0123456789")


def with_label(label: int) -> bytes:
    made = records(3, 0)
    made[1, 0] = label
    return made.tobytes()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (records(2, 0).tobytes()[:-1], "not a multiple of 3,073"),
        (records(2, 0).tobytes() + b"more", "not a multiple of 3,073"),
        (with_label(10), "a label 10"),
    ],
)
def test_what_is_no_cifar_is_reported_in_one_sentence(
    content: bytes, complaint: str, folder: Path
) -> None:
    (folder / "data_batch_2.bin").write_bytes(content)
    for path in (folder, folder / "data_batch_2.bin"):
        with pytest.raises(StudioError) as error:
            open_data(path)
        assert complaint in str(error.value)
        assert "data_batch_2.bin" in str(error.value)
        assert "\n" not in str(error.value)


def test_it_brings_its_own_labels(folder: Path) -> None:
    with pytest.raises(StudioError, match="leave out the file of labels"):
        open_data(folder, folder / "labels.npy")
