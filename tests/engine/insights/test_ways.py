"""What a race comes to, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights.ways import CACHED, NAIVE, PARALLEL, WayMoment, in_words, outcome, share

_ALL = np.ones((4, 4), bool)


def way(name: str, seconds: float, multiplications: int, passes: int = 16) -> WayMoment:
    """One that has drawn all of a picture."""
    picture = np.zeros((1, 4, 4), np.uint8)
    return WayMoment(name, picture, _ALL, ~_ALL, 16, 16, passes, seconds, multiplications)


RACE = (way(NAIVE, 8.0, 4120), way(CACHED, 0.5, 10), way(PARALLEL, 3.2, 2060, 8))


def test_the_others_are_compared_with_the_naive_way():
    assert outcome(RACE) == (
        "The cache needed 1/412 of the multiplications and drew 16 times as fast."
        " All at once took 8 passes instead of 16, needed 50 % of the multiplications and drew"
        " 2.5 times as fast. All drew the same picture."
    )


def test_before_the_end_nothing_is_said():
    assert not outcome((replace(RACE[0], position=3), *RACE[1:]))


def test_what_was_stopped_is_carried_on_to_the_end():
    stopped = replace(RACE[0], position=4, multiplications=1030, seconds=2.0, stopped=True)
    told = outcome((stopped, *RACE[1:]))
    assert told.startswith("The cache needed 1/412 of the multiplications and drew 16 times")
    assert "Naive was stopped after 2 s at 4 of 16 pixels" in told


def test_pictures_that_differ_are_not_said_to_be_the_same():
    other = replace(RACE[1], values=np.eye(4, dtype=np.uint8)[None])
    assert "4 pixels came out otherwise" in outcome((RACE[0], other))


def test_a_way_that_is_not_there_is_not_compared():
    told = outcome((RACE[0], replace(RACE[1], position=0, why_not="It has no cache."), RACE[2]))
    assert "The cache" not in told
    assert told.endswith("Both drew the same picture.")


def test_numbers_are_said_in_words():
    counts = {950: "950", 12_400: "12.4 thousand", 999_960: "1.0 million", 3.2e9: "3.2 billion"}
    assert [in_words(count) for count in counts] == [*counts.values()]
    assert in_words(412e9) == "412 billion"
    assert share(1, 412) == "1/412"
    assert share(2, 3) == "67 %"
