"""Commands as a person types them: what they print, and what they complain of."""

from __future__ import annotations

import pytest

from studio.cli import main

SMALL = ["width=4", "hidden=4", "blocks=1", "kernel=3", "head=4", "batch=10"]

Capture = pytest.CaptureFixture[str]


def result(capsys: Capture, *arguments: str) -> str:
    """What a command that succeeds prints."""
    assert main(arguments) == 0
    return capsys.readouterr().out.strip()


def complaint(capsys: Capture, *arguments: str) -> str:
    """The one sentence of a command that cannot be carried out."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(".\n")
    assert "Traceback" not in err
    return err
