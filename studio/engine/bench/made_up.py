"""Trainings of made-up data: how fast a step is does not depend on what is learnt, and nothing has
to be read for it, nor be installed that reads it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import models
from models.interface import AudioModel, Classes, Model
from models.recipe import Recipe
from studio.engine.data.audio_data import AudioData, Sounds
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import MU_LAW
from studio.engine.training.learner import Learner
from studio.engine.training.schedule import ByEpochs
from studio.engine.training.trainer import fabric_for
from studio.engine.training.training_source import source_for

_EXAMPLES = 1024
_STEPS = 10_000  # of the schedule: the rates are those of a long training


def learner_for(
    name: str,
    device: torch.device,
    batch: int = 0,
    config: dict[str, Any] | None = None,
    captures: bool | None = None,
    **changes: Any,
) -> Learner:
    """What makes steps of training of a model, by its recipe, on made-up data.

    batch: examples of a step; 0 for as many as the recipe says.
    config: settings for `models.build`, where they are not the recipe's.
    captures: see `Learner`.
    changes: of the recipe.
    """
    recipe = models.recipe(name)
    recipe = recipe.with_changes(start="", **({"batch": batch} if batch else {}), **changes)
    torch.manual_seed(recipe.seed)
    model = models.build(name, **{**recipe.config, **(config or {})})
    recipe = recipe.with_changes(preparation=_preparation(model))
    fabric = fabric_for(device)
    data = _sounds(model, recipe) if isinstance(model, AudioModel) else _pictures(model, recipe)
    source = source_for(data, model, recipe, fabric.device)
    schedule = ByEpochs(recipe.with_changes(epochs=1), _STEPS)
    return Learner(model, recipe, fabric, schedule, source, captures)


def _preparation(model: Model) -> str:
    if isinstance(model, AudioModel):
        return MU_LAW
    colour = model.pictures.channels == 3
    return f"{'rgb' if colour else 'grey'}-{model.pictures.levels}"


def _pictures(model: Model, recipe: Recipe) -> Data:
    count = max(_EXAMPLES, recipe.batch)
    shape = count, model.pictures.channels, *model.pictures.space
    images = torch.randint(256, shape, dtype=torch.uint8)
    labels, names = _labels(model, count)
    few = images[:2], None if labels is None else labels[:2]
    return Data("made up", images, labels, *few, *few, names)


def _sounds(model: AudioModel, recipe: Recipe) -> AudioData:
    """Recordings that are twice as long as a window, so that most windows are whole."""
    window = round(recipe.window * model.sample_rate) + model.receptive_field
    count = max(2, -(-recipe.batch // 2))
    codes = torch.randint(model.spec.levels, (count, 2 * window), dtype=torch.uint8)
    labels, names = _labels(model, count)
    files = tuple(map(str, range(count)))
    sounds = Sounds(tuple(codes), files, labels)
    few = Sounds(tuple(codes[:1]), files[:1], None if labels is None else labels[:1])
    return AudioData("made up", model.sample_rate, sounds, few, few, names)


def _labels(model: Model, count: int) -> tuple[Tensor | None, tuple[str, ...]]:
    if not isinstance(model.conditioning, Classes):
        return None, ()
    return torch.arange(count) % model.conditioning.count, model.conditioning.names
