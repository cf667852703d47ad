"""How long something takes is the median, by any clock."""

from __future__ import annotations

import pytest

from studio.engine.runtime.timing import seconds_for


class Work:
    """Takes as long as it is to, one time after the other, by a clock of its own."""

    def __init__(self, *seconds: float) -> None:
        self.left = list(seconds)
        self.now = 0.0

    def __call__(self) -> None:
        self.now += self.left.pop(0)

    def clock(self) -> float:
        return self.now


def test_it_is_the_median_and_the_first_time_does_not_count() -> None:
    work = Work(99, 1, 7, 2)
    assert seconds_for(work, repeats=3, clock=work.clock) == 2
    assert not work.left


def test_without_warming_up_the_first_time_counts() -> None:
    work = Work(5, 1)
    assert seconds_for(work, repeats=1, warm_up=False, clock=work.clock) == 5
    assert work.left == [1]


@pytest.mark.parametrize(("each", "times"), [(4.0, 4), (20.0, 1)])
def test_what_takes_long_is_repeated_less_often(each: float, times: int) -> None:
    work = Work(*[each] * 20)
    assert seconds_for(work, repeats=9, warm_up=False, clock=work.clock) == each
    assert 20 - len(work.left) == times
