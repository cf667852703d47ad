"""Parts of a large piece of work: one index, parts that are whole or not there, and a sentence for
what does not belong together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.engine.media.parts import INDEX, Part, Parts
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError
from studio.engine.runtime.shards import Shard


@pytest.fixture
def wanted(tmp_path: Path) -> Parts:
    """Ten things in parts of three, for two shards."""
    return Parts(tmp_path / "parts", "squares", {"of": {"seed": 3}}, total=10, size=3, shards=2)


def squares(part: Part) -> dict[str, Any]:
    return {"squares": np.arange(part.begin, part.end) ** 2}


def test_the_index_says_what_the_parts_are_and_whose(wanted: Parts) -> None:
    wanted.begun()
    index = json.loads((wanted.folder / INDEX).read_text())
    assert (index["kind"], index["total"], index["shards"]) == ("squares", 10, 2)
    found = [(part["begin"], part["end"], part["shard"]) for part in index["parts"]]
    assert found == [(0, 3, 1), (3, 6, 1), (6, 9, 2), (9, 10, 2)]


@pytest.mark.parametrize(("total", "shards"), [(10, 2), (10, 7), (100, 9), (7, 1)])
def test_a_part_is_named_after_the_shard_that_it_is_of(
    wanted: Parts, total: int, shards: int
) -> None:
    parts = replace(wanted, total=total, shards=shards)
    named = [part["shard"] for part in parts.to_dict()["parts"]]
    own = {
        part.number: number
        for number in range(1, shards + 1)
        for part in parts.of(Shard(number, shards))
    }
    assert named == [own[number] for number in range(parts.count)]


def test_what_was_written_is_done_and_read_by_whoever_opens_the_folder(wanted: Parts) -> None:
    part = wanted.begun().part(3)
    wanted.write(part, squares(part))
    parts = Parts.open(wanted.folder)
    assert parts.is_done(part)
    assert parts.read(part)["squares"].tolist() == [81]
    assert [part.number for part in parts.missing()] == [0, 1, 2]
    with pytest.raises(StudioError, match=r"3 of 4 parts are missing .* --shard 1/2, 2/2 again"):
        parts.check_whole()


def test_the_size_is_that_of_whoever_came_first(wanted: Parts) -> None:
    wanted.begun()
    assert replace(wanted, size=1).begun().size == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shards": 5}, r"divided into 2 shards, not 5: write --shard I/2"),
        ({"asked": {"of": {"seed": 4}}}, "of other work: seed is 3 there, and 4 here"),
        ({"asked": {}}, "of other work: of is .* there, and null here"),
        ({"total": 12}, "of other work: total is 10 there, and 12 here"),
        ({"kind": "cubes"}, 'kind is "squares" there'),
        ({"total": 10**9}, "At most 300,000 of these go into one folder"),
    ],
)
def test_other_work_is_refused(wanted: Parts, change: dict[str, Any], sentence: str) -> None:
    wanted.begun()
    with pytest.raises(StudioError, match=sentence):
        replace(wanted, **change).begun()


def test_a_folder_with_other_things_in_it_is_left_alone(wanted: Parts) -> None:
    wanted.folder.mkdir()
    (wanted.folder / "holiday.png").touch()
    with pytest.raises(StudioError, match="is not empty, and has no index of parts"):
        wanted.begun()
    assert [path.name for path in wanted.folder.iterdir()] == ["holiday.png"]


def test_a_part_of_another_index_or_that_is_damaged_names_its_shard(wanted: Parts) -> None:
    wanted.begun()
    part = wanted.part(2)
    replace(wanted, asked={}).write(part, squares(part))
    with pytest.raises(StudioError, match=r"another index: remove it, and run --shard 2/2 again"):
        wanted.read(part)
    (wanted.folder / part.file).write_bytes(b"PK")
    with pytest.raises(StudioError, match=r"Remove it, and run --shard 2/2 again"):
        wanted.read(part)


def test_a_part_that_the_memory_does_not_hold_is_not_called_damaged(
    wanted: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = wanted.begun().part(0)
    wanted.write(part, squares(part))

    def refuse(path: Path) -> None:
        raise TooLargeError("It takes 9 GB of memory.")

    monkeypatch.setattr("studio.engine.media.parts.read_arrays", refuse)
    with pytest.raises(TooLargeError, match=r"^It takes 9 GB of memory\.$"):
        wanted.read(part)


def test_what_a_killed_process_left_of_a_part_goes_when_it_is_written(wanted: Parts) -> None:
    wanted.begun()
    part = wanted.part(0)
    (left := wanted.folder / ".part-000000.part-x1.npz").touch()
    assert not wanted.is_done(part)
    wanted.write(part, squares(part))
    assert not left.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no JSON"),
        ("[1]", "no index of parts"),
        ('{"format": "autoregressive-studio parts", "version": 9}', "install a newer one"),
        ('{"format": "autoregressive-studio parts", "version": 1, "total": true}', "damaged"),
    ],
)
def test_an_index_that_cannot_be_read_is_refused(wanted: Parts, text: str, sentence: str) -> None:
    wanted.folder.mkdir()
    (wanted.folder / INDEX).write_text(text)
    with pytest.raises(StudioError, match=sentence):
        Parts.open(wanted.folder)


def test_a_folder_without_an_index_is_none_of_parts(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"no folder of parts: it has no index\.json"):
        Parts.open(tmp_path)
