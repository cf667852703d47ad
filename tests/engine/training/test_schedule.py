"""How long a training goes on, by its epochs or by the clock: of machines that are made up here, as
no training is needed for it."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from models.recipe import Recipe
from studio.engine.training.schedule import ByClock, ByEpochs, Schedule, schedule_for

MINUTES = 10
COSTS = {"validation": 100, "test": 200}


def by_clock(epoch: int = 50, minutes: float = MINUTES, **changes: Any) -> ByClock:
    found = schedule_for(Recipe(minutes=minutes, **changes), epoch, COSTS)
    assert isinstance(found, ByClock)
    return found


@dataclass
class Machine:
    """Trains by a schedule, and says how that went; all in seconds.

    preparing: before the first step. first: of what is used for the first time, in the first step.
    """

    each: float = 1.0
    first: float = 0.0
    preparing: float = 0.0
    scoring: float = 0.0  # of one example
    showing: float = 0.0
    now: float = 0.0
    step: int = 0
    rates: list[float] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    validated: list[int] = field(default_factory=list)
    lines: int = 0

    def train(self, schedule: Schedule, steps: float = math.inf) -> float:
        """As `Trainer` does it, to the end or for so many steps; the seconds of it all."""
        self.now += self.preparing
        first = self.first
        while not schedule.finished(self.step) and steps > 0:
            self.rates.append(schedule.rate(self.step))
            self.now += self.each + first
            self.step, first, steps = self.step + 1, 0.0, steps - 1
            schedule.learnt(self.step, self.now)
            if not schedule.knows_scoring:
                self.now += self.scoring * 10
                schedule.scored(self.now, self.scoring * COSTS["validation"])
            self.lines += schedule.writes(self.step)
            if schedule.looks(self.step):
                self._look(schedule)
        self.now += self.scoring * COSTS["test"]
        return self.now

    def _look(self, schedule: Schedule) -> None:
        self.looks.append(self.step)
        if schedule.validates(self.step):
            self.validated.append(self.step)
            self.now += self.scoring * COSTS["validation"]
            schedule.scored(self.now, self.scoring * COSTS["validation"])
        self.now += self.showing
        schedule.looked(self.now, self.showing)


MACHINES = [
    Machine(),
    Machine(each=0.5),
    Machine(each=7.0),
    Machine(each=0.4, preparing=20.0, first=15.0),
    Machine(each=0.4, scoring=0.3, showing=5.0),
    Machine(each=0.4, scoring=0.8, showing=0.1),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("epoch", [1, 100_000])
def test_all_of_it_takes_the_time_that_was_asked_for(machine: Machine, epoch: int) -> None:
    one = replace(machine, rates=[], looks=[], validated=[])
    assert one.train(by_clock(epoch)) == pytest.approx(MINUTES * 60, rel=0.02)


@pytest.mark.parametrize("each", [0.5, 5.0])
def test_a_faster_machine_gets_further_and_ends_at_the_same_rate(each: float) -> None:
    machine = Machine(each=each)
    machine.train(by_clock())
    assert machine.step == pytest.approx(MINUTES * 60 / each, rel=0.02)
    assert max(machine.rates) > 0.9
    assert machine.rates[-1] < 0.001


def test_the_warm_up_is_of_steps_however_long_the_first_one_takes() -> None:
    machine = Machine(each=0.6, first=90.0)
    schedule = by_clock(warm_up=0.1)
    machine.train(schedule)
    rising = sum(one < next_one for one, next_one in itertools.pairwise(machine.rates))
    assert rising == pytest.approx(0.1 * machine.step, rel=0.1)
    assert machine.rates[0] < 0.02


def test_one_that_was_stopped_goes_on_where_its_clock_stood() -> None:
    machine = Machine(each=0.5, scoring=0.05, showing=1.0)
    whole = machine.train(by_clock())
    stopped = by_clock()
    first = Machine(each=0.5, scoring=0.05, showing=1.0)
    first.train(stopped, steps=400)
    share, rate = stopped.share(first.step), stopped.rate(first.step)
    resumed = by_clock()
    resumed.load_state(first.step, json.loads(json.dumps(stopped.state())))
    assert (resumed.share(first.step), resumed.rate(first.step)) == (share, rate)
    second = replace(first, now=stopped.state()["seconds"], rates=[], looks=[], validated=[])
    assert second.train(resumed) == pytest.approx(whole, rel=0.02)


def test_it_is_looked_at_the_ends_of_epochs_where_these_are_short() -> None:
    machine = Machine(each=0.5, scoring=0.001, showing=0.1)
    machine.train(by_clock(epoch=60))
    assert 10 < len(machine.looks) <= 50
    assert all(step % 60 == 0 for step in machine.looks[:-1])
    assert machine.validated == machine.looks


def test_it_is_looked_within_an_epoch_that_takes_long() -> None:
    machine = Machine(each=0.5)
    machine.train(by_clock(epoch=100_000))
    assert 4 <= len(machine.looks) <= 6
    assert machine.looks[-1] == machine.step


def test_looks_that_take_long_are_few() -> None:
    machine = Machine(each=0.5, scoring=0.15, showing=5.0)  # 20 s each
    machine.train(by_clock(epoch=10))
    assert len(machine.looks) == 2
    assert len(machine.validated) == 1, "the first one was too early for it"
    assert machine.validated[-1] == machine.step


def test_without_time_there_is_a_step_and_a_look() -> None:
    machine = Machine(each=1.0)
    machine.train(by_clock(minutes=1e-3))
    assert machine.looks == [machine.step] == [1]


def test_what_scoring_takes_leaves_half_of_the_time_for_learning() -> None:
    schedule, machine = by_clock(), Machine(each=1.0, scoring=4.0)
    machine.train(schedule)
    assert schedule.too_short
    assert schedule.until == MINUTES * 60 / 2


@pytest.mark.parametrize("each", [0.4, 1.0])
def test_a_table_by_the_clock_has_no_more_than_500_lines(each: float) -> None:
    machine = Machine(each=each)
    machine.train(by_clock())
    assert 300 < machine.lines <= 501


def test_processes_that_train_together_end_after_the_same_step() -> None:
    told: list[dict[str, Any]] = []

    def say(known: dict[str, Any]) -> dict[str, Any]:
        told.append(known)
        return known

    recipe = Recipe(minutes=1)
    first, second = (
        ByClock(recipe, 50, COSTS, together) for together in (say, lambda known: told[-1])
    )
    step = 0
    while not first.finished(step):
        assert not second.finished(step)
        assert first.rate(step) == second.rate(step)
        assert first.looks(step) == second.looks(step)
        step += 1
        first.learnt(step, 0.05 * step)
        second.learnt(step, 0.09 * step)
    assert second.finished(step)
    assert 0.05 * step == pytest.approx(60, abs=1)


STATE = by_clock().state()
NO_NUMBERS: list[Any] = [-1, math.nan, 1e300, None, "x", []]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        None,
        {key: value for key, value in STATE.items() if key != "looked"},
        *({**STATE, "seconds": value} for value in NO_NUMBERS),
    ],
)
def test_a_state_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        by_clock().load_state(3, wrong)


def test_the_rate_rises_and_falls_to_nothing() -> None:
    schedule = schedule_for(Recipe(warm_up=0.1, epochs=2), 50, COSTS)
    shares = [schedule.rate(step) for step in range(100)]
    assert shares[0] == pytest.approx(0.1)
    assert max(shares) == shares[9] > 0.97
    assert shares[9:] == sorted(shares[9:], reverse=True)
    assert shares[-1] < 0.001


def test_epochs_end_after_their_steps_and_are_looked_at() -> None:
    schedule, machine = ByEpochs(Recipe(epochs=2.5), 20), Machine()
    machine.train(schedule)
    assert machine.step == schedule.steps == 50
    assert machine.looks == machine.validated == [20, 40, 50]
    assert machine.lines == 50
    assert schedule.seconds_left(10, 4.0) == 10
    assert schedule.seconds_left(10, None) is None
