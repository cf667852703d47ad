"""Processes that share the tests: many run at once, and who measures time runs alone."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from tests.turns import Turns

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="nobody waits for a turn on Windows"
)


def asking(turns: Turns, alone: bool = False) -> threading.Thread:
    """A thread that asks for a turn and ends when it has it."""
    thread = threading.Thread(target=turns.take, args=(alone,))
    thread.start()
    thread.join(0.2)
    return thread


def test_many_run_at_once(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    one.take()
    other.take()
    one.close()
    other.close()


@pytest.mark.parametrize("alone", [(True, False), (False, True), (True, True)])
def test_nobody_runs_beside_one_that_is_alone(tmp_path: Path, alone: tuple[bool, bool]) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    one.take(alone[0])
    waiting = asking(other, alone[1])
    assert waiting.is_alive()
    one.give_back()
    waiting.join(5)
    assert not waiting.is_alive()
    one.close()
    other.close()


def test_who_waits_to_be_alone_is_not_passed_by(tmp_path: Path) -> None:
    running, patient, late = (Turns(tmp_path) for _ in range(3))
    running.take()
    first, second = asking(patient, alone=True), asking(late)
    assert second.is_alive()
    running.give_back()
    first.join(5)
    assert not first.is_alive()
    assert second.is_alive()
    patient.give_back()
    second.join(5)
    assert not second.is_alive()
    for turns in (running, patient, late):
        turns.close()


def test_two_may_ask_to_be_alone_from_now_on(tmp_path: Path) -> None:
    one, other = Turns(tmp_path), Turns(tmp_path)
    one.take()
    other.take()
    waiting = asking(one, alone=True)
    assert waiting.is_alive()
    also = asking(other, alone=True)
    waiting.join(5)
    assert not waiting.is_alive()
    assert also.is_alive()
    one.give_back()
    also.join(5)
    assert not also.is_alive()
    one.close()
    other.close()
