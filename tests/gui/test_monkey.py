"""A monkey uses the window for some seconds; `make monkey` lets it for longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 5.0


@pytest.mark.slow
def test_random_use_raises_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """In a process and on a display of its own: what it does to Qt and to the C library is nobody
    else's, and what this process has on the clipboard could not be pasted while it waits."""
    command = [sys.executable, "-m", "tests.monkey", "--folder", str(tmp_path)]
    command += ["--seed", "1", "--minutes", str(SECONDS / 60)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    log = tmp_path / "monkey.log"
    last = log.read_text().splitlines()[-20:] if log.exists() else []
    assert ended.returncode == 0, "\n".join([ended.stdout, ended.stderr, *last])
