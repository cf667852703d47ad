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
