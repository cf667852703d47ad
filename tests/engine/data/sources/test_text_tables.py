"""Pictures as text: a row of pixels each, with labels or without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError


@pytest.fixture
def rows() -> np.ndarray:
    """20 pictures of 3 x 3."""
    return np.random.default_rng(0).integers(0, 256, (20, 9))


def written(path: Path, rows: np.ndarray, between: str = ",", header: str = "") -> Path:
    np.savetxt(path, rows, "%d", between, header=header, comments="")
    return path


def test_binarised_pictures_are_black_and_white(tmp_path, rows):
    data = open_data(written(tmp_path / "train.amat", rows > 127, " "))
    assert data.shape == (1, 3, 3)
    assert data.train.unique().tolist() == [0, 255]


def test_the_parts_of_a_set_are_found_by_their_names(tmp_path, rows):
    for part, count in (("train", 20), ("valid", 5), ("test", 7)):
        written(tmp_path / f"binarized_mnist_{part}.amat", rows[:count] > 127, " ")
    for path in (tmp_path, tmp_path / "binarized_mnist_train.amat"):
        data = open_data(path)
        assert (len(data.train), len(data.validation), len(data.test)) == (20, 5, 7)


@pytest.mark.parametrize(
    ("name", "place", "header"),
    [
        ("a.csv", 0, ""),
        ("a.csv", 0, "label,p1,p2,p3,p4,p5,p6,p7,p8,p9"),
        ("a.csv", 9, "p1,p2,p3,p4,p5,p6,p7,p8,p9,Class"),
        ("a.amat", 9, ""),
    ],
    ids=["first", "first, named", "last, named", "last, of .amat"],
)
def test_a_column_of_labels_is_found(tmp_path, rows, name, place, header):
    labels = np.arange(20) % 4
    data = open_data(written(tmp_path / name, np.insert(rows, place, labels, 1), ",", header))
    assert data.train_labels is not None
    known = {bytes(row.astype(np.uint8)): label for row, label in zip(rows, labels, strict=True)}
    assert [known[bytes(image.numpy())] for image in data.train] == data.train_labels.tolist()


def test_which_column_was_taken_for_the_labels_is_said(tmp_path, rows, caplog):
    open_data(written(tmp_path / "a.csv", np.insert(rows, 0, 1, 1)))
    assert "has 10 columns: the first is read as the labels." in caplog.messages[0]


def test_rows_that_make_no_square_are_refused(tmp_path, rows):
    with pytest.raises(StudioError, match="have 7 values, which do not make a square picture"):
        open_data(written(tmp_path / "a.csv", rows[:, :7]))


def test_labels_that_are_no_whole_numbers_are_refused(tmp_path, rows):
    np.savetxt(tmp_path / "a.csv", np.insert(rows.astype(float), 0, 0.5, 1), "%.1f", ",")
    with pytest.raises(StudioError, match="not a row of whole numbers"):
        open_data(tmp_path / "a.csv")
