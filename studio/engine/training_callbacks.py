"""What happens along a training: lines in tables, samples, checkpoints, and progress for whoever watches."""

from __future__ import annotations

import base64
import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.interface import Classes
from studio.engine import checkpoints, devices
from studio.engine.exporting import save_samples
from studio.engine.jobs import Job
from studio.engine.learner import generator
from studio.engine.preparation import to_grey

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

    from studio.engine.training import Training

SAMPLES = 64
_SAVE_SECONDS = 60.0
_REPORT_SECONDS = 0.2


class Callback:
    """Called by a `Training` at its turning points; each method does nothing unless it is overridden."""

    def on_start(self, training: Training) -> None:
        """Before the first step of this sitting."""

    def on_step(self, training: Training) -> None:
        """After every step."""

    def on_epoch(self, training: Training) -> None:
        """After every epoch, when the watched images have been scored, and after the last step; for the same epoch once
        more where the training was stopped meanwhile, and goes on."""

    def on_stop(self, training: Training) -> None:
        """After the last step of this sitting, whether the training is over or was stopped."""

    def close(self) -> None:
        """Always, at the very end, whatever happened."""


@dataclass(frozen=True)
class Progress:
    """How far a training has come. Figures are in bits/dim; `loss` is the mean of the last stretch of steps.

    rate: the present share of the peak learning rate.  seconds_left: None until it can be told.  watched: of the averaged
    weights on the first test images, after the last epoch.  samples: levels (64, C, H, W) uint8 drawn after the last epoch.
    """

    step: int
    steps: int
    epoch: float
    epochs: float
    loss: float | None
    rate: float
    seconds: float
    seconds_left: float | None
    images_per_second: float | None
    watched: float | None
    history: list[tuple[int, float]] = field(repr=False)
    watched_history: list[tuple[float, float]] = field(repr=False)
    samples: np.ndarray | None = field(repr=False)


class Reports(Callback):
    """Puts `Progress` into a job's mailbox, a few times a second."""

    def __init__(self, job: Job[Any]) -> None:
        self.job = job
        self.last = -1.0
        self.began: tuple[float, int] = (0.0, 0)

    def on_start(self, training: Training) -> None:
        self.began = (time.monotonic(), training.step)
        self._report(training)

    def on_step(self, training: Training) -> None:
        if time.monotonic() - self.last >= _REPORT_SECONDS:
            self._report(training)

    def on_epoch(self, training: Training) -> None:
        self._report(training)

    def on_stop(self, training: Training) -> None:
        self._report(training)

    def _report(self, training: Training) -> None:
        now = self.last = time.monotonic()
        seconds, steps = now - self.began[0], training.step - self.began[1]
        speed = steps / seconds if steps and seconds > 0 else None  # steps a second in this sitting
        self.job.progress = training.step / training.steps
        self.job.mailbox.put(
            Progress(
                step=training.step,
                steps=training.steps,
                epoch=training.epoch,
                epochs=training.recipe.epochs,
                loss=training.losses[-1][1] if training.losses else None,
                rate=training.learner.rate,
                seconds=training.seconds,
                seconds_left=None if speed is None else (training.steps - training.step) / speed,
                images_per_second=None if speed is None else speed * training.recipe.batch,
                watched=training.watched[-1][1] if training.watched else None,
                history=training.losses.copy(),
                watched_history=training.watched.copy(),
                samples=training.samples,
            )
        )


class Metrics(Callback):
    """Writes every figure twice: as a line of metrics.csv and as TensorBoard events."""

    def __init__(self) -> None:
        self.events: SummaryWriter | None = None
        self.written = self.watched_written = 0

    def on_start(self, training: Training) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.events = SummaryWriter(str(training.run.tensorboard), purge_step=training.step or None)
        self.written, self.watched_written = len(training.losses), len(training.watched)

    def on_step(self, training: Training) -> None:
        for step, value in training.losses[self.written :]:
            self._write(training, "train_bits_per_dim", step, value)
        self.written = len(training.losses)

    def on_epoch(self, training: Training) -> None:
        for _, value in training.watched[self.watched_written :]:
            self._write(training, "watched_bits_per_dim", training.step, value)
        self.watched_written = len(training.watched)

    def close(self) -> None:
        if self.events is not None:
            self.events.close()

    def _write(self, training: Training, column: str, step: int, value: float) -> None:
        assert self.events is not None
        row = {
            "step": step,
            "epoch": round(training.epoch, 6),
            "seconds": round(training.seconds, 2),
            "rate": training.learner.rate,
            column: value,
        }
        training.run.add_metrics(row)
        self.events.add_scalar(column, value, step)
        self.events.add_scalar("rate", training.learner.rate, step)


