"""The tests of a GPU run where little is installed: not a window, not sound, not pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MARK = ".".join(("mark", "cuda"))  # so that it is not found here
# of what the studio needs, all but torch, numpy, safetensors, lightning-fabric and numba
ABSENT = (
    "PySide6 shiboken6 pyqtgraph soundfile soxr PIL imageio imageio_ffmpeg platformdirs psutil"
    " tensorboard pytestqt pytest_timeout xdist pytest_cov"
)
COLLECTING = f"""
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {ABSENT.split()!r}:
            raise ModuleNotFoundError(f"{{name}} is not installed", name=name)

sys.meta_path.insert(0, Absent())
import pytest

import studio.cli.measuring
import studio.engine.bench.device_speed

sys.exit(pytest.main(["-c", "tests/cuda.ini", "--rootdir", ".", "--collect-only", "-q"]
                     + sys.argv[1:]))
"""


@pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="the selection is made in a checkout")
def test_tests_that_need_a_gpu_are_found_without_a_window_or_libraries_of_sound() -> None:
    files = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if MARK in path.read_text()
    ]
    shown = subprocess.run(
        [sys.executable, "-c", COLLECTING, *files],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for path in files:
        assert f"{path}::" in shown.stdout, path
