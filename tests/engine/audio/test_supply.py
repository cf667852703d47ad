"""Sound waits to be heard as long as it has to, and no longer."""

from __future__ import annotations

import pytest

from studio.engine.audio.supply import Supply

RATE = 1000


def supply(speed: float, seconds: float = 1.0) -> Supply:
    made = Supply(RATE)
    made.measure(round(speed * seconds), seconds)
    return made


def test_nobody_waits_where_sound_is_made_faster_than_it_is_heard():
    assert supply(2000).wait(ahead=300, left=10_000) == 0


def test_a_slow_supply_is_waited_for_until_what_is_there_lasts_to_the_end():
    """Ten seconds, made half as fast as they are heard, and with a margin."""
    assert supply(500).wait(ahead=0, left=10_000) == pytest.approx(24 - 10)
    assert supply(500).wait(ahead=5000, left=5000) == pytest.approx(12 - 10)
    assert supply(500).wait(ahead=8000, left=2000) == 0


def test_where_all_is_made_it_begins_at_once():
    assert Supply(RATE).wait(ahead=500, left=0) == 0


def test_before_anything_was_measured_nobody_knows():
    assert Supply(RATE).wait(ahead=0, left=1000) is None
    assert supply(2000, 0.05).wait(ahead=100, left=10_000) is None


def test_a_second_of_sound_made_in_no_time_tells_that_it_is_fast():
    assert supply(100_000, 0.02).wait(ahead=RATE, left=10_000) == 0


def test_speed_is_that_of_late_and_forgotten_when_something_else_makes_it():
    made = supply(4000)
    for _ in range(20):
        made.measure(100, 1.0)
    assert made.speed == pytest.approx(100, rel=0.01)
    made.forget()
    assert made.speed == 0
