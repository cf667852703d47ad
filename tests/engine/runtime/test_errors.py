"""An error that is meant for the person reaches them as its sentence, and as nothing else."""

from __future__ import annotations

import pytest

from studio.cli import main
from studio.engine.runtime.errors import StudioError


def test_a_command_that_ends_with_one_prints_its_sentence_and_has_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise StudioError("The cupboard is empty.")

    monkeypatch.setattr("studio.cli.build_parser", fail)
    assert main(["models"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "The cupboard is empty.\n")
