"""`Trainer`: the loop of a training, one `Learner` step at a time.

What happens along the way (metrics, samples, checkpoints, progress for the window) is done by
callbacks: `Callback` says when they are called, `studio.engine.training.callbacks` has the studio's
own. A `studio.engine.training.training_job.TrainingJob` puts it all into a thread.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from models.interface import Model
from models.recipe import Recipe
from studio.engine.data import fingerprints
from studio.engine.runtime import courtesy, devices, processes
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.runtime.memory import keep_freed_memory
from studio.engine.runtime.threads import all_threads
from studio.engine.scoring.shares import Sample, Share
from studio.engine.training.fresh_model import cost, fitted, fresh_model, started
from studio.engine.training.in_flight import InFlight, Reading
from studio.engine.training.learner import Learner, seeded
from studio.engine.training.runs import Run
from studio.engine.training.schedule import ByClock, schedule_for
from studio.engine.training.together import Together
from studio.engine.training.training_source import open_for, source_for

# the run's own report says what it computes in
logging.getLogger("lightning_fabric").setLevel(logging.WARNING)

_FIRST = 64  # examples that fresh weights are fitted to
_FIRST_VALUES = 2**20  # in fewer examples, where they are large
_TRIES = 3  # how often the rate is halved, in a session, where the loss is no longer a number
_REMEMBERED = 50  # good states that a whole run remembers, one after the other
_LARGEST = 1e15  # of the numbers that a run keeps
_STEEPEST = 1e9  # norm of a gradient that is told from others
_TRIED = 50  # of so many validation examples one, to find out how long scoring them takes


class Callback:
    """Called by a `Trainer` at its turning points; each
    method does nothing unless it is overridden."""

    def on_start(self, training: Trainer) -> None:
        """Before the first step of this session."""

    def on_step(self, training: Trainer) -> None:
        """After every step."""

    def on_epoch(self, training: Trainer) -> None:
        """After every epoch, when the validation part has been scored, and after the last step; for
        the same epoch once more where the training was stopped meanwhile, and goes on. By the clock
        also within a long epoch, and not after every short one; see `Schedule.looks`."""

    def on_stop(self, training: Trainer) -> None:
        """After the last step of this session, whether the training is over or was stopped."""

    def close(self) -> None:
        """Always, at the very end, whatever happened."""


class Trainer:
    """One training: its source, its learner and how far it has come. Callbacks read it.

    schedule: how long it goes on.
    seconds: spent so far, over all sessions, from the preparation of the first one on.
    losses: in training, by the model's measure, bits/dim mostly: (step, value).
    gradients: the mean norm of the gradient before it is clipped, nats an example: (step, value).
    validation: the same of the averaged weights on the validation part, (epoch, value).
    metrics: of these weights on the test part, once it is over.
    fingerprint: of the data; see `studio.engine.data.fingerprints`.
    learnt_from: how many pictures or recordings, and how many are for validation; None for a run
    that began before there was a validation part.
    samples: what they made after the last epoch of this session, levels (N, C, H, W); see
    `studio.engine.training.epoch_samples`.
    thumbnail: the first of them.
    """

    def __init__(
        self,
        name: str,
        recipe: Recipe,
        config: dict[str, Any],
        run: Run,
        device: torch.device,
        token: CancelToken | None = None,
        anyway: bool = False,
        note: Callable[[str], object] | None = None,
        resumed: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """anyway: whatever it is estimated to take.
        note: called with a sentence for the person, where something is not as they asked.
        resumed: whether `resume` is called next, which brings the weights.
        clock: what the time is, in seconds.

        TooLargeError, with the estimate, for what this machine cannot be expected to do;
        StudioError for all else that is known to be wrong.
        """
        self._clock, self._began = clock, clock()
        keep_freed_memory()
        all_threads()
        self.name, self.run = name, run
        self.token = token or CancelToken()
        self._say = note or logging.getLogger(__name__).warning
        self.fabric = fabric_for(device)
        config = {**recipe.config, **config}
        data, recipe = open_for(name, recipe, config)
        config = fitted(name, recipe, config, data)
        needed = None if anyway else cost(name, recipe, config, data, device)
        if needed is not None:
            # a GPU makes a step in parts where it does not hold a whole one
            needed.check_memory(str(device), in_parts=device.type == "cuda")
        model = fresh_model(name, recipe, config)
        if recipe.start and not resumed:
            recipe, said = started(model, recipe)
            if said:
                self._say(said)
        self.recipe = recipe
        self.config = model.config.to_dict()
        self.source = source_for(data, model, recipe, self.fabric.device)
        self.learnt_from: dict[str, int] | None = self.source.sizes
        self.fingerprint = fingerprints.fingerprint(recipe.to_dict())
        self._share = Share(self.fabric.global_rank, self.fabric.world_size)
        self._together = Together(self.fabric)
        self.steps_per_epoch = math.ceil(self.source.examples / recipe.batch)
        self.schedule = schedule_for(
            recipe,
            self.steps_per_epoch,
            {split: self.source.passes(model, split) for split in ("validation", "test")},
            self.fabric.broadcast if self.fabric.world_size > 1 else None,
        )
        if needed is not None:  # by the clock it takes no longer than it may
            needed.check_time(1 if recipe.minutes else self.steps, str(device))
        if not recipe.start:
            self._initialise(model)
        self.learner = Learner(
            model, recipe, self.fabric, self.schedule, self.source, say=self._say
        )
        self.seconds = 0.0
        self.losses: list[tuple[int, float]] = []
        self.gradients: list[tuple[int, float]] = []
        self.validation: list[tuple[float, float]] = []
        self.metrics: dict[str, Any] | None = None
        self.samples: np.ndarray | None = None
        self.thumbnail = ""  # a PNG in base64
        self._good: tuple[dict[str, Tensor], int] = {}, 0  # the last good state, and its step
        self._tries = 0
        self._owed = False  # whether the end of the last epoch was interrupted
        # since the last line of the table: losses in nats, norms of gradients, and of how many
        self._sum, self._count = torch.zeros(2, dtype=torch.float64), 0.0
        self._coming: deque[tuple[int, Reading]] = deque()  # lines of the table, by their steps
        self._lost = False  # whether a loss was no number
        self._in_flight = InFlight(self.fabric.device)
        if self.fabric.is_global_zero and not (run.folder / "config.json").exists():
            run.write_config(name, self.config, recipe, str(self.fabric.device))

    def _initialise(self, model: Model) -> None:
        """Let the model fit its fresh weights to examples: the same ones on every device, and when
        a run is resumed."""
        generator = seeded(self.recipe.seed, 0)
        count = min(_FIRST, max(self.recipe.batch, _FIRST_VALUES // self.source.dimensions))
        rows = torch.randperm(self.source.examples, generator=generator)[:count]
        x, condition, _ = self.source.first(rows, generator)
        model.initialise(x.to(model.device), condition)

    @property
    def step(self) -> int:
        return self.learner.step

    @property
    def steps(self) -> int:
        """Of the whole training; by the clock those that it will come to, as far as is known."""
        return self.schedule.steps

    @property
    def share(self) -> float:
        """How much of the training is done, 0..1."""
        return self.schedule.share(self.step)

    @property
    def precision(self) -> str:
        """What the steps compute in, as the card says it."""
        return str(self.fabric._precision.precision)

    @property
    def epoch(self) -> float:
        """Passes over the data made so far, with their fraction."""
        return self.step / self.steps_per_epoch

    @property
    def epochs(self) -> float:
        """Those of the whole training; by the clock what they will come to, as far as is known."""
        by_clock = bool(self.recipe.minutes)
        return self.steps / self.steps_per_epoch if by_clock else self.recipe.epochs

    @property
    def model(self) -> Model:
        """The averaged weights: what is scored, drawn with and kept."""
        return self.learner.averaged

    @property
    def finished(self) -> bool:
        return self.schedule.finished(self.step)

    def go(self, callbacks: Sequence[Callback]) -> None:
        """Train to the end, or until the token is cancelled; what was made is kept either way."""
        callbacks = callbacks if self.fabric.is_global_zero else []
        for callback in callbacks:
            callback.on_start(self)
        try:
            self._remember()
            while not self._learn(callbacks):
                self._go_back(callbacks)
            if not self.learner.sound:
                self._recall()  # it was stopped before anybody looked
            if self.finished and not self._stopped():
                self._test()
            for callback in callbacks:
                callback.on_stop(self)
        finally:
            self.learner.making.release()  # whoever comes next needs the memory
            for callback in callbacks:
                callback.close()

    def _learn(self, callbacks: Sequence[Callback]) -> bool:
        """Make the steps that are left, or those until the token is cancelled; False where the loss
        or a weight is no longer a number."""
        if self._owed:
            self._end_epoch(callbacks)
        for rows in self._batches():
            if self._stopped():
                break
            courtesy.window.give_way()
            loss = self.learner.learn(rows)
            self._in_flight.add()
            self.schedule.learnt(self.step, self._now())
            if not self.schedule.knows_scoring:  # at once: the rates fall by the time that is left
                self._try_scoring()
            if not self._note(loss, self.source.share(rows)):
                return False
            for callback in callbacks:
                callback.on_step(self)
            if self.schedule.looks(self.step):
                if not self.learner.sound:
                    return False
                self._end_epoch(callbacks)
            if self.step - self._good[1] >= self.steps / _REMEMBERED and self.learner.sound:
                self._remember()
        return self._take_losses(wait=True)

    def _stopped(self) -> bool:
        """Whether this process is to stop, or any other that trains along: all of them have to ask,
        and all are told the same."""
        if stopped := self._together.any(self.token.cancelled):
            self.token.cancel()
        return stopped

    def _now(self) -> float:
        """The seconds that were spent, as they are from now on."""
        self.seconds = self._clock() - self._began
        return self.seconds

    def _remember(self) -> None:
        """Keep the state of this step, in the memory of the processor."""
        state = {name: tensor.to("cpu", copy=True) for name, tensor in self.learner.state().items()}
        self._good = state, self.step

    def _recall(self) -> None:
        """Be again where `_remember` was."""
        self.learner.load_state(*self._good)
        self._sum.zero_()
        self._count, self._lost = 0.0, False
        self._coming.clear()
        self.losses, self.gradients = (
            [(step, value) for step, value in curve if step <= self.step]
            for curve in (self.losses, self.gradients)
        )
        self.validation = [(at, value) for at, value in self.validation if at <= self.epoch]

    def _go_back(self, callbacks: Sequence[Callback]) -> None:
        """Go back to the last good state, to go on with half the rate; StudioError, when all that
        was good is kept, where that was done a few times already."""
        lost = self.step
        self._recall()
        self._tries += 1
        if self._tries > _TRIES:
            if self.step:
                for callback in callbacks:
                    callback.on_stop(self)
            raise StudioError(
                f"The loss is no longer a number after step {lost:,}, even with"
                f" {self.learner.slowed:.3g} times the rate. "
                + (f"The model of step {self.step:,} is kept." if self.step else "Lower the rate.")
            )
        self.learner.slowed /= 2
        self._say(
            f"After step {lost:,} the loss was no longer a number: back to step {self.step:,}, and"
            f" on with {self.learner.slowed:.3g} times the rate."
        )
        for callback in callbacks:
            callback.on_start(self)

    def _end_epoch(self, callbacks: Sequence[Callback]) -> None:
        """Score and draw. Where that is interrupted, it is owed,
        and done when the training goes on."""
        self._owed = True
        if self.schedule.validates(self.step):
            self.validate()
        began = self._now()
        for callback in callbacks:
            callback.on_epoch(self)
        self._owed = self._stopped()
        self.schedule.looked(self._now(), None if self._owed else self.seconds - began)

    def _try_scoring(self) -> None:
        """Find out by a few examples how long scoring takes, so that there is time for it."""
        sample = Sample(0, max(1, min(_TRIED, self.source.sizes["validation"])))
        took = 0.0
        for _ in range(2):  # the first time is longer
            began = self._now()
            self.source.score(self.model, "validation", self.token, sample)
            took = self._now() - began
        self.schedule.scored(self.seconds, took * sample.processes)
        if isinstance(self.schedule, ByClock) and self.schedule.too_short:
            self._say(
                f"Scoring the model takes long beside {self.recipe.minutes:g} minutes: this"
                " training ends later."
            )

    def resume(self) -> None:
        """Go on where the run's folder stands; StudioError
        where it is over or its files are not this model's."""
        tensors, numbers = self.run.load_state(self.fabric.device)
        try:
            step = int(_within(numbers["step"], 0))
            self.learner.load_state(tensors, step)
            self.seconds, self._count = (
                _within(numbers["seconds"], 0),
                _within(numbers["count"], 0),
            )
            sums = (numbers["sum"], numbers.get("norms", 0.0))
            self._sum.copy_(torch.tensor([*map(_within, sums)], dtype=torch.float64))
            self._began = self._clock() - self.seconds
            self.schedule.load_state(step, numbers.get("schedule", {}))
            self._owed, self.thumbnail = bool(numbers["owed"]), str(numbers["thumbnail"])
            self.learnt_from = numbers.get("learnt_from")
            self.learner.slowed = _within(numbers.get("slowed", 1.0), 0, 1)
            scored = bool(numbers["scored"])
        except (KeyError, RuntimeError, ValueError, TypeError, OverflowError) as error:
            raise StudioError(
                f"The run {self.run.folder} cannot be resumed: its files do not fit together."
            ) from error
        recipe = self.recipe.to_dict()
        if numbers.get("fingerprint", self.fingerprint) != self.fingerprint:
            raise StudioError(
                f"The data at {fingerprints.in_words(recipe)} have changed since the run"
                f" {self.run.name} began: put them back as they were, or begin a new run."
            )
        if self.finished and scored:
            raise StudioError(
                f"The run {self.run.name} is finished: there is nothing left to resume."
            )
        measure = self.model.measure
        for row in self.run.metrics():
            if row["step"] > self.step:
                break
            if (value := row.get(f"train_{measure}")) is not None:
                self.losses.append((int(row["step"]), value))
            if (norm := row.get("gradient_norm")) is not None:
                self.gradients.append((int(row["step"]), norm))
            if (value := row.get(f"val_{measure}")) is not None:
                self.validation.append((row["epoch"], value))

    def save_state(self) -> None:
        """Write what `resume` needs; what is no number is never written."""
        if not self.learner.sound or not self._take_losses(wait=True):
            return
        numbers = {
            "step": self.step,
            "seconds": self.seconds,
            **dict(zip(("sum", "norms"), self._sum.tolist(), strict=True)),
            "count": self._count,
            "owed": self._owed,
            "scored": self.metrics is not None,
            "thumbnail": self.thumbnail,
            "learnt_from": self.learnt_from,
            "slowed": self.learner.slowed,
            "fingerprint": self.fingerprint,
            "schedule": self.schedule.state(),
        }
        self.run.save_state(self.learner.state(), numbers)

    def validate(self) -> None:
        """Score the averaged weights on the validation part, once after the same step."""
        if self.validation and math.isclose(self.validation[-1][0], self.epoch, abs_tol=1e-6):
            return
        began = self._now()
        score = self._score("validation")
        if score is not None:
            self.schedule.scored(self._now(), self.seconds - began)
            self.validation.append((self.epoch, score[self.model.measure]))

    def _test(self) -> None:
        score = self._score("test")
        if score is not None:
            self.metrics = {**score, "split": "test", "weights": "ema"}

    def _score(self, split: str) -> dict[str, Any] | None:
        score = self.source.score(self.model, split, self.token, self._share)
        if score is None:
            return None
        return {key: value for key, value in score.to_dict().items() if key != "seconds"}

    def _batches(self) -> Iterator[Tensor]:
        """What is left of the training, as numbers of examples (B,)."""
        size = self.recipe.batch
        while not self.finished:
            epoch, within = divmod(self.step, self.steps_per_epoch)
            shuffled = torch.randperm(
                self.source.examples, generator=seeded(self.recipe.seed, -1 - epoch)
            )
            for start in range(within * size, len(shuffled), size):
                yield shuffled[start : start + size]
                if self.finished:
                    return

    def _note(self, loss: Tensor, share: float) -> bool:
        """Add a loss (nats an example, of which a share counts) to the running mean, which
        becomes a line of the table where one is due; False where one was no number."""
        self._sum = self._sum.to(loss.device) if loss.device.type != "mps" else self._sum
        norm = self.learner.gradient_norm.clamp(max=_STEEPEST) * share
        self._sum += torch.stack([loss, norm]).to(self._sum)
        self._count += share
        if self.schedule.writes(self.step):
            # of all processes together: they write one number, and go back together
            means = self._together.mean(self._sum) / self._count
            self._coming.append((self.step, Reading(means)))
            self._sum.zero_()
            self._count = 0.0
        # processes that train together find out after the same step
        together = self.fabric.world_size > 1
        return self._take_losses(wait=together or self.schedule.looks(self.step))

    def _take_losses(self, wait: bool) -> bool:
        """Take the lines of the table that are there, or wait for all of them; False where one was
        no number."""
        while self._coming and (wait or self._coming[0][1].there):
            step, reading = self._coming.popleft()
            nats, steep = reading.numbers()
            if not math.isfinite(nats) or not math.isfinite(steep):
                self._lost = True
                self._coming.clear()
                break
            self.losses.append((step, nats / (self.source.dimensions * math.log(2))))
            self.gradients.append((step, steep))
        return not self._lost


def _within(number: Any, low: float = -_LARGEST, high: float = _LARGEST) -> float:
    """A number that was kept; ValueError, TypeError or OverflowError for anything else."""
    if not low <= (found := float(number)) <= high:
        raise ValueError(number)
    return found


def fabric_for(device: torch.device) -> Fabric:
    """One device, or those that `fabric run` was asked for; bf16 where it computes in that."""
    precision: Any = "bf16-mixed" if devices.supports_bf16(device) else "32-true"
    if processes.together():  # they are there already, and know how many they are
        return Fabric(precision=os.environ.get("LT_PRECISION", precision))
    which = [device.index or 0] if device.type == "cuda" else 1
    fabric = Fabric(accelerator=device.type, devices=which, precision=precision)
    fabric.launch()
    return fabric
