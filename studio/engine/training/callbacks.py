"""What happens along a training: lines in tables, samples,
checkpoints, and progress for whoever looks on."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from studio.engine import checkpoints
from studio.engine.generation.exporting import save_samples
from studio.engine.media.recordings import write_recording
from studio.engine.runtime import devices
from studio.engine.runtime.jobs import Job
from studio.engine.training.epoch_samples import made_by, thumbnail
from studio.engine.training.runs import columns
from studio.engine.training.trainer import Callback, Trainer

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_SAVE_SECONDS = 60.0
_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class Progress:
    """How far a training has come. Figures are of the model's `measure`; `loss` is the mean of the
    last stretch of steps.

    steps, epochs: of the whole training; by the clock what it will come to, as far as is known.
    share: how much of it is done, 0..1.
    minutes: that were asked for; 0 where epochs count.
    rate: the present share of the peak learning rate.
    seconds_left: None until it is known.
    validation: of the averaged weights on the validation part, after the last epoch.
    gradient_norm: before it was clipped, in the mean of the last stretch of steps.
    samples: levels (N, C, H, W) uint8 of the last epoch.
    """

    measure: str
    step: int
    steps: int
    epoch: float
    epochs: float
    share: float
    minutes: float
    loss: float | None
    rate: float
    seconds: float
    seconds_left: float | None
    examples_per_second: float | None
    validation: float | None
    history: list[tuple[int, float]] = field(repr=False)
    validation_history: list[tuple[float, float]] = field(repr=False)
    samples: np.ndarray | None = field(repr=False)
    gradient_norm: float | None = None
    gradient_history: list[tuple[int, float]] = field(default_factory=list, repr=False)

    @property
    def in_epochs(self) -> str:
        """Such as: 1.50 of 4, or, by the clock, 1.50 of about 3.4."""
        whole = f"about {float(f'{self.epochs:.2g}'):g}" if self.minutes else f"{self.epochs:g}"
        return f"{self.epoch:.2f} of {whole}"

    @property
    def in_steps(self) -> str:
        """Such as: 2,800 of 7,500, or, by the clock, 2,800 of about 7,500."""
        return f"{self.step:,} of {'about ' if self.minutes else ''}{self.steps:,}"


class Reports(Callback):
    """Puts `Progress` into a job's mailbox, a few times a second."""

    def __init__(self, job: Job[Any]) -> None:
        self.job = job
        self.last = -1.0
        self.began: tuple[float, int] = (0.0, 0)

    def on_start(self, training: Trainer) -> None:
        self.began = (time.monotonic(), training.step)
        self._report(training)

    def on_step(self, training: Trainer) -> None:
        if time.monotonic() - self.last >= _REPORT_SECONDS:
            self._report(training)

    def on_epoch(self, training: Trainer) -> None:
        self._report(training)

    def on_stop(self, training: Trainer) -> None:
        self._report(training)

    def _report(self, training: Trainer) -> None:
        now = self.last = time.monotonic()
        seconds, steps = now - self.began[0], training.step - self.began[1]
        speed = steps / seconds if steps and seconds > 0 else None  # steps a second in this session
        self.job.progress = training.share
        self.job.mailbox.put(
            Progress(
                measure=training.model.measure,
                step=training.step,
                steps=training.steps,
                epoch=training.epoch,
                epochs=training.epochs,
                share=training.share,
                minutes=training.recipe.minutes,
                loss=training.losses[-1][1] if training.losses else None,
                rate=training.learner.rate,
                seconds=training.seconds,
                seconds_left=training.schedule.seconds_left(training.step, speed),
                examples_per_second=None if speed is None else speed * training.recipe.batch,
                validation=training.validation[-1][1] if training.validation else None,
                history=training.losses.copy(),
                validation_history=training.validation.copy(),
                samples=training.samples,
                gradient_norm=training.gradients[-1][1] if training.gradients else None,
                gradient_history=training.gradients.copy(),
            )
        )


