"""A monkey uses the window for some seconds; `make monkey` lets it for longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.gui.sound_server import SoundServer

SECONDS = 8.0


@pytest.mark.slow
def test_random_use_raises_nothing_and_leaves_nothing_behind(
    tmp_path: Path, speaker: str, sound: SoundServer
) -> None:
    """In a process of its own: what it does to Qt and to the C library is nobody else's."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.monkey", "--here"]
    command += ["--folder", str(tmp_path), "--seed", "1", "--minutes", str(SECONDS / 60)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    log = tmp_path / "monkey.log"
    last = log.read_text().splitlines()[-20:] if log.exists() else []
    assert ended.returncode == 0, "\n".join([ended.stdout, ended.stderr, *last])
