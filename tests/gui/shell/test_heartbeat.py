"""Work steps back while the window is busy, and when it is over, memory is given back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from studio.engine.runtime import courtesy, memory
from studio.engine.runtime.courtesy import Courtesy
from studio.engine.runtime.jobs import Job
from studio.gui.shell.heartbeat import Heartbeat
from tests.gui.windows import until

_BUSY = 0.15  # seconds


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When memory was given back."""
    times: list[float] = []
    monkeypatch.setattr(memory, "give_back_all", lambda: times.append(time.monotonic()))
    return times


@pytest.fixture
def heartbeat(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heartbeat]:
    monkeypatch.setattr(courtesy, "window", Courtesy())
    heartbeat = Heartbeat()
    yield heartbeat
    heartbeat.end()


@pytest.fixture
def steps() -> Iterator[list[float]]:
    """When each step of a job was made, which goes on until the test ends."""
    times: list[float] = []

    def work(job: Job[None]) -> None:
        while True:
            job.token.raise_if_cancelled()
            times.append(time.monotonic())
            time.sleep(0.001)

    job = Job(work, name="steps")
    job.start()
    yield times
    job.cancel()
    assert job.join(10)


def test_a_job_makes_no_steps_while_the_window_is_busy(
    heartbeat: Heartbeat, given_back: list[float], steps: list[float], qtbot: QtBot
) -> None:
    until(qtbot, lambda: courtesy.window.asked > 0 and not heartbeat.resting)
    qtbot.wait(300)
    busy: list[float] = []

    def compute() -> None:
        busy.append(time.monotonic())
        while time.monotonic() < busy[0] + _BUSY:
            sum(range(1000))
        busy.append(time.monotonic())

    QTimer.singleShot(0, compute)
    until(qtbot, lambda: len(busy) == 2)
    beside = [step for step in steps if busy[0] + _BUSY / 2 < step < busy[1]]
    assert len(beside) <= 1
    until(qtbot, lambda: bool(steps) and steps[-1] > busy[1] + 0.05)


def test_memory_is_given_back_once_after_the_last_work(
    heartbeat: Heartbeat, given_back: list[float], qtbot: QtBot
) -> None:
    assert heartbeat.resting
    job = Job(lambda job: job.token.raise_if_cancelled(), name="short")
    job.start()
    assert job.join(10)
    assert not heartbeat.resting
    until(qtbot, lambda: heartbeat.resting)
    until(qtbot, lambda: len(given_back) == 1)
    qtbot.wait(300)
    assert len(given_back) == 1
