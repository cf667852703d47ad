"""The tests of a GPU, and the benchmark of one, are found where little is installed: no window, no
sound, no pictures."""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path

import lightning_fabric  # noqa: F401 - heavy, and there already in the process that is forked
import pytest

ROOT = Path(__file__).parent.parent
# of what the studio and its tests need, all but torch, numpy, safetensors, lightning-fabric, numba
# and pytest
ABSENT = {
    *("PySide6", "shiboken6", "pyqtgraph", "PIL", "imageio", "imageio_ffmpeg", "soundfile", "soxr"),
    *("platformdirs", "psutil", "tensorboard"),
    *("pytestqt", "pytest_timeout", "pytest_cov", "xdist"),
}
OURS = {"studio", "models", "tests"}


class Absent:
    """Finds none of them, whatever is installed."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)


def collect(files: list[str], shown: Path) -> None:
    """In a process of its own: import everything of ours anew, without what is absent, and write
    which tests there are."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in ABSENT | OURS:
            del sys.modules[name]
    sys.meta_path.insert(0, Absent())  # type: ignore[arg-type]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    file = shown.open("w")
    for stream in (1, 2):
        os.dup2(file.fileno(), stream)
    sys.stdout = sys.stderr = file
    import_module("studio.cli.measuring")
    import_module("studio.engine.bench.device_speed")
    how = ("-c", "tests/cuda.ini", "--rootdir", ".", "--collect-only", "--quiet")
    status = pytest.main([*how, *files])
    file.flush()
    os._exit(int(status))


@pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="the selection is made in a checkout")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked, which saves seconds")
def test_tests_that_need_a_gpu_are_found_without_a_window_or_libraries_of_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "mark.cuda" in path.read_text() and path != Path(__file__)
    ]
    monkeypatch.chdir(ROOT)
    shown = tmp_path / "shown"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = multiprocessing.get_context("fork").Process(target=collect, args=(files, shown))
        child.start()
    child.join(150)
    child.kill()
    said = shown.read_text()
    assert child.exitcode == 0, said
    assert files
    for path in files:
        assert f"{path}::" in said, path
