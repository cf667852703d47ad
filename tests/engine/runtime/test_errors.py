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


def test_what_a_file_says_of_itself_is_repeated_in_short_and_without_control_characters() -> None:
    said = str(StudioError(f'The model "{"x" * 1_000_000}\x1b[2J\n" is not known here.'))
    assert len(said) <= 600
    assert said.isprintable()
    assert said.startswith('The model "xxx')
    assert said.endswith("is not known here.")
