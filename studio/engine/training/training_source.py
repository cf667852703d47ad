"""`TrainingSource`: what a training is fed with, a batch at a time, and what it is scored on. All
that differs between pictures and sound for a training is here: `PictureSource` and
`SoundSource`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

import models
from models.interface import Classes, Model
from models.recipe import Recipe
from models.wavenet_audio import WaveNet
from studio.engine.audio.rendering import sounding
from studio.engine.data.audio_data import AudioData, baselines, check_classes, open_audio
from studio.engine.data.audio_windows import Windows
from studio.engine.data.data_sets import Data, Preparation, check_labels, open_data
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.evaluation import evaluate_images
from studio.engine.scoring.scores import Score
from studio.engine.scoring.sound_scoring import evaluate_sounds

WATCHED = 2_000  # test images that the model is scored on after each epoch
WATCHED_SECONDS = 30  # of held-out sound, for the same

Batch = tuple[Tensor, Tensor | None, Tensor | None]  # x, condition, known: see `Model.loss`


class TrainingSource(ABC):
    """name: of the data.  examples: in an epoch.  dimensions: values of a whole example."""

    name: str
    examples: int
    dimensions: int

    @abstractmethod
    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        """The examples of these numbers (B,), on the device of the training.

        generator: a generator of the processor, for what is left to chance.
        """

    def first(self, rows: Tensor, generator: torch.Generator) -> Batch:
        """The same, for fresh weights to be fitted to: nothing is mirrored."""
        return self.batch(rows, generator)

    def share(self, rows: Tensor) -> float:
        """How much of these examples counts, 0..1."""
        return 1.0

    @abstractmethod
    def score(self, model: Model, whole: bool, token: CancelToken) -> Score | None:
        """How well a model does on what is held out, all of it or always the same part of it; None
        where the token was cancelled."""


class PictureSource(TrainingSource):
    """Every example is a picture of the data."""

    def __init__(self, data: Data, model: Model, recipe: Recipe, device: torch.device) -> None:
        self.data, self.name, self.flip = data, data.name, recipe.flip
        self.preparation = Preparation.parse(recipe.preparation)
        self.images = data.train.to(device)
        labels = _labels(model, data.train_labels, data.name)
        self.labels = None if labels is None else labels.to(device)
        self.examples, self.dimensions = len(self.images), self.images[0].numel()

    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        rows = rows.to(self.images.device)
        images = self.images[rows]
        if self.flip:
            mirrored = torch.rand(len(images), 1, 1, 1, generator=generator).to(images.device) < 0.5
            images = torch.where(mirrored, images.flip(-1), images)
        return self._prepared(images, generator), self._labels(rows), None

    def first(self, rows: Tensor, generator: torch.Generator) -> Batch:
        rows = rows.to(self.images.device)
        return self._prepared(self.images[rows], generator), self._labels(rows), None

    def score(self, model: Model, whole: bool, token: CancelToken) -> Score | None:
        count, orders = (len(self.data.test), None) if whole else (WATCHED, 1)
        labels = _labels(model, self.data.test_labels, self.name)
        labels = None if labels is None else labels[:count]
        images = self.data.test[:count]
        return evaluate_images(
            model, images, labels, self.preparation, token=token, orders=orders, completions=whole
        )

    def _prepared(self, images: Tensor, generator: torch.Generator) -> Tensor:
        if not self.preparation.random:
            return self.preparation.apply(images)
        return self.preparation.apply(images.cpu(), generator).to(images.device)

    def _labels(self, rows: Tensor) -> Tensor | None:
        return None if self.labels is None else self.labels[rows]


class SoundSource(TrainingSource):
    """Every example is a window of a recording, and an epoch counts every sample once; see
    `studio.engine.data.audio_windows`."""

    def __init__(
        self, data: AudioData, model: WaveNet, recipe: Recipe, device: torch.device
    ) -> None:
        self.data, self.name = data, data.name
        for part in (data.train, data.test):
            check_classes(model, part, data.name)
        self.windows = Windows(data.train, model, recipe.window, device)
        self.examples, self.dimensions = len(self.windows), self.windows.length

    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        return self.windows.of(rows)

    def share(self, rows: Tensor) -> float:
        return float(self.windows.counts[rows].double().mean()) / self.dimensions

    def score(self, model: Model, whole: bool, token: CancelToken) -> Score | None:
        most = None if whole else WATCHED_SECONDS
        score = evaluate_sounds(
            sounding(model), self.data.test, token=token, most=most, remake=whole
        )
        return replace(score, baselines=baselines(self.data)) if score and whole else score


def open_for(name: str, recipe: Recipe, config: dict[str, Any]) -> tuple[Data | AudioData, Recipe]:
    """The data that a recipe asks for, as a model of this name and configuration wants them; and
    the recipe, with its preparation settled for them."""
    preparation = Preparation.parse(recipe.preparation)
    variant = models.registry.variant(name)
    preparation.check(name, variant.sound)
    if variant.sound:
        sample_rate = {**variant.defaults.to_dict(), **config}["sample_rate"]
        return open_audio(recipe.data, sample_rate), recipe
    size = tuple(config["shape"][1:]) if "shape" in config else None
    data = open_data(recipe.data, recipe.labels or None, colour=preparation.colour, size=size)
    return data, recipe.with_changes(preparation=preparation.settled(data.colour).name)


def source_for(
    data: Data | AudioData, model: Model, recipe: Recipe, device: torch.device
) -> TrainingSource:
    """What a model learns from these data; StudioError where their labels do not fit it."""
    if isinstance(data, AudioData):
        return SoundSource(data, sounding(model), recipe, device)
    return PictureSource(data, model, recipe, device)


def _labels(model: Model, labels: Tensor | None, name: str) -> Tensor | None:
    if not isinstance(model.conditioning, Classes):
        return None
    if labels is None:
        raise StudioError(
            f"{model.name} is scored with labels, and the test part of {name} has none."
        )
    check_labels(labels, model.conditioning.count, name)
    return labels
