"""`studio generate --shard`, `studio evaluate --shard` and `studio join`."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from studio.cli import main
from studio.engine.media.parts import Parts
from studio.engine.runtime.shards import Shard
from studio.engine.scenes import sample_parts
from tests.cli.commands import complaint, result
from tests.engine.two_processes import ended, forks
from tests.tiny import tiny_checkpoint, tiny_data, tiny_voice


@pytest.fixture(autouse=True)
def few_parts(monkeypatch):
    """Five of 20 pictures."""
    monkeypatch.setattr("studio.engine.scenes.sample_parts._LEAST_PARTS", 5)


@pytest.fixture
def draw(here: Path) -> list[str]:
    return ["generate", str(tiny_checkpoint(here, "made")), "--count", "20", "--seed", "3"]


def there(folder: Path) -> dict[str, int]:
    """The parts that there are, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*")}


def test_shards_are_joined_to_the_file_of_a_single_command(here, capsys, draw):
    assert result(capsys, *draw, "--shard", "2/2", "--out", "many") == "many"
    assert "run --shard 1/2 again" in complaint(capsys, "join", "many")
    assert main([*draw, "--shard", "1/2", "--out", "many"]) == 0
    assert "`studio join many` makes one of them" in capsys.readouterr().err
    said = json.loads(result(capsys, "join", "many", "--json"))
    assert (said["files"], said["count"], said["seed"]) == (["many.npz"], 20, 3)
    result(capsys, *draw, "--out", "once.npz")
    np.testing.assert_array_equal(np.load("many.npz")["arr_0"], np.load("once.npz")["arr_0"])


def test_takes_of_sound_are_joined_to_the_file_of_a_single_command(here, capsys):
    path = str(tiny_voice(here))
    make = ["generate", path, "--count", "5", "--seconds", "0.05", "--seed", "3"]
    assert result(capsys, *make, "--shard", "2/2") == "tiny-wavenet-3"
    result(capsys, *make, "--shard", "1/2")
    said = json.loads(result(capsys, "join", "tiny-wavenet-3", "--json"))
    assert (said["files"], said["count"]) == (["tiny-wavenet-3.npz"], 5)
    result(capsys, *make, "--out", "once.npz")
    joined, once = np.load("tiny-wavenet-3.npz")["arr_0"], np.load("once.npz")["arr_0"]
    assert joined.shape == (5, 50)
    np.testing.assert_array_equal(joined, once)
    result(capsys, "recall", "tiny-wavenet-3.npz", "--checkpoint", path, "--out", "again.npy")
    np.testing.assert_array_equal(np.load("again.npy"), once)
    sentence = complaint(capsys, *make, "--takes", "9", "--shard", "1/2")
    assert "--takes chooses among all of them" in sentence


def test_one_of_many_is_drawn_again_alone(here, capsys, draw):
    result(capsys, *draw, "--out", "all.npy")
    result(capsys, *draw, "--count", "2", "--first", "17", "--out", "two.npy")
    np.testing.assert_array_equal(np.load("two.npy"), np.load("all.npy")[17:19])


