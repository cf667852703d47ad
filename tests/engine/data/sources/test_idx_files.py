"""IDX files as a data set: the parts and labels beside them are found, and damage is reported."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError
from tests.engine.pictures import as_idx
from tests.engine.sentences import sentence


def test_an_idx_pair_is_read_with_the_labels_beside_it(tmp_path, pictures, labels):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(as_idx(pictures))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(as_idx(labels)))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(as_idx(pictures[:7]))
    (tmp_path / "val-images-idx3-ubyte").write_bytes(as_idx(pictures[:5]))
    data = open_data(tmp_path)
    assert torch.equal(data.train[:, 0], torch.from_numpy(pictures))
    assert data.train_labels is not None
    assert data.train_labels.tolist() == labels.tolist()
    assert len(data.test) == 7
    assert len(data.validation) == 5
    assert data.test_labels is None
    assert data.class_names == ("0", "1", "2", "3")


BAD_IDX: dict[str, tuple[Callable[[NDArray[np.uint8]], bytes], str]] = {
    "cut short": (lambda pictures: as_idx(pictures)[:-100], "cut short"),
    "cut short in its header": (lambda pictures: as_idx(pictures)[:9], "cut short"),
    "too long": (lambda pictures: as_idx(pictures) + b"more", "goes on after"),
    "no IDX": (lambda pictures: b"GIF89a and so on", "not an IDX file"),
    "of floats": (lambda pictures: b"\0\0\x0d\3" + as_idx(pictures)[4:], "only bytes"),
    "gzip cut short": (lambda pictures: gzip.compress(as_idx(pictures))[:-30], "cut short"),
    "gzip damaged": (lambda pictures: damaged(gzip.compress(as_idx(pictures))), "damaged"),
}


def damaged(data: bytes) -> bytes:
    """The same with the checksum at its end wrong."""
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


@pytest.mark.parametrize("what", BAD_IDX)
def test_a_bad_idx_file_is_reported_in_one_sentence(tmp_path, pictures, what):
    make, complaint = BAD_IDX[what]
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(make(pictures))
    with pytest.raises(StudioError) as error:
        open_data(path)
    assert complaint in sentence(error)
    assert path.name in sentence(error)


@pytest.fixture
def emnist(tmp_path, pictures, labels):
    """Two data sets in one folder, with other pictures to test with."""
    for number, name in enumerate(("balanced", "letters")):
        for part, rows in (("train", slice(0, 12)), ("test", slice(12 + number, 20))):
            stem = tmp_path / f"emnist-{name}-{part}"
            for kind, values in (("images-idx3", pictures), ("labels-idx1", labels)):
                packed = gzip.compress(as_idx(values[rows]))
                stem.with_name(f"{stem.name}-{kind}-ubyte.gz").write_bytes(packed)
    return tmp_path


def test_of_several_data_sets_in_a_folder_one_has_to_be_named(emnist):
    with pytest.raises(StudioError) as error:
        open_data(emnist)
    assert "holds 2 data sets, emnist-balanced and emnist-letters" in sentence(error)
    assert "emnist-balanced-train-images-idx3-ubyte.gz" in sentence(error)


@pytest.mark.parametrize("named", ["train", "test"])
def test_whichever_part_is_named_the_training_part_is_learnt_from(emnist, pictures, named):
    data = open_data(emnist / f"emnist-letters-{named}-images-idx3-ubyte.gz")
    assert len(data.train) + len(data.validation) == 12
    assert torch.equal(data.test[:, 0], torch.from_numpy(pictures[13:]))
    assert data.test_labels is not None


def test_of_a_test_part_alone_nothing_is_learnt(emnist):
    alone = emnist / "alone" / "digits-test-images-idx3-ubyte.gz"
    alone.parent.mkdir()
    (emnist / "emnist-letters-test-images-idx3-ubyte.gz").rename(alone)
    data = open_data(alone)
    assert (len(data.train), len(data.validation), len(data.test)) == (0, 0, 7)


def test_labels_may_come_in_an_archive_of_numpy(tmp_path, pictures, labels):
    (tmp_path / "own-idx3").write_bytes(as_idx(pictures))
    for given in ({"labels": labels}, {"arr_0": labels}):
        np.savez(tmp_path / "given.npz", **given)
        data = open_data(tmp_path / "own-idx3", tmp_path / "given.npz")
        assert data.labelled
