"""What a sound was gone on from can be come back to."""

from __future__ import annotations

import numpy as np

from models.companding import mu_law_decode, mu_law_encode
from studio.engine.editing.beginnings import MOST_BYTES, Beginnings
from studio.engine.editing.gap import Gap


def test_it_begins_with_silence_and_the_way_back_ends_there() -> None:
    beginnings = Beginnings()
    assert (beginnings.codes(8000), beginnings.can_undo, beginnings.can_redo) == (
        None,
        False,
        False,
    )
    one, other = np.full(3, 100, np.uint8), np.full(4, 200, np.uint8)
    for codes in (one, other, None):
        beginnings.put(codes, 8000)
    found = []
    while beginnings.can_undo:
        beginnings.undo()
        found.append(beginnings.codes(8000))
    assert found == [other, one, None], "the very same"


def test_what_was_undone_comes_back_until_there_is_something_else() -> None:
    beginnings = Beginnings()
    beginnings.put(np.full(3, 100, np.uint8), 8000)
    beginnings.undo()
    beginnings.redo()
    assert beginnings.codes(8000) is not None
    beginnings.undo()
    beginnings.put(np.full(5, 50, np.uint8), 8000)
    assert not beginnings.can_redo
    codes = beginnings.codes(8000)
    assert codes is not None
    assert len(codes) == 5


def test_only_so_many_are_remembered() -> None:
    beginnings = Beginnings()
    for number in range(30):
        beginnings.put(np.full(1, number, np.uint8), 8000)
    steps = 0
    while beginnings.can_undo:
        beginnings.undo()
        steps += 1
    assert steps == 19


def test_a_model_of_another_rate_hears_the_same() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(8000) / 8000)).astype(np.float32)
    beginnings = Beginnings()
    beginnings.put(mu_law_encode(tone), 8000)
    codes = beginnings.codes(16_000)
    assert codes is not None
    assert len(codes) == 16_000
    again = mu_law_decode(codes)[1000:-1000]
    meant = 0.5 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000)[1000:-1000]
    assert np.abs(again - meant).max() < 0.05


def test_long_ones_are_forgotten_sooner_but_the_last_can_always_be_undone() -> None:
    beginnings = Beginnings()
    for _ in range(5):
        beginnings.put(np.zeros(MOST_BYTES // 2, np.uint8), 8000)
    ways_back = 0
    while beginnings.can_undo:
        beginnings.undo()
        ways_back += 1
    assert ways_back == 1


def test_what_was_filled_in_it_is_remembered_with_it_at_any_rate() -> None:
    beginnings = Beginnings()
    beginnings.put(np.full(100, 100, np.uint8), 8000)
    takes = np.stack([np.full(100, 100, np.uint8), np.full(100, 110, np.uint8)])
    beginnings.put(takes, 8000, (Gap(20, 30),))
    assert beginnings.filled(8000) == (Gap(20, 30),)
    assert beginnings.filled(16_000) == (Gap(40, 60),)
    codes = beginnings.codes(16_000)
    assert codes is not None
    assert codes.shape == (2, 200)
    assert abs(int(codes[1, 100]) - 110) <= 1, "each take is resampled by itself"
    beginnings.undo()
    assert beginnings.filled(8000) == ()


def test_a_history_is_taken_up_where_it_was() -> None:
    beginnings, other = Beginnings(), Beginnings()
    for value in (1, 2):
        beginnings.put(np.full(10, value, np.uint8), 8000)
    beginnings.undo()
    other.take_up(*beginnings.history)
    codes = other.codes(8000)
    assert codes is not None
    assert codes[0] == 1
    assert other.can_undo
    assert other.can_redo


def test_a_history_of_nothing_is_silence() -> None:
    beginnings = Beginnings()
    beginnings.take_up((), 7)
    assert beginnings.codes(8000) is None
    assert not beginnings.can_undo
