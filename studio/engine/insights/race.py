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
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Model, Stepper
from studio.engine.editing.site_words import draws_codes, of_model
from studio.engine.generation.decoders import SEQUENTIAL
from studio.engine.generation.guidance import (
    conditionals_of,
    guidance_of,
    likelihood_of,
    stepper_of,
)
from studio.engine.generation.methods import AUTO
from studio.engine.generation.noise import noise_for
from studio.engine.generation.parallel_decoding import ParallelDecoding
from studio.engine.generation.sampling_options import (
    SamplingOptions,
    check_options,
    order_of,
)
from studio.engine.insights import multiplications
from studio.engine.insights.ways import CACHED, NAIVE, PARALLEL, WayMoment
from studio.engine.runtime.errors import StudioError

LONGEST = 60.0  # seconds of its own that a way may take
_TURN_SECONDS = 0.01


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
    """The picture that all draw. order: raster indices in the order of generation, (N,); sites: the
    same on the host. noise: in that order too, (1, N, draws)."""

    def __init__(self, model: AutoregressiveModel, options: SamplingOptions) -> None:
        options = replace(options, count=1, method=AUTO, decode=SEQUENTIAL)
        check_options(options, model)
        device = model.device
        self.model, self.sampling = model, options.sampling
        self._guidance = guidance_of(model, options)
        self.likelihood = likelihood_of(model, self._guidance)
        self.order = torch.from_numpy(order_of(options, model)).to(device)
        self._own_order = self.order if model.any_order else None
        noise = noise_for(model, 1, options.seed).to(device)
        self.noise = noise.index_select(1, self.order)
        self._condition = (
            None if options.condition is None else torch.tensor([options.condition], device=device)
        )
        self.sites = self.order.tolist()

    def conditionals(self, pictures: Tensor) -> Tensor:
        return conditionals_of(
            self.model, pictures, self._condition, self._own_order, self._guidance
        )

    def stepper(self) -> Stepper:
        return stepper_of(self.model, 1, self._condition, self._own_order, self._guidance)

    def empty(self) -> Tensor:
        """int64 (1, C, N), by raster index."""
        return self.order.new_zeros(1, self.model.spec.channels, len(self.order))

    @property
    def clock(self) -> Callable[[], float]:
        return time.thread_time if self.order.device.type == "cpu" else time.perf_counter


class _Way(ABC):
    """pictures: int64 (1, C, N), by raster index."""

    name: str

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
            draws_codes(self.task.model),
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

    def __init__(self, task: _Task, steps: multiplications.Steps) -> None:
        super().__init__(task)
        self._stepper: Stepper | None = None
        self._steps, self._counted = steps, 0  # sites
        if not steps.cached:
            no_cache = "This model has no cache: it makes a pass for every pixel."
            self.why_not = of_model(no_cache, task.model)

    @property
    def uncounted(self) -> bool:
        """Whether steps were made that are not counted yet."""
        return self._counted < self.position

    def count(self, interrupted: Callable[[], bool]) -> None:
        """Some of them; takes none of its own time."""
        until = time.monotonic() + _TURN_SECONDS
        while self.uncounted:
            self._counted += 1
            self._steps.until(self._counted)
            if time.monotonic() > until or interrupted():
                break

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
        self.pictures[:, :, task.order[first : self.position]] = torch.stack(drawn, 2)

    def _computed(self) -> list[int]:
        at = self.position
        return self.task.sites[at - 1 : at] if at and not self.finished else []

    def _multiplications(self) -> int:
        return self._steps.until(self._counted) if self._counted else 0


class _AllAtOnce(_Way):
    name = PARALLEL

    def __init__(self, task: _Task, of_a_pass: int) -> None:
        super().__init__(task)
        self._of_a_pass = of_a_pass
        self._decoding = ParallelDecoding(
            lambda pictures, rows: task.conditionals(pictures),
            task.likelihood,
            task.order,
            task.noise.transpose(0, 1),
            task.model.spec.space,
        )
        self._settled = task.empty()[0].T[:0, None].to(torch.uint8)  # (sites, 1, C)
        self._drawn = list[int]()

    def _turn(self, interrupted: Callable[[], bool]) -> None:
        sites, before = self.task.sites, self.position
        made = self._decoding.run(
            self._settled, [(0, len(sites), self.task.sampling)], lambda: False
        )
        assert made is not None
        self._settled = torch.cat([self._settled, made[0]])
        self.position, self.passes = len(self._settled), self.passes + 1
        self._drawn = sites[before:]
        found = torch.cat([self._settled, self._decoding.passes[-1].guesses])  # (N, 1, C)
        self.pictures[:, :, self.task.order] = found.permute(1, 2, 0).long()

    def _computed(self) -> list[int]:
        return [] if self.finished else self._drawn

    def _multiplications(self) -> int:
        return self.passes * self._of_a_pass


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
        self._ways: tuple[_Way, ...] = (
            _Naive(self._task, self._of_a_pass),
            self._cached,
            _AllAtOnce(self._task, self._of_a_pass),
        )

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
