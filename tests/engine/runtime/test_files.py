"""A file is replaced whole or not at all."""

from __future__ import annotations

import errno
import math
import os
from pathlib import Path

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import clear_leftovers, in_json, write_atomically


def test_a_new_file_is_written_and_nothing_else_stays(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.bin", b"first")
    write_atomically(tmp_path / "a.bin", lambda path: path.write_bytes(b"second"))
    assert (tmp_path / "a.bin").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_the_writer_gets_a_path_with_the_suffix_it_will_have(tmp_path: Path) -> None:
    write_atomically(tmp_path / "picture.png", lambda path: path.write_text(path.suffix))
    assert (tmp_path / "picture.png").read_text() == ".png"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(StudioError, match=r"could not be written: the disk is full\.$"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def failing(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("the writer's own")

    with pytest.raises(ValueError, match="the writer's own"):
        write_atomically(path, failing)
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


@pytest.mark.parametrize("place", ["missing/a.bin", "a-file/a.bin"])
def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(
        StudioError,
        match=(
            r"could not be written: (the folder does not exist|what should be its folder is a file)"
        ),
    ):
        write_atomically(tmp_path / place, b"")


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    for name in (".model.part-x1.bin", ".other.part-x1.bin", "model.bin", ".model.bin"):
        (tmp_path / name).touch()
    clear_leftovers(tmp_path / "model.bin")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".model.bin",
        ".other.part-x1.bin",
        "model.bin",
    ]


def test_what_is_no_number_is_null_in_json() -> None:
    document = {"a": [math.nan, 1.5], "b": {"c": (math.inf, "x", True, None, 3)}}
    assert in_json(document) == {"a": [None, 1.5], "b": {"c": [None, "x", True, None, 3]}}
