"""The house: arrows run from the window to the engine to the models,
and heavy libraries come in late."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

needs_checkout = pytest.mark.skipif(
    not (ROOT / "pyproject.toml").is_file(),
    reason="the contracts stand in the checkout's pyproject.toml",
)


def imported_by(*modules: str) -> set[str]:
    """The libraries that these modules bring in, in a process of their own."""
    code = (
        f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in"
        " sys.modules})"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(shown.stdout.split())


@needs_checkout
def test_import_linter_keeps_the_contracts():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command is not None
    linted = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout


def test_what_the_window_shows_first_brings_in_neither_torch_nor_qt():
    libraries = imported_by(
        "studio.engine.runtime.jobs",
        "studio.engine.generation.player",
        "studio.engine.editing.painting",
        "studio.engine.checkpoints.cards",
    )
    assert not libraries & {"torch", "PySide6"}


def test_the_window_itself_is_there_before_torch():
    assert "torch" not in imported_by("studio.gui.shell.app", "studio.firstrun")
