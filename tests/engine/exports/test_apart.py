"""An export in a process of its own ends as the command does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.engine.exports.apart import export_apart
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Cancelled, CancelToken


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What runs in the place of the studio, which would take seconds to start: a program of one
    line, to be filled in. After it, what it was called with."""
    real, called = subprocess.Popen, ["pass"]

    def begin(command: list[str], **how: Any) -> subprocess.Popen[str]:
        called.extend(command)
        return real([sys.executable, "-c", called[0]], **how)

    monkeypatch.setattr("studio.engine.exports.apart.subprocess.Popen", begin)
    return called


def test_it_says_what_was_written(program: list[str]) -> None:
    files = [{"file": "a.onnx", "what": "pass", "largest_difference": 1e-7}]
    program[0] = f"print('''{json.dumps({'files': files})}''')"
    assert export_apart(Path("a.safetensors"), Path("a.onnx"), ["mine.py"]) == files
    assert program[3:] == [
        *("studio", "--models", "mine.py", "export", "a.safetensors"),
        *("--onnx", "a.onnx", "--json"),
    ]


def test_its_complaint_is_passed_on(program: list[str]) -> None:
    program[0] = "import sys; print('Exporting.\\nIt is full.', file=sys.stderr); sys.exit(2)"
    with pytest.raises(StudioError, match=r"^It is full\.$"):
        export_apart(Path("a.safetensors"), Path("a.onnx"))


def test_it_ends_when_it_is_cancelled(program: list[str]) -> None:
    program[0] = "import time; time.sleep(60)"
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        export_apart(Path("a.safetensors"), Path("a.onnx"), token=token)
