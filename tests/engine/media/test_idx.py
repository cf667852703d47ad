"""IDX files come back as they were written, plain or zipped, and damage costs no memory."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.engine.media.idx import is_idx, read_idx
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from tests.engine.pictures import as_idx

PICTURES = np.random.default_rng(0).integers(0, 256, (20, 6, 5), dtype=np.uint8)
as_is: Callable[[bytes], bytes] = bytes


@pytest.mark.parametrize("pack", [as_is, gzip.compress], ids=["plain", "zipped"])
@pytest.mark.parametrize(
    "array", [PICTURES, np.arange(20, dtype=np.uint8)], ids=["images", "labels"]
)
def test_an_array_comes_back_as_it_was(tmp_path: Path, array, pack):
    path = tmp_path / "own"
    path.write_bytes(pack(as_idx(array)))
    assert is_idx(path)
    np.testing.assert_array_equal(read_idx(path), array)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\x08", b"GIF89a", b"\0\0\x08\2" + bytes(8), gzip.compress(PICTURES.tobytes())],
    ids=["empty", "too short", "a picture", "two dimensions", "something else, zipped"],
)
def test_what_does_not_begin_like_idx_is_no_idx(tmp_path: Path, data):
    path = tmp_path / "own"
    path.write_bytes(data)
    assert not is_idx(path)
    with pytest.raises(StudioError):
        read_idx(path)


def test_a_header_that_claims_a_terabyte_costs_no_more_memory_than_the_file(tmp_path: Path):
    path = tmp_path / "own"
    path.write_bytes(b"\0\0\x08\3" + struct.pack(">3I", 1 << 20, 1 << 10, 1 << 10) + bytes(1000))
    tracemalloc.start()
    try:
        with pytest.raises(StudioError, match="it holds 1,000 of 1,099,511,627,776 bytes"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_a_sparse_file_is_refused_by_its_header(tmp_path: Path):
    with (tmp_path / "own").open("wb") as file:
        file.write(b"\0\0\x08\3" + struct.pack(">3I", 1 << 20, 1 << 10, 1 << 10))
        file.truncate(16 + (1 << 40))
    with pytest.raises(StudioError, match=r"would take about 2\.2 TB"):
        read_idx(tmp_path / "own")


def test_zeros_that_expand_to_more_than_the_memory_are_refused_by_their_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1_000_000)
    (tmp_path / "own").write_bytes(gzip.compress(as_idx(np.zeros((1000, 28, 28), np.uint8))))
    with pytest.raises(StudioError, match=r"would take about 1\.6 MB; 1\.0 MB of memory are free"):
        read_idx(tmp_path / "own")


def test_a_file_that_is_not_there_is_reported_in_one_sentence(tmp_path: Path):
    assert not is_idx(tmp_path / "nothing")
    with pytest.raises(StudioError, match=r'nothing" cannot be read: .*\.$'):
        read_idx(tmp_path / "nothing")
