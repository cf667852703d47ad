"""The model that a training begins with: built for its data,
with the weights that its recipe starts from."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import torch

import models
from models.interface import Classes, Model
from models.recipe import Recipe
from studio.engine import checkpoints
from studio.engine.data.audio_data import AudioData
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError


def fresh_model(name: str, recipe: Recipe, config: dict[str, Any], data: Data | AudioData) -> Model:
    """A model for these data, with the weights that the recipe starts from; StudioError where it
    cannot be built."""
    fits: dict[str, Any] = {
        "shape": data.shape,
        "levels": Preparation.parse(recipe.preparation).levels,
    }
    conditional = (
        recipe.conditional
        or config.get("classes")
        or isinstance(models.build(name).conditioning, Classes)
    )
    if conditional and "classes" not in {
        field.name for field in fields(models.registry.variant(name).defaults)
    }:
        raise StudioError(
            f"{name} cannot be conditioned on classes: train it with conditional=false."
        )
    if conditional:
        if not data.labelled:
            raise StudioError(f"{name} learns from labels, and the data {data.name} have none.")
        fits |= {"classes": len(data.class_names), "class_names": data.class_names}
    for key, value in fits.items():
        given = config.get(key, value)
        if (
            key != "class_names"
            and (tuple(given) if isinstance(given, (list, tuple)) else given) != value
        ):
            raise StudioError(
                f"{key} is {given}, but the data {data.name}, prepared as {recipe.preparation},"
                f" have {value}."
            )
    torch.manual_seed(recipe.seed)
    try:
        model = models.build(name, **{**config, **fits})
    except (ValueError, TypeError, RuntimeError) as error:
        raise StudioError(f"The model cannot be built like this: {error}.") from error
    if recipe.start:
        _take_weights(model, recipe.start)
    return model


def _take_weights(model: Model, start: str) -> None:
    """Begin with the weights of another checkpoint; only
    what serves the condition may be missing there."""
    source = checkpoints.load(start).state_dict()
    own = model.state_dict()
    missing = own.keys() - source.keys() - model.weights_of(model.CONDITION_PARTS)
    if missing or any(
        name not in own or own[name].shape != tensor.shape for name, tensor in source.items()
    ):
        raise StudioError(
            f'The weights of "{start}" do not fit this model: choose another start, or none'
            " (start=)."
        )
    model.load_state_dict(source, strict=False)
