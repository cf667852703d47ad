"""`studio bench --choose`: what it measures is kept, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.engine.bench import choosing
from studio.engine.generation import decoder_choice
from studio.engine.generation.decoders import GRAPH, PARALLEL, SEQUENTIAL
from studio.engine.runtime.errors import StudioError
from tests.tiny import tiny_checkpoint


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(decoder_choice, "folder", lambda: tmp_path / "decoders")
    return tmp_path / "decoders"


def test_each_number_of_pictures_has_its_fastest_way(tmp_path: Path, folder: Path) -> None:
    path, told = str(tiny_checkpoint(tmp_path)), list[str]()
    document = choosing.run([path], "cpu", quick=True, show=told.append)
    assert json.loads(json.dumps(document)) == document
    (row,) = document["choices"][path]
    assert row["batch"] == 1
    assert row["seconds"].keys() == {SEQUENTIAL, PARALLEL, GRAPH}
    assert row["differing"].keys() >= {SEQUENTIAL}
    assert told == [f"{path}: {row['sentence']}"]
    assert row["sentence"] in choosing.as_text(document)
    assert len(list(folder.iterdir())) == 1


def test_what_draws_no_pictures_is_refused_where_it_is_named(tmp_path: Path) -> None:
    path = str(tiny_checkpoint(tmp_path, "autoencoder"))
    with pytest.raises(StudioError, match="nothing to choose"):
        choosing.run([path], "cpu")
