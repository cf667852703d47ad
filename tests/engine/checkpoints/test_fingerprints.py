"""What tells weights from others: not the name of the file, nor its card."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.checkpoints.fingerprints import fingerprint
from studio.engine.runtime.errors import StudioError
from tests.tiny import tiny_checkpoint


def test_the_same_weights_with_another_card_are_the_same(tmp_path: Path):
    (tmp_path / "b").mkdir()
    first = tiny_checkpoint(tmp_path)
    second = tiny_checkpoint(tmp_path / "b", why="another card")
    assert first.read_bytes() != second.read_bytes()
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first).startswith("sha256:")


def test_a_file_that_is_written_anew_is_read_anew(tmp_path: Path):
    before = fingerprint(tiny_checkpoint(tmp_path))
    assert fingerprint(tiny_checkpoint(tmp_path, config={"width": 6})) != before


@pytest.mark.parametrize("content", [b"", b"123", b"\xff" * 20])
def test_any_file_has_one(content: bytes, tmp_path: Path):
    (tmp_path / "a.safetensors").write_bytes(content)
    assert fingerprint(tmp_path / "a.safetensors").startswith("sha256:")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(StudioError, match="gone"):
        fingerprint(tmp_path / "gone.safetensors")
