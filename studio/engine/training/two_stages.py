"""What a model of two stages learns from: the codes of pictures, as the autoencoder tells them that
its training starts from; see `models.interface.TwoStageModel`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

import models
from models.interface import DiscreteAutoencoder, Model, TwoStageModel
from models.recipe import Recipe
from models.sending import sent
from studio.engine import checkpoints
from studio.engine.data.audio_data import AudioData
from studio.engine.data.data_sets import Data
from studio.engine.data.of_model import prepared_for
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.code_scoring import encoded, evaluate_codes
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import Share
from studio.engine.training import training_source
from studio.engine.training.augmentation import Augmentation
from studio.engine.training.training_source import Batch, PictureSource


def open_pictures(name: str, recipe: Recipe, config: dict[str, Any]) -> tuple[Data, Recipe]:
    """Pictures as the autoencoder has learnt from them; see `training_source.open_for`."""
    source = first_stage(name, recipe)
    if Path(recipe.start).exists():  # found from any folder, where the run goes on
        recipe = recipe.with_changes(start=os.path.abspath(recipe.start))
    recipe = recipe.with_changes(preparation=prepared_for(source).name)
    shape = {"shape": source.pictures.shape}
    data, recipe = training_source.open_pictures(name, recipe, {**config, **shape})
    if data.shape != tuple(source.pictures.shape):
        raise StudioError(
            f'The pictures of "{data.name}" are {_size(data.shape)}, and the autoencoder'
            f' "{recipe.start}" has learnt from {_size(source.pictures.shape)}.'
        )
    return data, recipe


def as_the_first_stage(name: str, recipe: Recipe, data: Data | AudioData) -> dict[str, Any]:
    """The settings of a model of the codes that its first stage makes."""
    kind = cast("type[TwoStageModel]", models.registry.variant(name).model)
    try:
        return kind.settings_for(first_stage(name, recipe))
    except ValueError as error:
        raise StudioError(f'{name} cannot start from "{recipe.start}": {error}.') from error


def first_stage(name: str, recipe: Recipe) -> Model:
    """The autoencoder that a recipe starts from, or a model of two stages that has one; StudioError
    for anything else."""
    usual = models.recipe(name, recipe.data).start
    if not recipe.start or (recipe.start == usual and not _is_there(usual)):
        raise StudioError(
            f"{name} learns the codes of an autoencoder: train one first (studio train"
            f" {_autoencoders()[0]} --name coder), and name it (--set start=coder)."
        )
    source = checkpoints.load(recipe.start)
    if not isinstance(source, DiscreteAutoencoder | TwoStageModel):
        raise StudioError(
            f'"{recipe.start}" makes no codes of pictures: {name} starts from an autoencoder that'
            " does."
        )
    return source


class CodeSource(PictureSource):
    """Every example is the codes of a picture; an epoch and its scores count codes.

    The pictures are encoded once, when the first batch is asked for: by then a run that goes on has
    its own weights. Where they are shown differently each time, they are encoded in every step,
    which costs little beside what is learnt from them.
    """

    def __init__(self, data: Data, model: Model, recipe: Recipe, device: torch.device) -> None:
        super().__init__(data, model, recipe, device)
        assert isinstance(model, TwoStageModel)
        self._model, self._codes = model, cast("Tensor | None", None)
        self._varies = (
            self.augmentation != Augmentation()
            or self.preparation.random
            or self.variants is not None
        )
        self.dimensions = model.spec.dimensions or 0

    def batch(self, rows: Tensor, generator: torch.Generator) -> Batch:
        if self._varies:
            x, labels, known = super().batch(rows, generator)
            return self._model.encode(x), labels, known
        if self._codes is None:
            self._codes = encoded(self._model, self.images, self.preparation).to(self.images.device)
        rows = sent(rows, self.images.device)
        return self._codes[rows], self._labels(rows), None

    def score(self, model: Model, split: str, token: CancelToken, share: Share) -> Score | None:
        assert isinstance(model, TwoStageModel)
        images, _ = self.data.split(split)
        labels = self._labels_of[split]
        return evaluate_codes(model, images, labels, self.preparation, token=token, share=share)


def _is_there(checkpoint: str) -> bool:
    try:
        checkpoints.resolve(checkpoint)
    except StudioError:
        return False
    return True


def _autoencoders() -> list[str]:
    """Models that make codes of pictures, by their names."""
    known = models.registry.variants().values()
    return [found.name for found in known if issubclass(found.model, DiscreteAutoencoder)]


def _size(shape: tuple[int | None, ...]) -> str:
    return " x ".join(str(size) for size in shape)
