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

from models.autoencoder import SCORED_NOISE, Autoencoder
from models.interface import AutoregressiveModel, Classes
from studio.engine import checkpoints, devices
from studio.engine.evidence import HALVES, half
from studio.engine.exporting import save_samples
from studio.engine.generation import generating
from studio.engine.jobs import Job
from studio.engine.learner import generator
from studio.engine.preparation import to_grey
from studio.engine.reconstruction import most_probable, noisy
from studio.engine.runs import columns

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
    """How far a training has come. Figures are of the model's `measure`; `loss` is the mean of the last stretch of steps.

    rate: the present share of the peak learning rate.  seconds_left: None until it can be told.  watched: of the averaged
    weights on the first test images, after the last epoch.  samples: levels (64, C, H, W) uint8 made after the last epoch.
    """

    measure: str
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
                measure=training.model.measure,
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
            self._write(training, "train", step, value)
        self.written = len(training.losses)

    def on_epoch(self, training: Training) -> None:
        for _, value in training.watched[self.watched_written :]:
            self._write(training, "watched", training.step, value)
        self.watched_written = len(training.watched)

    def close(self) -> None:
        if self.events is not None:
            self.events.close()

    def _write(self, training: Training, part: str, step: int, value: float) -> None:
        assert self.events is not None
        column = f"{part}_{training.model.measure}"
        row = {
            "step": step,
            "epoch": round(training.epoch, 6),
            "seconds": round(training.seconds, 2),
            "rate": training.learner.rate,
            column: value,
        }
        training.run.add_metrics(row, columns(training.model.measure))
        self.events.add_scalar(column, value, step)
        self.events.add_scalar("rate", training.learner.rate, step)


class Samples(Callback):
    """Shows what the averaged weights can do after every epoch, with the same luck, so that it can be compared: 64 pictures
    drawn from nothing, or where the model cannot generate test images with noise, and beside each what it makes of it."""

    def on_epoch(self, training: Training) -> None:
        model = training.model
        samples = restored(training, model) if isinstance(model, Autoencoder) else drawn(training, generating(model))
        if samples is not None:
            training.samples = samples
            training.thumbnail = thumbnail(samples[0 if model.autoregressive else 1], model.spec.levels)
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
        metrics = {training.model.measure: value, "split": "first test images", "weights": "ema", "epoch": epoch}
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
def drawn(training: Training, model: AutoregressiveModel) -> np.ndarray | None:
    """64 samples of the averaged weights, levels (64, C, H, W) uint8, one class after the other where there are classes;
    None where the training was stopped meanwhile.

    A model that is told what is given draws the first half of them from nothing, and finishes test images in the others."""
    condition: Tensor | None = None
    x, known = _given(training)
    if model.takes_painting:
        condition = model.painted(x, known)
    elif isinstance(model.conditioning, Classes):
        condition = torch.arange(SAMPLES, device=model.device) % model.conditioning.count
    stepper = model.stepper(SAMPLES, condition)
    sites, draws = len(model.order), model.likelihood.draws
    noise = torch.rand(sites, SAMPLES, draws, generator=generator(training.recipe.seed, -1)).to(model.device)
    flat, given = x.flatten(2).to(torch.uint8), known.flatten(1)
    for site, place in enumerate(stepper.order.tolist()):
        if training.token.cancelled:
            return None
        values = model.likelihood.sample(stepper.conditional(), noise[site])
        values = torch.where(given[:, place, None], x.flatten(2)[:, :, place], values)
        flat[:, :, place] = values.to(torch.uint8)
        stepper.commit(values)
    picture: np.ndarray = flat.unflatten(2, model.spec.space).cpu().numpy()
    return picture


def _given(training: Training) -> tuple[Tensor, Tensor]:
    """Levels (64, C, H, W) and where they are given, bool (64, H, W): nowhere, unless the model is told what is given. Then
    the last 32 are test images with a half given, one side after the other."""
    model = training.model
    channels, space = model.spec.channels, model.spec.space
    x = torch.zeros(SAMPLES, channels, *space, dtype=torch.long)
    known = torch.zeros(SAMPLES, *space, dtype=torch.bool)
    if model.takes_painting:
        images = training.data.test[: SAMPLES // 2]
        levels = training.learner.preparation.apply(images, generator(training.recipe.seed, -1))
        for row, picture in enumerate(levels, SAMPLES // 2):
            x[row] = picture
            known[row] = torch.from_numpy(half(HALVES[row % len(HALVES)], model.spec))
    return x.to(model.device), known.to(model.device)


def restored(training: Training, model: Autoencoder) -> np.ndarray:
    """The first test images with noise, and what the averaged weights make of each, one beside the other: levels
    (64, C, H, W) uint8, fewer where there are fewer images."""
    images = training.learner.preparation.apply(training.data.test[: SAMPLES // 2], generator(training.recipe.seed, -1))
    shown = noisy(model, images, SCORED_NOISE, training.recipe.seed)
    pictures: np.ndarray = torch.stack([shown, most_probable(model, shown).cpu()], 1).flatten(0, 1).numpy()
    return pictures


def thumbnail(levels: np.ndarray, count: int) -> str:
    """A sample (C, H, W) as a PNG in base64."""
    grey = to_grey(torch.from_numpy(levels.copy()), count).permute(1, 2, 0).numpy()
    image = Image.fromarray(grey[:, :, 0] if grey.shape[2] == 1 else grey)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