class Samples(Callback):
    """Draws 64 pictures with the averaged weights after every epoch, with the same luck, so that they can be compared."""

    def on_epoch(self, training: Training) -> None:
        samples = drawn(training)
        if samples is not None:
            training.samples = samples
            training.thumbnail = thumbnail(samples[0], training.model.spec.levels)
            number = max(1, round(training.epoch))
            path = training.run.samples / f"epoch-{number:03d}.png"
            save_samples(samples, training.model.spec.levels, path)


class Checkpoints(Callback):
    """Keeps the latest and the best averaged weights, and every minute what going on after a crash needs."""

    def __init__(self) -> None:
        self.last = 0.0

    def on_start(self, training: Training) -> None:
        self.last = time.monotonic()

    def on_step(self, training: Training) -> None:
        if time.monotonic() - self.last >= _SAVE_SECONDS:
            training.save_state()
            self.last = time.monotonic()

    def on_epoch(self, training: Training) -> None:
        card = card_of(training)
        checkpoints.save(training.model, training.run.latest, card)
        if training.watched and training.watched[-1][1] == min(value for _, value in training.watched):
            checkpoints.save(training.model, training.run.best, {**card, "selected_on": "the watched test images"})
        training.save_state()
        self.last = time.monotonic()

    def on_stop(self, training: Training) -> None:
        checkpoints.save(training.model, training.run.latest, card_of(training))
        training.save_state()


def card_of(training: Training) -> dict[str, Any]:
    """What the checkpoint's card says of a training."""
    metrics = training.metrics
    if metrics is None and training.watched:
        epoch, value = training.watched[-1]
        metrics = {"bits_per_dim": value, "split": "first test images", "weights": "ema", "epoch": epoch}
        if training.model.any_order:
            metrics["orders"] = 1
    return {
        "data": training.data.name,
        "preparation": training.recipe.preparation,
        "recipe": training.recipe.to_dict(),
        "seed": training.recipe.seed,
        "epochs": round(training.epoch, 4),
        "seconds": round(training.seconds, 1),
        "machine": devices.describe(training.fabric.device),
        "precision": training.precision,
        "weights": "ema",
        "metrics": metrics or {},
        "thumbnail": training.thumbnail,
    }


@torch.inference_mode()
def drawn(training: Training) -> np.ndarray | None:
    """64 samples of the averaged weights, levels (64, C, H, W) uint8, one class after the other where there are classes;
    None where the training was stopped meanwhile."""
    model = training.model
    condition: Tensor | None = None
    if isinstance(model.conditioning, Classes):
        condition = torch.arange(SAMPLES, device=model.device) % model.conditioning.count
    stepper = model.stepper(SAMPLES, condition)
    sites, draws = len(model.order), model.likelihood.draws
    noise = torch.rand(sites, SAMPLES, draws, generator=generator(training.recipe.seed, -1)).to(model.device)
    flat = torch.zeros(SAMPLES, model.spec.channels, sites, dtype=torch.uint8, device=model.device)
    for site in range(sites):
        if training.token.cancelled:
            return None
        values = model.likelihood.sample(stepper.conditional(), noise[site])
        flat[:, :, stepper.order[site]] = values.to(torch.uint8)
        stepper.commit(values)
    picture: np.ndarray = flat.unflatten(2, model.spec.space).cpu().numpy()
    return picture


def thumbnail(levels: np.ndarray, count: int) -> str:
    """A sample (C, H, W) as a PNG in base64."""
    grey = to_grey(torch.from_numpy(levels.copy()), count).permute(1, 2, 0).numpy()
    image = Image.fromarray(grey[:, :, 0] if grey.shape[2] == 1 else grey)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
