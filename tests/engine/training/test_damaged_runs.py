"""Whatever is in the files of a run, resuming it ends in one sentence, or goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.trainings import trained
from tests.thorough import THOROUGH
from tests.tiny import tiny_data

SEEDS, PARTS = (200, 2) if THOROUGH else (4, 1)


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_at_random_a_run_is_resumed_or_refused_in_a_sentence(
    tmp_path: Path, part: int
) -> None:
    """Nor does it allocate a gigabyte, which the program that does it here may not."""
    trained("pixelcnn", tiny_data(tmp_path), tmp_path / "run", epochs=1)
    seeds = [str(SEEDS * at // PARTS) for at in (part, part + 1)]
    folders = [str(tmp_path / name) for name in ("run", "copy")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.training.damaging", *folders, *seeds],
        stdout=subprocess.PIPE,
        env=os.environ,
        text=True,
        check=True,
        timeout=200,
    )
    assert json.loads(done.stdout) == {}
