"""`Race`: the same picture drawn in three ways at once, from the same noise, to see why drawing is
slow or fast.

*Naive*, as in many tutorials: for every pixel a pass over the whole picture, of which one row is
used. *Cached*: what was computed is kept, and a step computes one pixel (`Stepper`). *All at once*:
every pixel is drawn in each pass, until nothing changes (`parallel_decoding`). The way that has had
the least time of its own goes on next, so all have the same. Its seconds are those that the thread
had a processor, or that passed, where another device computes; what the cache multiplies is counted
beside that, on a second stepper, since counting takes time.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Model, Stepper
from studio.engine.generation.generation import noise_for
from studio.engine.generation.guidance import (
    conditionals_of,
    guidance_of,
    likelihood_of,
    stepper_of,
)
from studio.engine.generation.methods import AUTO
from studio.engine.generation.sampling_options import SamplingOptions, check_options, order_of
from studio.engine.insights import multiplications
from studio.engine.runtime.errors import StudioError

LONGEST = 60.0  # seconds of its own that a way may take
_TURN_SECONDS = 0.01
NAIVE, CACHED, PARALLEL = "Naive", "Cached", "All at once"


@dataclass(frozen=True, eq=False)
class WayMoment:
    """What there is to see of a way to draw.

    values: levels, uint8 (C, H, W); 0 where nothing is there yet.
    there: what will not change any more, bool (H, W).
    computed: what was computed in the latest pass or step, bool (H, W).
    position: how many sites are there, of `length`.
    passes: over the whole picture, or steps of the cache.
    seconds: of its own time. multiplications: so far.
    stopped: whether it was left, because it takes too long.
    why_not: in one sentence, why there is no such way for this model; "" where there is.
    """

    name: str
    explanation: str
    values: NDArray[np.uint8]
    there: NDArray[np.bool_]
    computed: NDArray[np.bool_]
    position: int
    length: int
    passes: int
    seconds: float
    multiplications: int
    stopped: bool = False
    why_not: str = ""

    @property
    def finished(self) -> bool:
        return self.stopped or bool(self.why_not) or self.position == self.length

    @property
    def sites_per_second(self) -> float:
        return self.position / self.seconds if self.seconds > 0 else 0.0


def refusal(model: Model) -> str:
    """In one sentence, why its ways cannot be raced; "" where they can."""
    if not isinstance(model, AutoregressiveModel):
        return model.why
    name = model.name or type(model).__name__
    if model.predicts_all:
        return (
            f"{name} looks at every known pixel anew in each pass, so there is nothing to keep:"
            " it is made faster by drawing several pixels from one pass (Steps)."
        )
    if len(model.spec.space) != 2:
        return f"{name} draws no pictures."
    return ""


class _Task:
    """The picture that all draw. rank: raster index of each site in the order of generation (N,).
    noise: in that order too, (1, N, draws)."""

    def __init__(self, model: AutoregressiveModel, options: SamplingOptions) -> None:
        options = replace(options, count=1, method=AUTO)
        check_options(options, model)
        device = model.device
        self.model, self.sampling = model, options.sampling
        self._guidance = guidance_of(model, options)
        self.likelihood = likelihood_of(model, self._guidance)
        self.rank = torch.from_numpy(order_of(options, model)).to(device)
        self._order = self.rank if model.any_order else None
        noise = noise_for(model, 1, options.seed).to(device)
        self.noise = noise.index_select(1, self.rank)
        self._condition = (
            None if options.condition is None else torch.tensor([options.condition], device=device)
        )
        self.sites = self.rank.tolist()

    def conditionals(self, pictures: Tensor) -> Tensor:
        return conditionals_of(
            self.model, pictures, self._condition, self._order, self._guidance
        )

    def stepper(self) -> Stepper:
        return stepper_of(self.model, 1, self._condition, self._order, self._guidance)

    def empty(self) -> Tensor:
        """int64 (1, C, N), by raster index."""
        return self.rank.new_zeros(1, self.model.spec.channels, len(self.rank))

    @property
    def clock(self) -> Callable[[], float]:
        return time.thread_time if self.rank.device.type == "cpu" else time.perf_counter


class _Way(ABC):
    """pictures: int64 (1, C, N), by raster index."""

    name: str
    explanation: str

    def __init__(self, task: _Task) -> None:
        self.task, self.pictures = task, task.empty()
        self.position = self.passes = 0
        self.seconds = 0.0
        self.stopped = False
        self.why_not = ""
        self._seen = self._look()

    @property
    def finished(self) -> bool:
        return self.stopped or bool(self.why_not) or self.position == len(self.task.sites)

    def turn(self, interrupted: Callable[[], bool]) -> None:
        began = self.task.clock()
        self._turn(interrupted)
        self._seen = self._look()  # waits for the device
        self.seconds += self.task.clock() - began
        self.stopped = not self.finished and self.seconds > LONGEST

    def moment(self) -> WayMoment:
        spec, sites = self.task.model.spec, len(self.task.sites)
        there, computed = np.zeros(sites, bool), np.zeros(sites, bool)
        there[self.task.sites[: self.position]] = True
        computed[self._computed()] = True
        return WayMoment(
            self.name,
            self.explanation,
            self._seen.reshape(spec.channels, *spec.space),
            there.reshape(spec.space),
            computed.reshape(spec.space),
            self.position,
            sites,
            self.passes,
            self.seconds,
            self._multiplications(),
            self.stopped,
            self.why_not,
        )

    def _look(self) -> NDArray[np.uint8]:
        return self.pictures[0].to(torch.uint8).cpu().numpy()

    @abstractmethod
    def _turn(self, interrupted: Callable[[], bool]) -> None:
        """Go on for a moment, by one pass or several steps."""

    @abstractmethod
    def _computed(self) -> list[int]:
        """Raster indices of what the latest pass or step computed."""

    @abstractmethod
    def _multiplications(self) -> int: ...


class _Naive(_Way):
    name = NAIVE
    explanation = "Computes the whole picture again for every pixel."

    def __init__(self, task: _Task, of_a_pass: int) -> None:
        super().__init__(task)
        self._of_a_pass = of_a_pass

    def _turn(self, interrupted: Callable[[], bool]) -> None:
        task, i = self.task, self.position
        pictures = self.pictures.unflatten(2, task.model.spec.space)
        params = task.conditionals(pictures)[:, i]
        values = task.likelihood.sample(params, task.noise[:, i], *task.sampling)
        self.pictures[:, :, task.sites[i]] = values
        self.position, self.passes = i + 1, self.passes + 1

    def _computed(self) -> list[int]:
        return self.task.sites if self.passes and not self.finished else []

    def _multiplications(self) -> int:
        return self.passes * self._of_a_pass


class _Cached(_Way):
    name = CACHED
    explanation = "Keeps what it computed, and computes one pixel."

    def __init__(self, task: _Task, steps: multiplications.Steps) -> None:
        super().__init__(task)
        self._stepper: Stepper | None = None
        self._steps, self._counted = steps, 0  # sites
        if not steps.cached:
            self.why_not = "This model has no cache: it makes a pass for every pixel."

    @property
    def uncounted(self) -> bool:
        """Whether steps were made that are not counted yet."""
        return self._counted < self.position

    def count(self, interrupted: Callable[[], bool]) -> None:
        """Some of them; takes none of its own time."""
        until = time.monotonic() + _TURN_SECONDS
        while self.uncounted and time.monotonic() < until and not interrupted():
            self._counted += 1
            self._steps.until(self._counted)

    def _turn(self, interrupted: Callable[[], bool]) -> None:
        task, first, drawn = self.task, self.position, list[Tensor]()
        until = task.clock() + _TURN_SECONDS
        self._stepper = self._stepper or task.stepper()
        for i in range(first, len(task.sites)):
            params = self._stepper.conditional()
            drawn.append(task.likelihood.sample(params, task.noise[:, i], *task.sampling))
            self._stepper.commit(drawn[-1])
            if task.clock() > until or interrupted():
                break
        self.position = self.passes = first + len(drawn)
        self.pictures[:, :, task.rank[first : self.position]] = torch.stack(drawn, 2)

    def _computed(self) -> list[int]:
        at = self.position
        return self.task.sites[at - 1 : at] if at and not self.finished else []

    def _multiplications(self) -> int:
        return self._steps.until(self._counted) if self._counted else 0


class Race:
    """StudioError, one sentence, where the model cannot be raced, or not be asked to draw so."""

    def __init__(self, model: Model, options: SamplingOptions) -> None:
        if why_not := refusal(model):
            raise StudioError(why_not)
        assert isinstance(model, AutoregressiveModel)
        with torch.inference_mode():
            self._task = task = _Task(model, options)
            empty = task.empty().unflatten(2, model.spec.space)
            self._of_a_pass = multiplications.of(lambda: task.conditionals(empty))
            self._steps = multiplications.Steps(task.stepper)
        self.restart()

    @torch.inference_mode()
    def restart(self) -> None:
        """Back to the beginning; what was counted is known."""
        self._cached = _Cached(self._task, self._steps)
        self._ways: tuple[_Way, ...] = (_Naive(self._task, self._of_a_pass), self._cached)

    @property
    def finished(self) -> bool:
        return all(way.finished for way in self._ways) and not self._cached.uncounted

    @property
    def moments(self) -> tuple[WayMoment, ...]:
        return tuple(way.moment() for way in self._ways)

    @torch.inference_mode()
    def turn(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """A pass, or some steps, of the way that has had the least time; or some counting."""
        if self._cached.uncounted:
            self._cached.count(interrupted)
        elif waiting := [way for way in self._ways if not way.finished]:
            min(waiting, key=lambda way: way.seconds).turn(interrupted)


def outcome(ways: Sequence[WayMoment]) -> str:
    """What the race comes to, in sentences; "" before all are at their end."""
    if not all(way.finished for way in ways):
        return ""
    naive, *others = (way for way in ways if not way.why_not)
    sentences = [_compared(other, naive) for other in others]
    if naive.stopped:
        sentences.append(
            f"Naive was stopped after {naive.seconds:.0f} s at {naive.position:,} of"
            f" {naive.length:,} pixels; its figures are carried on to the end."
        )
    elif others:
        apart = sum(int((way.values != naive.values).any(0).sum()) for way in others)
        sentences.append(
            f"{apart} pixels came out otherwise: numbers were rounded in another order."
            if apart
            else f"{'All' if len(others) > 1 else 'Both'} drew the same picture."
        )
    return " ".join(sentences)


def _compared(way: WayMoment, naive: WayMoment) -> str:
    multiplied = naive.multiplications * naive.length / max(1, naive.position)
    needed = multiplications.share(way.multiplications, multiplied)
    faster = way.sites_per_second / max(naive.sites_per_second, 1e-9)
    speed = f"{faster:,.0f}" if faster >= 10 else f"{faster:.1f}"
    who, passes = "The cache", ""
    if way.name == PARALLEL:
        who, passes = "All at once", f" took {way.passes} passes instead of {way.length:,},"
    return (
        f"{who}{passes} needed {needed.removesuffix(' of it')} of the multiplications and drew"
        f" {speed} times as fast."
    )
