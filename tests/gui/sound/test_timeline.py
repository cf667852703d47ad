"""The timeline: what is seen of a sound, and who hears of it."""

from __future__ import annotations

import numpy as np
import pytest

from studio.gui.sound.time_window import CLOSEST, TimeWindow
from studio.gui.sound.timeline import Timeline

RATE = 8000


@pytest.fixture
def timeline() -> Timeline:
    """A minute of silence in two takes, of which the first ten seconds are seen in 1,000 pixels."""
    timeline = Timeline()
    timeline.set_width(1000)
    timeline.begin(2, RATE)
    timeline.append(np.zeros((2, 60 * RATE), np.float32))
    return timeline


def seconds(timeline: Timeline) -> tuple[float, float]:
    return timeline.window.start / timeline.rate, timeline.window.stop / timeline.rate


@pytest.mark.parametrize("factor", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("x", [0, 333, 999])
def test_zooming_leaves_what_is_under_the_pointer_where_it_is(factor: float, x: int) -> None:
    before = TimeWindow.over(40_000, 80_000, 1000)
    after = before.zoomed(factor, x, farthest=10_000)
    assert after.step == pytest.approx(before.step * factor)
    assert abs(after.x_of(before.sample_at(x)) - x) <= max(1, 1 / factor * 0.02)


def test_zooming_ends_where_samples_lie_far_apart_and_where_all_is_seen(timeline: Timeline) -> None:
    timeline.zoom(1e-9, 500)
    assert timeline.window.step == CLOSEST
    timeline.zoom(1e9, 500)
    assert seconds(timeline)[0] == 0
    assert 60 <= seconds(timeline)[1] < 62


def test_every_sample_is_under_one_pixel_and_every_pixel_over_its_sample() -> None:
    window = TimeWindow.over(1000, 51_000, 700)
    assert [window.x_of(window.sample_at(x)) - x for x in range(0, 700, 7)] == pytest.approx(
        [0] * 100, abs=1
    )


def test_a_wider_view_shows_the_same_seconds(timeline: Timeline) -> None:
    timeline.pan(200)
    before = seconds(timeline)
    timeline.set_width(1500)
    assert seconds(timeline) == pytest.approx(before, abs=0.01)


def test_nobody_gets_lost_beyond_the_ends(timeline: Timeline) -> None:
    timeline.pan(-5000)
    assert seconds(timeline)[0] == 0
    timeline.pan(10**6)
    assert seconds(timeline)[0] < 60, "its end is still seen"


def test_the_view_goes_along_with_the_playhead(timeline: Timeline) -> None:
    for second in range(0, 60, 2):
        timeline.set_playhead(second * RATE)
        start, stop = seconds(timeline)
        assert start <= second < stop
    timeline.set_playhead(RATE)  # a loop leads back
    assert seconds(timeline)[0] < 1


def test_it_stays_where_the_person_moved_to_until_it_is_asked_to_follow(timeline: Timeline) -> None:
    emitted: list[bool] = []
    timeline.following_changed.connect(emitted.append)
    timeline.pan(2000)
    before = seconds(timeline)
    timeline.set_playhead(55 * RATE)
    assert seconds(timeline) == before
    timeline.follow(True)
    assert seconds(timeline)[0] < 55 < seconds(timeline)[1]
    assert emitted == [False, True]


def test_zooming_in_elsewhere_is_moving_away_and_zooming_in_on_the_playhead_is_not(
    timeline: Timeline,
) -> None:
    timeline.set_playhead(2 * RATE)
    timeline.zoom(0.1, 200)
    assert timeline.following
    timeline.zoom(0.1, 900)
    assert not timeline.following


def test_where_all_of_it_is_seen_it_stays(timeline: Timeline) -> None:
    timeline.show_all()
    timeline.set_playhead(59 * RATE)
    assert seconds(timeline)[0] == 0
    assert timeline.following
    timeline.zoom(0.5, 0)
    timeline.follow(True)
    assert seconds(timeline)[0] > 0


def test_who_seeks_goes_along_again(timeline: Timeline) -> None:
    sought: list[int] = []
    timeline.sought.connect(sought.append)
    timeline.pan(500)
    timeline.seek(4 * RATE)
    timeline.seek(10**9)
    assert sought == [4 * RATE, timeline.length]
    assert timeline.following


def test_a_selection_lies_within_the_sound_from_its_earlier_end_to_its_later_one(
    timeline: Timeline,
) -> None:
    timeline.select(5000, -3)
    assert timeline.selection == (0, 5000)
    timeline.select(400_000, 10**9)
    assert timeline.selection == (400_000, timeline.length)
    timeline.cut(300_000)
    assert timeline.selection is None, "what was selected is gone"


def test_a_selection_grows_from_the_playhead_and_turns_round_its_other_end(
    timeline: Timeline,
) -> None:
    timeline.set_playhead(2 * RATE)
    timeline.extend(-50)
    timeline.extend(-50)
    assert timeline.selection == pytest.approx((1 * RATE, 2 * RATE), abs=0.05 * RATE), (
        "100 pixels are a second"
    )
    for _ in range(3):
        timeline.extend(-50)
    assert timeline.selection == (0, 2 * RATE), "no farther than the sound"
    timeline.select(1 * RATE, 4 * RATE)
    timeline.extend(-50)
    assert timeline.selection == pytest.approx((1 * RATE, 3.5 * RATE), abs=0.05 * RATE)
    timeline.extend(-300)
    assert timeline.selection == pytest.approx((0.5 * RATE, 1 * RATE), abs=0.1 * RATE)


def test_a_selection_grows_by_less_the_nearer_one_looks_and_by_a_sample_at_least(
    timeline: Timeline,
) -> None:
    sizes = []
    for factor in (1, 0.1, 1e-9):
        timeline.unselect()
        timeline.zoom(factor, 0)
        timeline.extend(8)
        assert timeline.selection is not None
        sizes.append(timeline.selection[1])
    assert sizes[0] == pytest.approx(10 * sizes[1], rel=0.1)
    assert sizes[2] == 1


@pytest.mark.parametrize(("way", "moved"), [(8, 1), (-8, 0)])
def test_the_end_that_is_moved_stays_in_sight(timeline: Timeline, way: int, moved: int) -> None:
    timeline.zoom(0.5, 0)
    timeline.set_playhead(30 * RATE)
    for step in range(1, 201):
        timeline.extend(way)
        assert timeline.selection is not None
        second = timeline.selection[moved] / RATE
        assert second == pytest.approx(30 + way * step * 0.0051, abs=0.1)
        assert seconds(timeline)[0] <= second <= seconds(timeline)[1]


def test_a_change_is_signalled_once(timeline: Timeline) -> None:
    emitted: list[str] = []
    timeline.selection_changed.connect(lambda: emitted.append("selection"))
    timeline.take_changed.connect(lambda take: emitted.append(f"take {take}"))
    for _ in range(2):
        timeline.select(10, 20)
        timeline.choose_take(1)
    assert emitted == ["selection", "take 1"]


def test_another_sound_with_fewer_takes_has_the_first_chosen(timeline: Timeline) -> None:
    timeline.choose_take(1)
    timeline.select(10, 20)
    before = seconds(timeline)
    timeline.begin(1, 16_000)
    assert (timeline.take, timeline.selection, timeline.length) == (0, None, 0)
    assert seconds(timeline) == pytest.approx(before), "the same seconds at twice the rate"
