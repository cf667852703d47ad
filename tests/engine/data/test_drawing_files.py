"""Sets of drawings in files: whole or not at all, and hostile ones are refused in a sentence before
they are read."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from studio.engine.data.data_sets import open_data
from studio.engine.data.drawing_files import MOST_BYTES, is_drawings, read_drawings, save_drawings
from studio.engine.runtime.errors import StudioError
from tests.drawn_symbols import drawings
from tests.engine.sentences import sentence


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.npz"
    save_drawings(drawings("cross", "square", count=6, side=8), path)
    return path


def test_a_set_is_saved_as_one_file_and_opened_again(file: Path) -> None:
    made = read_drawings(file)
    assert made.names == ("cross", "square")
    np.testing.assert_array_equal(made.images, drawings("cross", "square", count=6, side=8).images)


def test_a_set_of_zeros_and_ones_is_read_as_black_and_white(file: Path) -> None:
    made = read_drawings(file)
    ones = (made.images > 127).astype(np.uint8)
    np.savez(file, images=ones, labels=made.labels, names=np.array(made.names))
    np.testing.assert_array_equal(read_drawings(file).images, 255 * ones)


def test_it_is_data_with_named_classes(file: Path) -> None:
    data = open_data(file)
    assert data.class_names == ("cross", "square")
    assert len(data.train) + len(data.validation) + len(data.test) == 12


def test_what_was_there_stays_where_it_cannot_be_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(StudioError, match="the disk is full"):
        save_drawings(drawings("cross", count=1, side=8), file)
    assert file.read_bytes() == before
    assert [*file.parent.iterdir()] == [file]


def test_a_set_is_told_by_what_its_arrays_are_called(file: Path, tmp_path: Path) -> None:
    assert is_drawings(file)
    np.savez(tmp_path / "data.npz", images=np.zeros((3, 8, 8), np.uint8), labels=np.zeros(3, int))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("data.npz", "text.npz", "nothing.npz"):
        assert not is_drawings(tmp_path / name)


@pytest.mark.parametrize("length", [0, 10, 200, -30])
def test_a_file_that_is_cut_short_is_refused(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(StudioError) as error:
        read_drawings(file)
    assert '"' in sentence(error)


def test_pickled_names_are_never_loaded(tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    names = np.array(["a", None], dtype=object)
    np.savez(path, images=np.zeros((2, 8, 8), np.uint8), labels=np.zeros(2, int), names=names)
    with pytest.raises(StudioError) as error:
        read_drawings(path)
    assert "pickled" in sentence(error)


def test_what_expands_to_too_much_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", bytes(MOST_BYTES + 1))
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(StudioError) as error:
        read_drawings(path)
    assert "larger than 16 MiB" in sentence(error)


@pytest.mark.parametrize("names", [np.arange(2), np.array([["a"], ["b"]])])
def test_names_are_a_row_of_texts(tmp_path: Path, names: np.ndarray) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, images=np.zeros((2, 8, 8), np.uint8), labels=np.zeros(2, int), names=names)
    with pytest.raises(StudioError, match="names are not a row of texts"):
        read_drawings(path)


def test_another_archive_is_no_set(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", images=np.zeros((2, 8, 8), np.uint8))
    with pytest.raises(StudioError, match="it has no images, labels and names"):
        read_drawings(tmp_path / "other.npz")
