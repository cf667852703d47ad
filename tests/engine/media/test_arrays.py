"""Arrays of every usual form come to one form, and what is not images or labels is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy
from numpy.typing import NDArray

from studio.engine.data.preparation import Preparation
from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError


@pytest.fixture
def grey() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (5, 6, 6), dtype=np.uint8)


@pytest.fixture
def colour() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (5, 6, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize("form", [(5, 6, 6), (5, 1, 6, 6), (5, 6, 6, 1), (5, 36)])
def test_grey_images_may_have_any_usual_form(grey, form):
    images = as_images(grey.reshape(form), "own.npy")
    np.testing.assert_array_equal(images.numpy(), grey[:, None])


def test_the_colours_may_come_first_or_last(colour):
    first = colour.transpose(0, 3, 1, 2)
    for array in (colour, first):
        np.testing.assert_array_equal(as_images(array, "own.npy").numpy(), first)


@pytest.mark.parametrize(
    ("values", "bytes_"),
    [
        (np.array([False, True]), [0, 255]),
        (np.array([7, 255], np.int64), [7, 255]),
        (np.array([0.25, 1.0]), [64, 255]),
        (np.array([0, 1], np.uint8), [0, 255]),
        (np.array([0, 1], np.int64), [0, 255]),
        (np.array([7, 255], np.float32), [7, 255]),
        (np.array([9000, 52000], np.uint16), [35, 202]),
    ],
    ids=[
        "truth values",
        "whole numbers",
        "fractions",
        "0 and 1",
        "0 and 1 in 64 bits",
        "whole numbers as floats",
        "16 bits",
    ],
)
def test_values_of_any_usual_kind_become_bytes(values, bytes_):
    assert as_images(values.reshape(1, 1, 2), "own.npy").flatten().tolist() == bytes_


@pytest.mark.parametrize(
    "values", [[-1, 0], [0, 256], [0.0, 1.5], [float("nan"), 0.0], [1j, 0], ["a", "b"]]
)
def test_values_that_are_no_grey_levels_are_refused(values):
    with pytest.raises(StudioError, match="not grey levels"):
        as_images(np.array(values).reshape(1, 1, 2), "own.npy")


@pytest.mark.parametrize("shape", [(5,), (5, 35), (5, 6, 6, 2), (1, 1, 1, 6, 6)])
def test_what_has_no_form_of_images_is_refused(shape):
    with pytest.raises(StudioError, match="is not a set of images"):
        as_images(np.zeros(shape, np.uint8), "own.npy")


def test_no_images_are_refused():
    with pytest.raises(StudioError, match="holds no images"):
        as_images(np.zeros((0, 6, 6), np.uint8), "own.npy")


@pytest.mark.parametrize("levels", [2, 3, 16, 100, 255])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32])
def test_levels_come_back_as_the_levels_that_they_were(levels, kind):
    written = np.arange(levels).astype(kind).reshape(1, 1, -1)
    images = as_images(written, "own.npy", levels)
    prepared = Preparation.parse(f"grey-{levels}").apply(images)
    assert prepared.flatten().tolist() == list(range(levels))
    assert (int(images.min()), int(images.max())) == (0, 255)


def test_which_reading_was_taken_is_said(caplog):
    as_images(np.array([[[0, 1]]]), "own.npy")
    as_images(np.array([[[0, 9]]]), "own.npy", levels=16)
    as_images(np.array([[[0, 9]]]), "own.npy")  # there is one reading
    assert caplog.messages == [
        '"own.npy" has only the values 0 and 1: they are black and white.',
        '"own.npy" has whole numbers from 0 to 9: they are levels 0 to 15, not greys 0 to 255.',
    ]


def test_greys_of_as_many_levels_stay_what_they_are():
    values = np.array([[[0, 9, 200]]], np.uint8)
    assert as_images(values, "own.npy", levels=16).flatten().tolist() == [0, 9, 200]


def test_a_single_array_without_a_name_in_an_archive_is_like_one_in_a_file(tmp_path: Path, grey):
    np.savez(tmp_path / "own.npz", grey)
    assert list(read_arrays(tmp_path / "own.npz")) == [""]


def test_an_archive_that_expands_to_more_than_the_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    np.savez_compressed(tmp_path / "bomb.npz", images=np.zeros((1000, 28, 28), np.uint8))
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1_000_000)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(StudioError, match=r"would take about 1\.6 MB; 1\.0 MB of memory are free"):
        read_arrays(tmp_path / "bomb.npz")


def test_a_sparse_file_is_refused_by_its_length(tmp_path: Path):
    header = io.BytesIO()
    npy.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (1 << 12, 1 << 14, 1 << 14)}
    )
    with (tmp_path / "sparse.npy").open("wb") as file:
        file.write(header.getvalue())
        file.truncate(len(header.getvalue()) + (1 << 40))
    with pytest.raises(StudioError, match=r"would take about 2\.2 TB"):
        read_arrays(tmp_path / "sparse.npy")


def test_an_array_that_claims_more_than_its_file_has_is_refused(tmp_path: Path):
    with (tmp_path / "own.npy").open("wb") as file:
        npy.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (1 << 12, 1 << 14, 1 << 14)}
        )
    with pytest.raises(StudioError, match="cut short"):
        read_arrays(tmp_path / "own.npy")


def test_labels_may_stand_in_a_row_or_in_a_column():
    labels = np.array([3, 0, 2], np.uint8)
    for array in (labels, labels[:, None]):
        assert as_labels(array, 3, "labels", "images").tolist() == [3, 0, 2]


@pytest.mark.parametrize("array", [np.zeros((3, 2), int), np.zeros(3)])
def test_what_is_no_row_of_whole_numbers_is_refused_as_labels(array):
    with pytest.raises(StudioError, match="not a row of whole numbers"):
        as_labels(array, 3, "labels", "images")


def test_a_label_beyond_ten_thousand_classes_is_refused():
    assert as_labels(np.array([9_999]), 1, "labels", "images").tolist() == [9_999]
    with pytest.raises(StudioError, match="The label 10000"):
        as_labels(np.array([10_000]), 1, "labels", "images")


def test_an_archive_has_its_arrays_by_name_and_a_single_array_has_none(tmp_path: Path, grey):
    np.savez(tmp_path / "own.npz", images=grey, labels=np.arange(5))
    np.save(tmp_path / "own.npy", grey)
    assert set(read_arrays(tmp_path / "own.npz")) == {"images", "labels"}
    assert list(read_arrays(tmp_path / "own.npy")) == [""]
    np.testing.assert_array_equal(read_arrays(tmp_path / "own.npy")[""], grey)


def test_a_file_that_is_not_there_is_reported_in_one_sentence(tmp_path: Path):
    with pytest.raises(StudioError, match='There is no file "'):
        read_arrays(tmp_path / "nothing.npy")


def test_more_than_is_wanted_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    np.savez(tmp_path / "own.npz", images=np.zeros((300, 64, 64), np.uint8))
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(StudioError, match="larger than 1 MiB"):
        read_arrays(tmp_path / "own.npz", most=1 << 20)