class Metrics(Callback):
    """Writes every figure twice: as a line of metrics.csv and as TensorBoard events."""

    def __init__(self) -> None:
        self.events: SummaryWriter | None = None
        self.written = self.validation_written = 0

    def on_start(self, training: Trainer) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.close()  # where the training went back, it starts once more
        training.run.rewind_metrics(training.step, columns(training.model.measure))
        self.events = SummaryWriter(str(training.run.tensorboard), purge_step=training.step or None)
        self.written, self.validation_written = len(training.losses), len(training.validation)

    def on_step(self, training: Trainer) -> None:
        new = len(training.losses) - self.written  # on a GPU a step's figures come some steps later
        if new < 0:  # it went back to the last good state, and ends there
            training.run.rewind_metrics(training.step, columns(training.model.measure))
            self.written, self.validation_written = len(training.losses), len(training.validation)
            return
        lines = zip(training.losses[-new:], training.gradients[-new:], strict=True)
        for (step, value), (_, norm) in lines if new else ():
            self._write(training, "train", step, value, gradient_norm=norm)
        self.written = len(training.losses)

    def on_epoch(self, training: Trainer) -> None:
        for _, value in training.validation[self.validation_written :]:
            self._write(training, "val", training.step, value)
        self.validation_written = len(training.validation)

    def on_stop(self, training: Trainer) -> None:
        self.on_step(training)
        if training.metrics is not None:
            self._write(training, "test", training.step, training.metrics[training.model.measure])

    def close(self) -> None:
        if self.events is not None:
            self.events.close()

    def _write(
        self, training: Trainer, part: str, step: int, value: float, **besides: float
    ) -> None:
        assert self.events is not None
        column = f"{part}_{training.model.measure}"
        row = {
            "step": step,
            "epoch": round(step / training.steps_per_epoch, 6),
            "seconds": round(training.seconds, 2),
            "rate": training.learner.rate,
            column: value,
            **besides,
        }
        training.run.add_metrics(row, columns(training.model.measure))
        for name in (column, "rate", *besides):
            self.events.add_scalar(name, row[name], step)


class Samples(Callback):
    """Shows what the averaged weights can do after every epoch, with the same noise, so that it can
    be compared: as pictures, and beside them what can be heard."""

    def on_epoch(self, training: Trainer) -> None:
        made = made_by(training)
        if made is None:
            return
        training.samples, levels = made.pictures, training.model.pictures.levels
        training.thumbnail = thumbnail(made.pictures[made.first], levels)
        stem = training.run.samples / f"epoch-{number_of(training):03d}"
        save_samples(made.pictures, levels, stem.with_suffix(".png"))
        if made.sound is not None:
            metadata = {
                "model": training.name,
                "seed": training.recipe.seed,
                "epoch": round(training.epoch, 2),
            }
            write_recording(stem.with_suffix(".wav"), made.sound.samples, made.sound.rate, metadata)


class Checkpoints(Callback):
    """Saves the latest and the best averaged weights and those of every epoch, and every minute
    what is needed to go on after a crash."""

    def __init__(self) -> None:
        self.last = 0.0

    def on_start(self, training: Trainer) -> None:
        self.last = time.monotonic()

    def on_step(self, training: Trainer) -> None:
        if time.monotonic() - self.last >= _SAVE_SECONDS:
            training.save_state()
            self.last = time.monotonic()

    def on_epoch(self, training: Trainer) -> None:
        training.save_state()  # first: a run is resumed by it, whatever else is there
        self.last = time.monotonic()
        card = card_of(training)
        checkpoints.save(training.model, training.run.latest, card)
        if training.validation and training.validation[-1][1] == min(
            value for _, value in training.validation
        ):
            checkpoints.save(
                training.model,
                training.run.best,
                {**card, "selected_on": "validation"},
            )
        path = training.run.epoch_checkpoint(number_of(training))
        checkpoints.save(training.model, path, card, torch.bfloat16)
        training.run.thin_out()

    def on_stop(self, training: Trainer) -> None:
        checkpoints.save(training.model, training.run.latest, card_of(training))
        training.save_state()


def number_of(training: Trainer) -> int:
    """Of the epoch that is over, or in which it is, by which its files are called."""
    return math.ceil(training.epoch)


def card_of(training: Trainer) -> dict[str, Any]:
    """What the checkpoint's card says of a training."""
    metrics = training.metrics
    if metrics is None and training.validation:
        epoch, value = training.validation[-1]
        metrics = {
            training.model.measure: value,
            "split": "validation",
            "weights": "ema",
            "epoch": epoch,
        }
        if training.model.any_order:
            metrics["orders"] = 1
    learnt_from = {} if training.learnt_from is None else {"learnt_from": training.learnt_from}
    return {
        "data": training.source.name,
        **learnt_from,
        "data_fingerprint": training.fingerprint,
        "preparation": training.recipe.preparation,
        "recipe": training.recipe.to_dict(),
        "seed": training.recipe.seed,
        "epochs": round(training.epoch, 4),
        "seconds": round(training.seconds, 1),
        "machine": devices.describe(training.fabric.device),
        "precision": training.precision,
        "weights": "ema",
        "metrics": metrics or {},
        "run_metrics": _run_metrics(training),
        "thumbnail": training.thumbnail,
    }


def _run_metrics(training: Trainer) -> dict[str, float]:
    """The latest figure of each part, as metrics.csv calls them."""
    measure = training.model.measure
    found = {}
    if training.losses:
        found[f"train_{measure}"] = training.losses[-1][1]
    if training.validation:
        found[f"val_{measure}"] = training.validation[-1][1]
    if training.metrics is not None:
        found[f"test_{measure}"] = training.metrics[measure]
    return found
