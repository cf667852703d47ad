"""An actor carries out commands in its own thread, and outlives what fails there."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator

import pytest

from studio.engine.runtime import actor as actor_module
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.errors import StudioError

PATIENCE = 10.0  # seconds


class Counter(Actor[int]):
    """Counts as far as it is asked to; of what it did it keeps a list."""

    latest_only = frozenset({"count"})

    def __init__(self, *after: Counter) -> None:
        super().__init__("counter", after)
        self.value = self.target = 0
        self.done: list[str] = []
        self.start()

    def count(self, target: int) -> None:
        def command() -> None:
            self.target = target
            self.done.append(f"count to {target}")

        self._post("count", command, lambda: self.done.append(f"dropped {target}"))

    def fail(self, error: Exception) -> None:
        def command() -> None:
            raise error

        self._post("fail", command)

    def hold(self) -> threading.Event:
        """Keeps the thread busy until the event is set; it is when this returns."""
        busy, free = threading.Event(), threading.Event()

        def command() -> None:
            busy.set()
            assert free.wait(PATIENCE)

        self._post("hold", command)
        assert busy.wait(PATIENCE)
        return free

    def _patience(self, now: float) -> float | None:
        return 0 if self.value < self.target else None

    def _advance(self) -> None:
        if self.value < self.target:
            self.value += 1
            if self.value == 13:
                raise ValueError("unlucky")

    def _show(self) -> None:
        self.mailbox.put(self.value)

    def _cancelled(self) -> None:
        self.target = self.value

    def _failed(self, refused: bool) -> None:
        self.done.append("refused" if refused else "failed")
        self.target = self.value

    def _let_go(self) -> None:
        self.done.append("let go")


@pytest.fixture
def counter() -> Iterator[Counter]:
    actor = Counter()
    yield actor
    actor.close()
    assert actor.join(PATIENCE)


def test_it_works_on_until_nothing_is_left_to_do_and_shows_the_latest(counter: Counter) -> None:
    counter.count(5)
    assert counter.join(PATIENCE)
    assert (counter.value, counter.mailbox.take()) == (5, 5)


def test_what_a_command_was_asked_with_is_free_when_it_is_done(counter: Counter) -> None:
    given, gone = threading.Event(), threading.Event()
    weakref.finalize(given, gone.set)
    counter._post("set", given.set)
    del given
    assert counter.join(PATIENCE)
    assert gone.wait(PATIENCE)


def test_of_commands_of_which_only_the_latest_counts_the_others_are_left_out(
    counter: Counter,
) -> None:
    free = counter.hold()
    for target in (3, 4, 5):
        counter.count(target)
    free.set()
    assert counter.join(PATIENCE)
    assert counter.done == ["count to 5"]


def test_cancelling_drops_what_waits_and_leaves_what_is_being_done(counter: Counter) -> None:
    counter.count(1_000_000_000)
    free = counter.hold()
    counter.count(5)
    counter.cancel()
    assert counter.done == ["count to 1000000000", "dropped 5"]
    free.set()
    assert counter.join(PATIENCE)
    assert counter.value < 1_000_000_000


def test_what_a_command_refuses_is_reported_without_a_traceback(counter: Counter) -> None:
    counter.fail(StudioError("There is no such number."))
    assert counter.join(PATIENCE)
    assert counter.failures.take() == ("There is no such number.", "")
    assert counter.done == ["refused"]


def test_what_fails_is_reported_with_its_traceback_and_is_not_the_end(counter: Counter) -> None:
    counter.count(20)
    assert counter.join(PATIENCE)
    failure = counter.failures.take()
    assert failure is not None
    assert failure[0] == "unlucky"
    assert "in _advance" in failure[1]
    counter.count(20)
    assert counter.join(PATIENCE)
    assert (counter.value, counter.done) == (20, ["count to 20", "failed", "count to 20"])


def test_once_closed_it_lets_go_and_takes_no_command_any_more() -> None:
    counter = Counter()
    counter.close()
    assert counter.join(PATIENCE)
    counter.count(5)
    assert counter.done == ["let go", "dropped 5"]


def test_waiting_ends_after_its_time_though_there_is_work_left(counter: Counter) -> None:
    free = counter.hold()
    assert not counter.join(0.01)
    free.set()


def test_what_it_had_is_given_back_to_the_system_when_it_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    class Holder(Counter):
        def _let_go(self) -> None:
            order.append("let go")

    monkeypatch.setattr(actor_module, "give_back", lambda: order.append("given back"))
    holder = Holder()
    holder.close()
    assert holder.join(PATIENCE)
    assert order == ["let go", "given back"]


def test_one_that_comes_after_another_begins_when_that_has_ended() -> None:
    before = Counter()
    free = before.hold()
    before.close()
    after = Counter(before)
    after.count(3)
    assert not after.join(0.2)
    assert after.value == 0
    free.set()
    assert after.join(PATIENCE)
    assert after.value == 3
    after.close()
    assert after.join(PATIENCE)


def test_one_that_waits_for_another_can_be_ended() -> None:
    before = Counter()
    free = before.hold()
    before.close()
    after = Counter(before)
    after.close()
    assert after.join(PATIENCE)
    free.set()
    assert before.join(PATIENCE)
