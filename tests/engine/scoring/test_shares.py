"""Processes that train together score together: a share each, and the figures are those of all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.engine.scoring.shares import ALONE, Sample, Share
from tests.thorough import thorough_only


def test_every_example_is_in_exactly_one_share() -> None:
    shares = [row for rank in range(3) for row in range(11)[Share(rank, 3).rows]]
    assert sorted(shares) == list(range(11))
    assert list(range(11))[ALONE.rows] == list(range(11))


def test_a_sample_is_of_some_and_of_one_process_alone() -> None:
    sample = Sample(0, 4)
    assert list(range(11))[sample.rows] == [0, 4, 8]
    assert sample.added({"nats": 1.0}) == {"nats": 1.0}


@thorough_only
def test_processes_that_train_together_score_a_share_each_and_say_what_one_alone_says(
    stripes: Path, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    first, second = by_two_processes(stripes, tmp_path / "run")
    assert (first["scored"], second["scored"]) == ([3, 6], [2, 6])  # of 5 and 12 images
    assert first["pictures"] == second["pictures"]
    assert first["pictures"] == pytest.approx(first["pictures alone"], rel=1e-6)
    for together, alone in zip(first["sound"], first["sound alone"], strict=True):
        assert together == pytest.approx(alone, rel=1e-6)
    assert first["sound"] == second["sound"]
    assert first["steps"] == second["steps"] > 1, "they go by one clock"
    assert [shown["cancelled"] for shown in (first, second)] == [True, True], "one of them was"


def by_two_processes(pictures: Path, folder: Path) -> list[dict[str, Any]]:
    """What two processes say that train together, each on a processor; see `scoring_together`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        "LT_CLI_USED": "1", "LT_ACCELERATOR": "cpu", "LT_DEVICES": "2", "LT_STRATEGY": "ddp",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "TORCHELASTIC_RUN_ID": "test",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.engine.scoring_together", str(pictures), str(folder)]
    processes = [
        subprocess.Popen(
            command,
            env=os.environ | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        found = [json.loads(process.communicate(timeout=150)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return sorted(found, key=lambda shown: shown["rank"])
