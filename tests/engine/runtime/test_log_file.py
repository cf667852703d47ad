"""The log as a file: what is said and what goes wrong stands in it, and it stays of a size."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.engine.runtime import log_file
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.log_file import LogFile, log_folder, usual_place


@pytest.fixture(autouse=True)
def faults_of_the_tests(user_data_folder: Path) -> Iterator[None]:
    """pytest's own handler of faults comes back."""
    yield
    faulthandler.enable()


def test_what_the_studio_says_stands_in_it() -> None:
    log = LogFile()
    logging.getLogger("studio.engine.data").warning("One picture is damaged.")
    log.note("Traceback: what nobody caught")
    log.end()
    logging.getLogger("studio.engine.data").warning("Not any more.")
    text = usual_place().read_text()
    assert "Autoregressive Studio" in text
    assert "WARNING One picture is damaged." in text
    assert "ERROR Traceback: what nobody caught" in text
    assert "Not any more." not in text


def test_a_second_window_has_a_log_of_its_own() -> None:
    first, second = LogFile(), LogFile()
    assert first.path == usual_place()
    assert second.path.name == "studio-2.log"
    second.end()
    first.end()
    again = LogFile()
    assert again.path == usual_place(), "a log that nobody writes is gone on with"
    again.end()


def test_it_turns_over_where_it_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "_LARGEST", 2000)
    log = LogFile()
    for number in range(200):
        log.note(f"line {number} " + "x" * 80)
    log.end()
    files = sorted(path.name for path in log_folder().glob("studio.log*"))
    assert files == ["studio.log", "studio.log.1", "studio.log.2", "studio.log.3"]
    assert all((log_folder() / name).stat().st_size <= 2100 for name in files)
    assert "line 199" in usual_place().read_text()


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    log_folder().parent.mkdir(parents=True, exist_ok=True)
    log_folder().touch()
    with pytest.raises(StudioError, match="cannot be written"):
        LogFile()
