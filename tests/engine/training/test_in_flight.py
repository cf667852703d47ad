"""What is on its way to or from a GPU: numbers are those of the moment, and the host is never far
ahead."""

from __future__ import annotations

import pytest
import torch

from studio.engine.training import in_flight
from studio.engine.training.in_flight import InFlight, Reading


class Mark:
    """A place in the queue of a GPU; `passed` are those that were waited for."""

    passed: list[Mark]

    def synchronize(self) -> None:
        self.passed.append(self)


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> list[Mark]:
    made: list[Mark] = []
    Mark.passed = []

    def marked() -> Mark:
        made.append(Mark())
        return made[-1]

    monkeypatch.setattr(in_flight, "_marked", marked)
    return made


def test_numbers_are_read_as_they_were() -> None:
    tensor = torch.tensor([1.0, 2.0])
    reading = Reading(tensor)
    tensor.zero_()
    assert reading.there
    assert reading.numbers() == [1, 2]


def test_the_host_is_a_few_steps_ahead_of_a_gpu_and_waits_for_the_oldest(
    marks: list[Mark],
) -> None:
    steps = InFlight(torch.device("cuda"))
    for _ in range(4):
        steps.add()
    assert Mark.passed == []
    for _ in range(2):
        steps.add()
    assert Mark.passed == marks[:2]


def test_nothing_is_waited_for_on_a_processor(marks: list[Mark]) -> None:
    steps = InFlight(torch.device("cpu"))
    for _ in range(9):
        steps.add()
    assert marks == []
