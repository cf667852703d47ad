"""Progress and durations, as a terminal shows them."""

from __future__ import annotations

import io
import sys
import time

import pytest

from studio.cli.terminal import ProgressLine, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_at_a_terminal(monkeypatch):
    monkeypatch.setattr("studio.cli.terminal.UPDATE_EVERY", 0)
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with ProgressLine() as line:
        line.show("step 1 of 2")
        line.show("step 2")
    assert "\n" not in screen.getvalue()
    assert screen.getvalue().split("\r")[2] == "step 2     "
    assert screen.getvalue().endswith("\r")


def test_progress_in_a_log_is_a_line_now_and_then(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with ProgressLine() as line:
        for now[0] in range(0, 25, 5):
            line.show(f"after {now[0]} s")
    assert log.getvalue() == "after 10 s\nafter 20 s\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_are_worded(seconds, words):
    assert duration(seconds) == words
