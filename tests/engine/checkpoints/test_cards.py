"""A card is read from the beginning of a file alone, and a file that has none is refused by it."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from studio.engine import checkpoints
from studio.engine.checkpoints.cards import FORMAT, read_card, shipped
from studio.engine.runtime.errors import StudioError
from tests.engine.rewriting import change_card

REPOSITORY = Path(__file__).parents[3]


def test_reading_a_card_does_not_import_torch(saved: Path) -> None:
    program = (
        "import sys; from studio.engine.checkpoints.cards import read_card;"
        f" read_card({str(saved)!r}); sys.exit('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False).returncode == 0
    )


def test_a_file_cut_short_anywhere_is_reported(saved: Path) -> None:
    whole = saved.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1]:
        saved.write_bytes(whole[:length])
        with pytest.raises(StudioError, match="is cut short"):
            checkpoints.load(saved)


def test_a_foreign_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(StudioError, match="it has no card"):
        checkpoints.load(path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    with pytest.raises(StudioError, match="is not a safetensors checkpoint"):
        checkpoints.load(path)
    path.write_bytes(struct.pack("<Q", 20) + b"[1, 2, 3]           " + bytes(50))
    with pytest.raises(StudioError, match="is not a safetensors checkpoint"):
        checkpoints.load(path)


def test_a_newer_format_is_reported(saved: Path) -> None:
    change_card(saved, format=FORMAT + 1)
    with pytest.raises(StudioError, match=f"newer studio \\(format {FORMAT + 1}"):
        checkpoints.load(saved)


def test_every_shipped_checkpoint_is_found_by_its_name() -> None:
    found = shipped()
    assert {"pixelcnn", "gated-pixelcnn", "wavenet"} <= set(found)
    assert list(found) == sorted(found)
    assert all(path.name == f"{name}.safetensors" for name, path in found.items())


def test_a_file_of_weights_that_are_not_all_there_is_refused_without_reading_them(
    saved: Path,
) -> None:
    saved.write_bytes(saved.read_bytes()[:-1])
    with pytest.raises(StudioError, match=r"is cut short: [\d,]+ of [\d,]+ bytes of weights"):
        read_card(saved)


def test_an_array_is_not_called_a_pickle(tmp_path: Path) -> None:
    np.savez(tmp_path / "digits.npz", np.zeros(3))
    with pytest.raises(StudioError, match="is a NumPy file, not a checkpoint"):
        read_card(tmp_path / "digits.npz")


@pytest.mark.parametrize("length", [640, 896, 1152, 1408])
def test_a_header_whose_length_begins_like_a_pickle_is_read(tmp_path: Path, length: int) -> None:
    card = json.dumps({"format": 1, "model": "made", "config": {}})
    header = json.dumps({"__metadata__": {"card": card}}).encode().ljust(length)
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", length) + header)
    assert read_card(path)["model"] == "made"
