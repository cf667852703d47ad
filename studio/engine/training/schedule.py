"""`Schedule`: how much of a training is done, and what follows from that: its learning rate, when a
line of the table is written, when there is a look at what was learnt, and when it is over.

`ByEpochs` counts steps. `ByClock` counts seconds: the same training gets further on a faster
machine, and always ends with the rate at zero when its time is over.

A look is what comes at the end of an epoch: the validation part is scored, samples are made, the
model is saved. By the clock a look is taken at the end of an epoch or in the middle of a long one,
as often as a twentieth of the time pays for; and time is kept for the last one and for the score on
the test part.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.recipe import Recipe

_LINES = 500  # that a whole training writes into its table
_ASSUMED = 2000  # steps of a training by the clock, until one was measured
_PAYS = 20  # times as long as a look takes there must be learnt before it
_AT_ENDS, _WITHIN = 50, 6  # looks of a whole training at most, at the ends of epochs and in them
_KEPT = 0.5  # of the time at most is kept for what comes at the end
_AGREED = 0.5  # seconds, after which processes that train together agree again on what time it is
_LARGEST = 1e12

Costs = Mapping[str, float]  # passes of an example that scoring takes, on "validation" and "test"


class Schedule(ABC):
    """epoch: steps of one.
    steps: of the whole training; by the clock those that it will come to, as far as is known.
    knows_scoring: whether it is known, or does not matter, how long scoring takes.
    """

    def __init__(self, recipe: Recipe, epoch: int) -> None:
        self.epoch, self._warm_up = epoch, recipe.warm_up

    @property
    @abstractmethod
    def steps(self) -> int: ...

    @property
    def knows_scoring(self) -> bool:
        return True

    @abstractmethod
    def share(self, step: int) -> float:
        """How much is done after so many steps, 0..1."""

    @abstractmethod
    def finished(self, step: int) -> bool: ...

    @abstractmethod
    def seconds_left(self, step: int, speed: float | None) -> float | None:
        """Until it is over, at so many steps a second; None where that is not known."""

    @abstractmethod
    def writes(self, step: int) -> bool:
        """Whether a line of the table is due."""

    @abstractmethod
    def looks(self, step: int) -> bool:
        """Whether a look is due."""

    def validates(self, step: int) -> bool:
        """Whether the look that is due scores the validation part too."""
        return True

    def rate(self, step: int) -> float:
        """The share of the peak rate at a step: up linearly, then down along half a cosine."""
        rising = (step + 1) / max(1.0, self._warm_up * self.steps)
        return min(1.0, rising) * 0.5 * (1 + math.cos(math.pi * self.share(step)))

    # What a schedule by the clock is told by whoever trains; the other one needs none of it.

    def learnt(self, step: int, seconds: float) -> None:  # noqa: B027
        """A step was made.

        seconds: of the whole training so far, over all sessions.
        """

    def scored(self, seconds: float, took: float) -> None:  # noqa: B027
        """The validation part was scored, or tried by a few examples.

        seconds: see `learnt`.
        took: what all of it takes.
        """

    def looked(self, seconds: float, showing: float | None) -> None:  # noqa: B027
        """A look was taken.

        seconds: see `learnt`.
        showing: of them for samples and saving; None where that was interrupted.
        """

    def state(self) -> dict[str, Any]:
        """What `load_state` needs, as plain JSON values."""
        return {}

    def load_state(self, step: int, state: Mapping[str, Any]) -> None:  # noqa: B027
        """Go on after so many steps; KeyError, TypeError or ValueError for what `state` never
        gave."""


class ByEpochs(Schedule):
    """As many steps as the epochs of a recipe have."""

    def __init__(self, recipe: Recipe, epoch: int) -> None:
        super().__init__(recipe, epoch)
        self._steps = max(1, round(recipe.epochs * epoch))

    @property
    def steps(self) -> int:
        return self._steps

    def share(self, step: int) -> float:
        return step / self.steps

    def finished(self, step: int) -> bool:
        return step >= self.steps

    def seconds_left(self, step: int, speed: float | None) -> float | None:
        return None if speed is None else (self.steps - step) / speed

    def writes(self, step: int) -> bool:
        return step % max(1, self.steps // _LINES) == 0 or self.finished(step)

    def looks(self, step: int) -> bool:
        return step % self.epoch == 0 or self.finished(step)


@dataclass
class Known:
    """What a training by the clock has found out of itself, in seconds.

    seconds: of the training so far, over all sessions.
    steps, learning: that were measured, and how long they took.
    scoring: a pass of one example while it is scored; None before the first.
    showing: what a look takes besides.
    looked: when the last one was over.
    """

    seconds: float = 0.0
    steps: float = 0.0
    learning: float = 0.0
    scoring: float | None = None
    showing: float = 0.0
    looked: float = 0.0

    @property
    def each(self) -> float:
        """A step; 0 before one was measured."""
        return self.learning / self.steps if self.steps else 0.0


class ByClock(Schedule):
    """As many steps as there is time for.

    The first step of a session is not measured, in which kernels are used for the first time. Until
    another one was, the warm-up is that of a training of some thousand steps.
    """

    def __init__(
        self,
        recipe: Recipe,
        epoch: int,
        costs: Costs,
        together: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    ) -> None:
        """together: gives every process that trains along what the first of them knows, where there
        are several: all of them end after the same step."""
        super().__init__(recipe, epoch)
        self.wanted = recipe.minutes * 60
        self._costs, self._together = costs, together
        self._own = self._known = Known()  # one and the same, unless there are several processes
        self._step = self._agrees = 0  # made so far; at which they agree again
        self._last: float | None = None  # when the last step or look of this session was over
        self._line = False

    @property
    def knows_scoring(self) -> bool:
        return self._known.scoring is not None

    @property
    def too_short(self) -> bool:
        """Whether the end takes more time than is kept for it."""
        return self._end > _KEPT * self.wanted

    @property
    def until(self) -> float:
        """Seconds after which there are no more steps: what comes then is over in time."""
        return self.wanted - min(self._end, _KEPT * self.wanted)

    @property
    def _end(self) -> float:
        """Seconds of the last look and of the score on the test part."""
        return self._look + (self._known.scoring or 0.0) * self._costs["test"]

    @property
    def _look(self) -> float:
        """Seconds of a look."""
        return self._known.showing + self._validation

    @property
    def _validation(self) -> float:
        return (self._known.scoring or 0.0) * self._costs["validation"]

    @property
    def steps(self) -> int:
        if not self._known.each:
            return max(_ASSUMED, self._step)
        left = max(0.0, self.until - self._known.seconds)
        return max(1, self._step + round(left / self._known.each))

    def share(self, step: int) -> float:
        return 1.0 if self.finished(step) else min(1.0, self._known.seconds / self.until)

    def finished(self, step: int) -> bool:
        # half a step too early is as good as half a step too late
        return step > 0 and self._known.seconds + self._known.each / 2 >= self.until

    def seconds_left(self, step: int, speed: float | None) -> float | None:
        return max(0.0, self.wanted - self._known.seconds)

    def writes(self, step: int) -> bool:
        return self._line or self.finished(step)

    def looks(self, step: int) -> bool:
        if self.finished(step):
            return True
        since = self._known.seconds - self._known.looked
        left = self.until - self._known.seconds  # the last look is not far then
        least = self.wanted / (_AT_ENDS if step % self.epoch == 0 else _WITHIN)
        # the first one is taken to find out what it takes, and scores nothing that does not pay
        cost = self._look if self._known.looked else 0.0
        return min(since, left) >= max(least, _PAYS * cost)

    def validates(self, step: int) -> bool:
        return self.finished(step) or _PAYS * self._validation <= self._known.seconds

    def learnt(self, step: int, seconds: float) -> None:
        before, own = self.share(step), self._own
        if self._last is not None:
            own.steps += 1
            own.learning += seconds - self._last
        self._step, self._last, own.seconds = step, seconds, seconds
        if step >= self._agrees:
            self._agree()
        self._line = int(_LINES * self.share(step)) > int(_LINES * before)

    def scored(self, seconds: float, took: float) -> None:
        self._own.seconds = self._last = seconds
        self._own.scoring = took / max(1.0, self._costs["validation"])
        self._agree()

    def looked(self, seconds: float, showing: float | None) -> None:
        own = self._own
        own.seconds = own.looked = self._last = seconds
        if showing is not None:
            own.showing = showing
        self._agree()

    def _agree(self) -> None:
        if self._together is None:
            return
        self._known = Known(**self._together(asdict(self._own)))
        each = self._known.each
        self._agrees = self._step + max(1, int(_AGREED / each) if each else 1)

    def state(self) -> dict[str, Any]:
        return asdict(self._known)

    def load_state(self, step: int, state: Mapping[str, Any]) -> None:
        found: dict[str, float | None] = {}
        for name in (field.name for field in fields(Known)):
            value = state[name]
            found[name] = None if value is None and name == "scoring" else float(value)
        if not all(number is None or 0 <= number <= _LARGEST for number in found.values()):
            raise ValueError(state)
        self._step = step
        self._own = self._known = Known(**found)  # type: ignore[arg-type]


def schedule_for(
    recipe: Recipe,
    epoch: int,
    costs: Costs,
    together: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Schedule:
    """That of a recipe: by the clock where it says minutes. See `ByClock`."""
    return ByClock(recipe, epoch, costs, together) if recipe.minutes else ByEpochs(recipe, epoch)
