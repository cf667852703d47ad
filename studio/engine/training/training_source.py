"""`TrainingSource`: what a training is fed with, a batch at a time, and what it is scored on: the
validation part after every epoch, the test part at the end. All that differs between pictures and
sound for a training is here: `PictureSource` and `SoundSource`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

import models
from models.interface import AudioModel, Classes, Model
from models.recipe import Recipe
from models.sending import sent
from studio.engine import kinds
from studio.engine.audio.rendering import as_audio_model
from studio.engine.data.audio_data import AudioData, check_classes, open_audio
from studio.engine.data.audio_windows import Windows
from studio.engine.data.data_sets import Data, check_labels, open_data
from studio.engine.data.fingerprints import absolute_paths
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring import evaluation
from studio.engine.scoring.baselines import baselines
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import Share
from studio.engine.scoring.sound_scoring import evaluate_sounds
from studio.engine.training.augmentation import Augmentation

Batch = tuple[Tensor, Tensor | None, Tensor | None]  # x, condition, known: see `Model.loss`


class TrainingSource(ABC):
    """name: of the data.
    sizes: how many pictures or recordings the parts have
    that the model comes from, "train" and "validation".
    examples: in an epoch.
    dimensions: values of a whole example."""

    name: str
    sizes: dict[str, int]
    examples: int
    dimensions: int

    @abstractmethod
    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        """The examples of these numbers (B,), on the device of the training; on a GPU as long as
        every other batch, and nothing waits for it.

        rows: on the processor.
        generator: a generator of the processor, for what is left to chance.
        """

    def first(self, rows: Tensor, generator: torch.Generator) -> Batch:
        """The same, for fresh weights to be fitted to: nothing is mirrored."""
        return self.batch(rows, generator)

    def share(self, rows: Tensor) -> float:
        """How much of these examples counts, 0..1."""
        return 1.0

    def passes(self, model: Model, split: str) -> float:
        """How many examples go through the network for a score of a part, beside those of another
        part: by this it is known before how long the last one takes."""
        return float(self.sizes.get(split, self.sizes["validation"]))

    @abstractmethod
    def score(self, model: Model, split: str, token: CancelToken, share: Share) -> Score | None:
        """How well a model does on a part of the data: by all that it is measured by on the "test"
        part, by the least that costs on "validation". None where the token was cancelled.

        share: of this process, where several train together and score together.
        """


class PictureSource(TrainingSource):
    """Every example is a picture of the data."""

    def __init__(self, data: Data, model: Model, recipe: Recipe, device: torch.device) -> None:
        self.data, self.name = data, data.name
        self.augmentation = Augmentation.of(recipe)
        self.preparation = Preparation.parse(recipe.preparation)
        self.images = data.train.to(device)
        self.variants = data.variants and data.variants.to(device)
        self.sizes = {"train": len(data.train), "validation": len(data.validation)}
        parts = ("train", "validation", "test")
        self._labels_of = {part: _labels(model, data, part) for part in parts}
        labels = self._labels_of["train"]
        self.labels = None if labels is None else labels.to(device)
        self.examples, self.dimensions = len(self.images), self.images[0].numel()

    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        there = sent(rows, self.images.device)
        images = self.images[there]
        if self.variants is not None:
            images = self.variants.by_chance(images, rows, generator)
        images = self.augmentation.apply(images, generator)
        return self.preparation.apply(images, generator), self._labels(there), None

    def first(self, rows: Tensor, generator: torch.Generator) -> Batch:
        rows = sent(rows, self.images.device)
        return self.preparation.apply(self.images[rows], generator), self._labels(rows), None

    def passes(self, model: Model, split: str) -> float:
        return evaluation.passes(model, len(self.data.split(split)[0]), **_extent(split))

    def score(self, model: Model, split: str, token: CancelToken, share: Share) -> Score | None:
        return evaluation.evaluate_images(
            model,
            self.data.split(split)[0],
            self._labels_of[split],
            self.preparation,
            token=token,
            share=share,
            **_extent(split),
        )

    def _labels(self, rows: Tensor) -> Tensor | None:
        return None if self.labels is None else self.labels[rows]


class SoundSource(TrainingSource):
    """Every example is a window of a recording, and an epoch counts every sample once; see
    `studio.engine.data.audio_windows`."""

    def __init__(
        self, data: AudioData, model: AudioModel, recipe: Recipe, device: torch.device
    ) -> None:
        self.data, self.name = data, data.name
        for part in (data.train, data.validation, data.test):
            check_classes(model, part, data.name)
        self.sizes = {"train": len(data.train.codes), "validation": len(data.validation.codes)}
        self.windows = Windows(data.train, model, recipe.window, device)
        self.examples, self.dimensions = len(self.windows), self.windows.length

    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        return self.windows.of(rows, whole=self.windows.device.type == "cuda")

    def share(self, rows: Tensor) -> float:
        return float(self.windows.counts[rows].double().mean()) / self.dimensions

    def passes(self, model: Model, split: str) -> float:
        return float(self.data.split(split).samples)

    def score(self, model: Model, split: str, token: CancelToken, share: Share) -> Score | None:
        last, sounds = split == "test", self.data.split(split)
        score = evaluate_sounds(
            as_audio_model(model), sounds, token=token, remake=last, share=share
        )
        return replace(score, baselines=baselines(self.data)) if score and last else score


def open_for(name: str, recipe: Recipe, config: dict[str, Any]) -> tuple[Data | AudioData, Recipe]:
    """The data that a recipe asks for, as a model of this name and configuration wants them; and
    the recipe, with its preparation settled for them."""
    kind = kinds.listed(name)
    if not recipe.data:
        what, folder = ("recordings", "sounds/") if kind.endless else ("pictures", "photos/")
        raise StudioError(
            f"{name} learns from {what} of your own: name a folder of them, as in studio train"
            f" {name} --data {folder} (in the window, under Data)."
        )
    shipped = kind.part("data_sets")()
    recipe = recipe.with_changes(**absolute_paths(recipe.to_dict(), shipped))
    Preparation.parse(recipe.preparation).check(name, kind.endless)
    opened: tuple[Data | AudioData, Recipe] = kind.part("open_data")(name, recipe, config)
    return opened


def open_pictures(name: str, recipe: Recipe, config: dict[str, Any]) -> tuple[Data, Recipe]:
    """See `open_for`."""
    preparation = Preparation.parse(recipe.preparation)
    size = tuple(config["shape"][1:]) if "shape" in config else None
    data = open_data(
        recipe.data,
        recipe.labels or None,
        validation=recipe.validation or None,
        colour=preparation.colour,
        size=size,
        levels=preparation.levels,
        skip_damaged=recipe.skip_damaged,
    )
    if not len(data.train):
        raise StudioError(
            f'"{data.name}" is a test part, and no training part lies beside it: a model must not'
            " learn from a test part."
        )
    return data, recipe.with_changes(preparation=preparation.settled(data.colour).name)


def open_recordings(name: str, recipe: Recipe, config: dict[str, Any]) -> tuple[AudioData, Recipe]:
    """See `open_for`."""
    rate = {**models.registry.variant(name).defaults.to_dict(), **config}["sample_rate"]
    data = open_audio(recipe.data, rate, recipe.validation or None, recipe.skip_damaged)
    return data, recipe


def source_for(
    data: Data | AudioData, model: Model, recipe: Recipe, device: torch.device
) -> TrainingSource:
    """What a model learns from these data; StudioError where their labels do not fit it."""
    source: TrainingSource = kinds.of(model).part("source")(data, model, recipe, device)
    return source


def _extent(split: str) -> dict[str, Any]:
    """How much a part of the pictures is scored by."""
    last = split == "test"
    return {"orders": None if last else 1, "completions": last}


def _labels(model: Model, data: Data, part: str) -> Tensor | None:
    if not isinstance(model.conditioning, Classes):
        return None
    _, labels = data.split(part)
    if labels is None:
        raise StudioError(
            f"{model.name} is scored with labels, and the {part} part of {data.name} has none."
        )
    check_labels(labels, model.conditioning.count, data.name)
    return labels
