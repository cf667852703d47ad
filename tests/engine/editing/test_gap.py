"""Where a gap is, and that it is one."""

from __future__ import annotations

import pytest

from studio.engine.editing.gap import Gap, gap_between
from studio.engine.runtime.errors import StudioError


def test_it_lies_between_two_times() -> None:
    gap = gap_between(0.1, 0.15, 8000, 8000)
    assert (gap.begin, gap.end, gap.length) == (800, 1200, 400)
    assert gap.in_words(8000) == "0.1000 to 0.1500 s"


def test_at_another_rate_it_covers_the_same_times() -> None:
    assert Gap(800, 1200).at(8000, 16_000) == Gap(1600, 2400)
    assert Gap(801, 1199).at(8000, 4000) == Gap(400, 600), "all of it"


@pytest.mark.parametrize(
    ("begin", "end", "sentence"),
    [
        (0.5, 0.5, "is empty"),
        (0.5, 0.4, "is empty"),
        (0.9, 1.1, "does not lie within the recording, which lasts 1.000 s"),
        (3.0, 4.0, "does not lie within the recording"),
        (-0.1, 0.1, "does not lie within the recording"),
    ],
)
def test_a_gap_that_is_none_is_refused_in_a_sentence(
    begin: float, end: float, sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        gap_between(begin, end, 1000, 1000)


def test_a_gap_that_is_too_long_is_refused_and_a_way_out_named() -> None:
    assert gap_between(0, 1, 5000, 1000).length == 1000
    with pytest.raises(StudioError, match=r"2\.00 s, and at most 1 s .* go on from where"):
        gap_between(1, 3, 5000, 1000)
