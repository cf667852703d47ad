"""A request: what a training is asked for, as plain JSON values, so that it can wait in a queue and
be carried out by another process.

    model       its name
    recipe      of the training, whole
    config      settings for `models.build`, where they are not the recipe's
    device      auto, cpu, ...
    anyway      whatever it is estimated to take
    name        what the run is to be called; "" for the model and the time
    sweep       the name of the sweep that it belongs to, "" for none
    changes     what is its own in the sweep, by setting, as text
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.recipe import Recipe
from studio.engine import kinds
from studio.engine.checkpoints.cards import shipped
from studio.engine.checkpoints.storage import require_model
from studio.engine.data.fingerprints import absolute_paths
from studio.engine.runtime.errors import StudioError
from studio.engine.training.recipe_values import check_recipe, read_changes


def request_for(
    name: str,
    recipe: Recipe,
    config: Mapping[str, Any],
    *,
    device: str = "auto",
    run_name: str = "",
    anyway: bool = False,
) -> dict[str, Any]:
    """A request for a model and its recipe. Files that it names are found from any folder.
    StudioError for a recipe that cannot be carried out: it is known before it waits."""
    check_recipe(recipe)
    data_sets = kinds.listed(name).part("data_sets")()
    recipe = recipe.with_changes(**absolute_paths(recipe.to_dict(), data_sets))
    start = Path(recipe.start) if recipe.start and recipe.start not in shipped() else None
    if start is not None and os.path.exists(start):
        recipe = recipe.with_changes(start=str(start.absolute()))
    return {
        "model": name,
        "recipe": recipe.to_dict(),
        "config": {k: list(v) if isinstance(v, tuple) else v for k, v in config.items()},
        "device": device,
        "anyway": anyway,
        "name": run_name,
        "sweep": "",
        "changes": {},
    }


def read_request(request: Mapping[str, Any]) -> tuple[str, Recipe, dict[str, Any]]:
    """The model, recipe and config of a request; StudioError where it is none, or cannot be carried
    out here."""
    try:
        name, config = str(request["model"]), dict(request.get("config") or {})
        recipe = Recipe.from_dict(dict(request["recipe"]))
    except (KeyError, TypeError, ValueError) as error:
        raise StudioError("What waits in the queue is not a training that can be read.") from error
    require_model(name, "A training in the queue")
    check_recipe(recipe)
    return name, recipe, config


def changed(request: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """The same with other values of some settings, by setting, as text; StudioError as
    `read_changes`."""
    name, recipe, config = read_request(request)
    recipe, config = read_changes(name, dict(texts), (recipe, config))
    again = request_for(name, recipe, config)
    return {**request, "recipe": again["recipe"], "config": again["config"]}
