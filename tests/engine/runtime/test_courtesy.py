"""Work in other threads waits while the window is late, never for long, and the window never."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.runtime import courtesy
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.courtesy import BEAT, Courtesy
from studio.engine.runtime.jobs import Cancelled, CancelToken

_OVERDUE = 3 * BEAT


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Courtesy:
    monkeypatch.setattr(courtesy, "window", own := Courtesy())
    return own


def seconds(do: Callable[[], object]) -> float:
    """How long it takes in a thread of its own."""
    took = [0.0]

    def work() -> None:
        began = time.perf_counter()
        do()
        took[0] = time.perf_counter() - began

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return took[0]


def test_nobody_waits_where_nothing_beats(window: Courtesy) -> None:
    before = time.monotonic()
    assert seconds(window.give_way) < BEAT
    assert window.asked >= before


def test_nobody_waits_for_a_window_that_is_in_time(window: Courtesy) -> None:
    window.beat()
    assert seconds(window.give_way) < BEAT


def test_work_waits_until_the_window_beats_again(window: Courtesy) -> None:
    window.beat()
    time.sleep(_OVERDUE)
    went_on = threading.Event()

    def step() -> None:
        window.give_way()
        went_on.set()

    thread = threading.Thread(target=step)
    thread.start()
    assert not went_on.wait(_OVERDUE)
    window.beat()
    assert went_on.wait(10)
    thread.join()


def test_it_does_not_wait_for_ever(window: Courtesy) -> None:
    window.beat()
    time.sleep(_OVERDUE)
    assert 0.1 < seconds(window.give_way) < 2
    assert seconds(window.give_way) < BEAT  # nor again for the same beat


def test_it_goes_on_when_there_are_no_more_beats(window: Courtesy) -> None:
    window.beat()
    time.sleep(_OVERDUE)
    timer = threading.Timer(BEAT, window.rest)
    timer.start()
    assert seconds(window.give_way) < 0.2
    timer.join()
    assert seconds(window.give_way) < BEAT


def test_the_thread_that_beats_waits_for_nobody(window: Courtesy) -> None:
    window.beat()
    time.sleep(_OVERDUE)
    began, asked = time.perf_counter(), window.asked
    window.give_way()
    assert time.perf_counter() - began < BEAT
    assert window.asked == asked  # it is no work


def test_a_worker_that_asks_its_token_gives_way_unless_it_is_to_stop(window: Courtesy) -> None:
    token = CancelToken()
    window.beat()
    time.sleep(_OVERDUE)
    assert seconds(token.raise_if_cancelled) > 0.1
    token.cancel()
    window.beat()
    time.sleep(_OVERDUE)

    def cancelled() -> None:
        with pytest.raises(Cancelled):
            token.raise_if_cancelled()

    assert seconds(cancelled) < 0.1


def wait_until(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not so():
        assert time.monotonic() < until
        time.sleep(0.001)


class Steps(Actor[int]):
    """Steps for as long as no command comes."""

    done = 0

    def _patience(self, now: float) -> float | None:
        return 0.0

    def _advance(self) -> None:
        while not self._interrupted():
            self.done += 1
            time.sleep(0.001)

    def _show(self) -> None:
        pass

    def _cancelled(self) -> None:
        pass

    def _failed(self, refused: bool) -> None:
        pass

    def _let_go(self) -> None:
        pass


class Sounds(Steps):
    gives_way = False


def test_what_has_to_be_there_in_time_waits_for_nobody(window: Courtesy) -> None:
    actor = Sounds("sounds")
    actor.start()
    wait_until(lambda: actor.done > 0)
    window.beat()
    time.sleep(_OVERDUE)
    before = actor.done
    wait_until(lambda: actor.done > before + 1)
    assert window.asked == 0
    actor.close()
    assert actor.join(10)
    assert not SoundPlayer.gives_way


def test_an_actor_gives_way_between_two_steps_but_heeds_a_command_first(window: Courtesy) -> None:
    actor = Steps("steps")
    actor.start()
    wait_until(lambda: actor.done > 0)  # torch is imported there
    window.beat()
    time.sleep(_OVERDUE)
    before = actor.done
    time.sleep(_OVERDUE)
    assert actor.done <= before + 1
    window.beat()
    wait_until(lambda: actor.done > before + 1)
    time.sleep(_OVERDUE)
    began = time.perf_counter()
    actor.close()
    assert actor.join(10)
    assert time.perf_counter() - began < 5
