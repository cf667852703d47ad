"""The ring gives what was put in, never makes the player wait, and knows where it is."""

import threading
import time

import numpy as np
import pytest

from studio.engine.audio.sound_ring import SoundRing
from studio.engine.runtime.jobs import CancelToken

RATE = 1000


def ramp(begin: int, end: int) -> np.ndarray:
    """Samples that say which they are; 0 is silence, so they begin at 1."""
    return np.arange(begin, end, dtype=np.float32)


def ring_of(capacity: int, preroll: int = 1, stretch: int = 1) -> SoundRing:
    """A ring whose sizes are given in samples."""
    return SoundRing(RATE, capacity / RATE, preroll / RATE, stretch / RATE)


@pytest.fixture
def writing():
    """Runs a write that may have to wait in a thread of its own."""
    threads = []

    def write(ring: SoundRing, samples: np.ndarray, token: CancelToken | None = None) -> list[bool]:
        ended: list[bool] = []
        threads.append(threading.Thread(target=lambda: ended.append(ring.write(samples, token))))
        threads[-1].start()
        return ended

    yield write
    for thread in threads:
        thread.join(5)


def wait_for(so) -> None:
    deadline = time.monotonic() + 5
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_what_is_written_in_pieces_is_read_in_others(writing):
    ring = ring_of(7)
    writing(ring, ramp(1, 101))
    heard: list[np.ndarray] = []
    for count in [3, 5, 2] * 10:
        wait_for(lambda count=count: ring.level * RATE >= count)
        heard.append(ring.read(count))
    assert np.array_equal(np.concatenate(heard), ramp(1, 101))
    assert ring.underruns == 0


def test_a_full_ring_makes_the_maker_wait_until_something_is_read(writing):
    ring = ring_of(10)
    ended = writing(ring, ramp(1, 13))
    wait_for(lambda: ring.level == 0.01)
    time.sleep(0.02)
    assert ended == []
    ring.read(2)
    wait_for(lambda: ended == [True])


@pytest.mark.parametrize("by", ["token", "finish"])
def test_a_maker_that_waits_can_be_stopped_at_once(writing, by):
    ring, token = ring_of(10), CancelToken()
    ended = writing(ring, ramp(1, 100), token if by == "token" else None)
    wait_for(lambda: ring.level == 0.01)
    began = time.monotonic()
    token.cancel()
    if by == "finish":
        ring.finish()
    wait_for(lambda: ended == [False])
    assert time.monotonic() - began < 0.1


def test_nothing_is_heard_before_the_pre_roll_is_there():
    ring = ring_of(100, preroll=10)
    ring.write(ramp(1, 10))
    assert not ring.ready
    assert ring.missing == 1
    assert not ring.read(4).any()
    ring.write(ramp(10, 11))
    assert ring.ready
    assert ring.missing == 0
    assert np.array_equal(ring.read(4), ramp(1, 5))
    assert ring.underruns == 0, "waiting to begin is none"


def test_a_sound_shorter_than_the_pre_roll_is_heard_once_it_is_finished():
    ring = ring_of(100, preroll=10)
    ring.write(ramp(1, 4))
    ring.finish()
    assert ring.ready
    assert np.array_equal(ring.read(5), [1, 2, 3, 0, 0])
    assert ring.exhausted
    assert ring.underruns == 0, "the end is none"


def test_after_an_underrun_sound_goes_on_with_a_whole_stretch():
    ring = ring_of(100, preroll=2, stretch=6)
    ring.write(ramp(1, 4))
    assert np.array_equal(ring.read(5), [1, 2, 3, 0, 0])
    ring.write(ramp(4, 9))
    assert not ring.read(5).any(), "five of the six that a stretch has"
    ring.write(ramp(9, 10))
    assert np.array_equal(ring.read(6), ramp(4, 10))
    assert ring.underruns == 1


def test_a_ring_that_is_held_waits_for_its_maker_at_first_and_after_an_underrun():
    ring = SoundRing(RATE, 100 / RATE, 2 / RATE, 3 / RATE, held=True)
    ring.write(ramp(1, 5))
    assert ring.held
    assert not ring.ready
    ring.release()
    assert np.array_equal(ring.read(6), [1, 2, 3, 4, 0, 0])
    ring.write(ramp(5, 9))
    assert ring.held
    assert not ring.read(2).any()
    ring.release()
    assert np.array_equal(ring.read(4), ramp(5, 9))


def test_a_ring_that_is_held_is_heard_when_it_is_finished():
    ring = SoundRing(RATE, 100 / RATE, 2 / RATE, 3 / RATE, held=True)
    ring.write(ramp(1, 5))
    ring.finish()
    assert np.array_equal(ring.read(4), ramp(1, 5))


def test_a_maker_slower_than_sound_is_heard_in_few_stretches_and_whole():
    ring = ring_of(100, preroll=10, stretch=50)
    heard = []
    for begin in range(1, 1001, 4):  # four are made in the time in which five are heard
        ring.write(ramp(begin, begin + 4))
        heard.append(ring.read(5))
    ring.finish()
    while not ring.exhausted:
        heard.append(ring.read(5))
    sound = np.concatenate(heard)
    assert np.array_equal(sound[sound > 0], ramp(1, 1001))
    assert 1 <= ring.underruns <= 1000 // 50


def test_the_playhead_stands_still_in_a_silence_that_was_put_in():
    ring = ring_of(100, preroll=2, stretch=2)
    ring.read(3)  # silence before the beginning
    ring.write(ramp(1, 5))
    ring.read(6)  # four, and two of silence
    ring.write(ramp(5, 9))
    ring.read(4)
    assert [ring.place(read) for read in range(14)] == [0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8]
    assert ring.end == 13


def test_what_is_read_after_the_end_does_not_move_the_end():
    ring = SoundRing.holding(ramp(1, 8), RATE)
    ring.read(20)
    assert ring.exhausted
    assert ring.end == 7
    assert ring.place(20) == 7


def test_a_ring_that_has_run_dry_and_finished_ends_without_a_further_underrun():
    ring = ring_of(100, preroll=2, stretch=50)
    ring.write(ramp(1, 4))
    ring.read(4)
    ring.write(ramp(4, 6))
    ring.finish()
    assert np.array_equal(ring.read(4), [4, 5, 0, 0])
    assert (ring.underruns, ring.exhausted) == (1, True)


def test_a_tiny_ring_passes_a_long_sound_between_two_threads_whole(writing):
    ring, sound = ring_of(64), ramp(1, 20_001)
    ended = writing(ring, sound)
    heard = []
    while not ended or ring.level:
        heard.append(ring.read(7))
        time.sleep(0)
    passed = np.concatenate(heard)
    assert np.array_equal(passed[passed > 0], sound)


def test_a_ring_that_ran_dry_can_be_filled_to_the_stretch_it_waits_for_at_any_rate():
    for rate in (8000, 11_025, 16_000, 32_000, 44_100):
        ring = SoundRing(rate, capacity=2.0, preroll=0.1, stretch=2.0)
        ring.write(np.zeros(round(0.1 * rate) + 1, np.float32))
        ring.read(rate)
        assert ring.underruns == 1
        while room := ring.room(2.0):
            ring.write(np.zeros(min(room, 7777), np.float32))
        assert ring.ready, rate
