"""The model that a training begins with: built for its data,
with the weights that its recipe starts from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import torch

import models
from models.interface import Classes, Model
from models.recipe import Recipe
from studio.engine import checkpoints, kinds
from studio.engine.data.audio_data import AudioData
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime import costs
from studio.engine.runtime.errors import StudioError
from studio.engine.training.taking_over import take_over

Config = dict[str, Any]  # settings for `models.build`


def fitted(name: str, recipe: Recipe, config: dict[str, Any], data: Data | AudioData) -> Config:
    """The settings of a model for these data; StudioError where they contradict them."""
    fits: Config = kinds.listed(name).part("settings")(name, recipe, data)
    known = {field.name for field in fields(models.registry.variant(name).defaults)}
    if recipe.conditional or config.get("classes") or _learns_classes(name):
        if "classes" not in known:
            raise StudioError(
                f"{name} cannot be conditioned on classes: train it with conditional=false."
            )
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
    whole = {**config, **fits}
    with _refusing():
        models.registry.configured(name, **whole)
    return whole


def as_the_data(name: str, recipe: Recipe, data: Data | AudioData) -> Config:
    """A model is as large as its examples, and has their levels."""
    return {"shape": data.shape, "levels": Preparation.parse(recipe.preparation).levels}


def cost(
    name: str, recipe: Recipe, config: Config, data: Data | AudioData, device: torch.device
) -> costs.Training:
    """What a training with these data will take, on a device."""
    if isinstance(data, Data):  # a batch has no more pictures than there are
        recipe = recipe.with_changes(batch=min(recipe.batch, len(data.train)))
    return costs.training(name, config, recipe, str(device))


def fresh_model(name: str, recipe: Recipe, config: Config) -> Model:
    """A model of these settings; StudioError where it cannot be built."""
    torch.manual_seed(recipe.seed)
    with _refusing():
        return models.build(name, **config)


def started(model: Model, recipe: Recipe) -> tuple[Recipe, str]:
    """Begin with the weights that a recipe starts from. The recipe, and a sentence for the person,
    "" for none: where the recipe of the model itself starts from weights that do not fit, it is one
    that starts afresh. Of a start that the person has chosen everything is taken over that fits;
    see `take_over` for the sentence, and for what is refused."""
    own, source = models.recipe(model.name, recipe.data).start, checkpoints.load(recipe.start)
    if part := model.part_for(source):
        there = {f"{part}.{key}": tensor for key, tensor in source.state_dict().items()}
        model.load_state_dict(there, strict=False)
        return recipe, ""
    if recipe.start != own:
        return recipe, take_over(model, source, recipe.start)
    if _fits(model, source):
        model.load_state_dict(source.state_dict(), strict=False)
        return recipe, ""
    said = (
        f"{model.name} begins with fresh weights: those of {own} do not fit these data and"
        " settings."
    )
    return recipe.with_changes(start=""), said


@contextmanager
def _refusing() -> Iterator[None]:
    """StudioError for a model that cannot be built."""
    try:
        yield
    except (ValueError, TypeError, RuntimeError) as error:
        raise StudioError(f"The model cannot be built like this: {error}.") from error


def _learns_classes(name: str) -> bool:
    with torch.device("meta"):
        return isinstance(models.build(name).conditioning, Classes)


def _fits(model: Model, source: Model) -> bool:
    """Whether a model can begin with the weights of another one: only what serves the condition of
    one of them may be missing in the other."""
    own, found = model.state_dict(), source.state_dict()
    missing = own.keys() - found.keys() - model.weights_of(model.CONDITION_PARTS)
    extra = found.keys() - own.keys() - source.weights_of(source.CONDITION_PARTS)
    return not (missing or extra) and all(
        own[name].shape == tensor.shape for name, tensor in found.items() if name in own
    )