@forks
def test_a_shard_that_is_killed_while_it_writes_goes_on_where_it_was(here, capsys, draw):
    command = [*draw, "--shard", "1/1", "--out", "many"]

    def draw_until_killed() -> None:
        saved, calls = np.savez_compressed, iter(range(100))

        def killed(path: Path, **arrays: Any) -> None:
            saved(path, **arrays)
            if next(calls) == 2:
                os.truncate(path, path.stat().st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        with patch("numpy.savez_compressed", killed):
            main(command)

    assert ended(draw_until_killed) == -signal.SIGKILL
    before = there(Path("many"))
    assert len(before) == 2
    said = json.loads(result(capsys, *command, "--json"))
    assert (said["parts"], said["drawn"], said["missing"]) == (5, 3, 0)
    assert there(Path("many")).items() >= before.items(), "they are not drawn again"
    assert not [*Path("many").glob(".part*")]
    result(capsys, "join", "many")
    result(capsys, *draw, "--out", "once.npz")
    np.testing.assert_array_equal(np.load("many.npz")["arr_0"], np.load("once.npz")["arr_0"])


def test_a_shard_that_is_interrupted_says_how_to_go_on(here, capsys, draw, monkeypatch):
    write, calls = Parts.write, iter(range(100))

    def until_ctrl_c(self: Parts, *part) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt
        write(self, *part)

    monkeypatch.setattr(Parts, "write", until_ctrl_c)
    assert main([*draw, "--shard", "1/1", "--json"]) == 130
    out, err = capsys.readouterr()
    assert "the same command goes on" in err
    said = json.loads(out)
    assert (said["files"], said["interrupted"], said["drawn"]) == (["tiny-made-3"], True, 1)


def test_a_shard_counts_what_it_has_drawn_itself(here, capsys, draw, monkeypatch):
    real = sample_parts.draw

    def together(parts, shard, *rest):
        real(parts, shard, *rest)
        real(parts, Shard(2, 2), *rest)  # another process, meanwhile

    monkeypatch.setattr(sample_parts, "draw", together)
    said = json.loads(result(capsys, *draw, "--shard", "1/2", "--out", "many", "--json"))
    parts = Parts.open(Path("many"))
    assert said["missing"] == 0
    assert said["drawn"] == len(parts.of(Shard(1, 2))) < parts.count


def test_a_score_of_shards_is_the_score_of_a_single_command(here, capsys, monkeypatch):
    monkeypatch.setattr("studio.engine.scoring.evaluation.BATCH", 20)
    path = str(tiny_checkpoint(here, "made", data=str(tiny_data(here))))
    shard = ["evaluate", path, "--split", "train", "--shard"]
    said = json.loads(result(capsys, *shard, "2/2", "--json"))
    assert (said["files"], said["missing"]) == (["tiny-made-train-score"], 1)
    last = json.loads(result(capsys, *shard, "1/2", "--json"))
    once = json.loads(result(capsys, "evaluate", path, "--split", "train", "--json"))
    joined = json.loads(
        result(capsys, "join", "tiny-made-train-score", "--checkpoint", path, "--json")
    )
    assert last == joined
    assert {**joined, "seconds": 0} == {**once, "seconds": 0}


def test_parts_of_other_data_of_the_same_name_are_not_added_up(here, capsys):
    data = tiny_data(here)
    path = str(tiny_checkpoint(here, "made", data=str(data)))
    shard = ["evaluate", path, "--split", "train", "--data", data.name, "--out", "score", "--shard"]
    result(capsys, *shard, "1/2")
    result(capsys, *shard, "2/2")
    assert json.loads(result(capsys, "join", "score", "--checkpoint", path, "--json"))
    with np.load(data) as arrays:
        np.savez(data, **{name: values[::-1] for name, values in arrays.items()})
    assert "data_fingerprint is" in complaint(capsys, *shard, "1/2")
    assert f'"{data.name}" has changed since its parts were scored' in complaint(
        capsys, "join", "score", "--checkpoint", path
    )


@pytest.mark.parametrize(
    ("shard", "sentence"),
    [
        ("0/4", "no shard 0/4: they go from 1/4 to 4/4"),
        ("5/4", "no shard 5/4: they go from 1/4 to 4/4"),
        ("a/b", '"a/b" is not I/N'),
    ],
)
def test_a_shard_that_cannot_be_is_refused(here, capsys, shard, sentence):
    assert sentence in complaint(capsys, "generate", "made", "--shard", shard)


def test_what_does_not_go_together_is_refused(here, capsys, draw):
    shard = ["--shard", "1/2", "--out"]
    result(capsys, *draw, *shard, "many")
    three = complaint(capsys, *draw, "--shard", "1/3", "--out", "many")
    assert "divided into 2 shards, not 3" in three
    assert "seed is 3 there, and 4 here" in complaint(capsys, *draw, "--seed", "4", *shard, "many")
    assert "names a folder for the parts" in complaint(capsys, *draw, *shard, "many.npz")
    assert "--out is for the parts of --shard" in complaint(
        capsys, "evaluate", draw[1], "--out", "score"
    )
    assert "--checkpoint is for" in complaint(capsys, "join", "many", "--checkpoint", "made")
    assert "no folder of parts" in complaint(capsys, "join", ".")
