"""The pace of a run, given the time by the test."""

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.pace import Pace


def paced(speed: float, now: float = 100.0) -> Pace:
    pace = Pace()
    pace.set_speed(speed, now)
    pace.start(now)
    return pace


def test_the_first_site_comes_at_once_and_each_other_a_beat_later():
    pace = paced(2)
    assert pace.due(100.0) == 1
    pace.did(1, 100.0)
    assert pace.due(100.4) == 0
    assert pace.wait(100.4) == pytest.approx(0.1)
    assert pace.due(100.5) == 1


def test_lateness_does_not_add_up():
    """Every look comes a little late, and an hour later the run is still in step."""
    pace, done, now = paced(10), 0, 100.0
    while now < 3700:
        due = pace.due(now)
        done += due
        pace.did(due, now)
        now += pace.wait(now) + 0.013
    assert done == pytest.approx(36_001, abs=1)


def test_a_long_delay_is_not_made_up_for_in_a_rush():
    pace = paced(100)
    pace.did(1, 100.0)
    assert pace.due(110.0) > 990
    pace.did(1, 110.0)
    assert pace.due(110.0) <= 26


def test_a_higher_speed_does_not_wait_for_the_slow_beat():
    pace = paced(0.01)
    pace.did(1, 100.0)
    pace.set_speed(10, 101.0)
    assert pace.wait(101.0) == pytest.approx(0.1)


def test_a_change_of_speed_gives_no_site_for_nothing():
    pace, now = paced(1), 100.0
    pace.did(1, now)
    for _ in range(50):
        now += 0.01
        pace.set_speed(1, now)
        assert pace.due(now) == 0


def test_without_a_limit_nothing_is_ever_due():
    pace = Pace()
    pace.start(0.0)
    assert pace.due(1000.0) == 0


def test_the_measured_speed_is_that_of_the_last_second():
    pace = Pace()
    pace.start(0.0)
    assert pace.measured == 0
    for tick in range(1, 201):
        pace.did(50 if tick <= 100 else 10, tick / 50)
    assert pace.measured == pytest.approx(500, rel=0.05)


def test_given_sites_count_as_seen_but_not_for_the_pace():
    pace = paced(2)
    pace.did(1, 100.0, besides=20)
    assert pace.wait(100.0) == pytest.approx(0.5)
    assert pace.measured == pytest.approx(42)


@pytest.mark.parametrize("speed", [0, -3, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed):
    pace = paced(3)
    with pytest.raises(StudioError, match="above 0"):
        pace.set_speed(speed, 0.0)
    assert pace.speed == 3
