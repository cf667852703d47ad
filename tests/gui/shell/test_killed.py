"""A window that is killed at any moment costs the last two seconds at most, and leaves nothing half
written. `tests/gui/killed_window.py` does it; here a few times, by hand a hundred."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.thorough import THOROUGH

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_window_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    rounds = 100 if THOROUGH else 1
    program = [sys.executable, "-m", "tests.gui.killed_window", str(tmp_path), str(rounds)]
    run = subprocess.run(program, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    outcome = json.loads(run.stdout)
    assert outcome["wrong"] == []
    assert outcome["rounds"] == rounds
    assert outcome["oldest"] <= 2.0
    assert outcome["saved"] > 0
