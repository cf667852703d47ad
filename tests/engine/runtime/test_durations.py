"""Times in words, no more exact than they can be known."""

from __future__ import annotations

from studio.engine.runtime.durations import about, rounded


def test_seconds_are_minutes_and_hours_in_words() -> None:
    assert [rounded(seconds) for seconds in (3, 65, 1200, 3590, 5400)] == [
        "less than a minute", "1 minute", "20 minutes", "1 hour", "1 hour 30 minutes",
    ]  # fmt: skip


def test_what_is_rounded_is_about_that_long() -> None:
    assert [about(seconds) for seconds in (3, 1200)] == ["less than a minute", "about 20 minutes"]
