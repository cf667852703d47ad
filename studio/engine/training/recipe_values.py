"""The values of a recipe and of a model's configuration: read from text, and checked."""

from __future__ import annotations

import math
from typing import Any, get_args, get_origin, get_type_hints

import models
from models.recipe import Recipe
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError


def check_recipe(recipe: Recipe) -> None:
    """StudioError, one sentence, for a value that no training can use."""
    Preparation.parse(recipe.preparation)
    limits: dict[str, tuple[float, float]] = {
        "epochs": (1e-6, 1e6),
        "batch": (1, 1e6),
        "rate": (0, 10),
        "muon_rate": (0, 10),
        "warm_up": (0, 1),
        "weight_decay": (0, 100),
        "clip": (1e-9, math.inf),
        "ema": (0, 1),
        "label_dropout": (0, 1),
        "orders": (0, 1e4),
        "seed": (0, 2**53),
        "window": (1e-3, 600),
    }
    for key, (low, high) in limits.items():
        value = getattr(recipe, key)
        if not low <= value <= high:
            raise StudioError(f"{key} is {value:g}, but must lie between {low:g} and {high:g}.")


def read_changes(name: str, texts: dict[str, str]) -> tuple[Recipe, dict[str, Any]]:
    """`--set` and the form: text values by key, as a recipe and a config for `models.build`, each
    read as the type that its field is declared with.

    The recipe is the one made for the data, where there is one. StudioError for a key that is
    neither, or a value that cannot be read.
    """
    if name not in models.available():
        raise StudioError(f'There is no model "{name}"; there are {", ".join(models.available())}.')
    recipe_kinds = {key: kind for key, kind in get_type_hints(Recipe).items() if key != "config"}
    config_kinds = get_type_hints(type(models.registry.variant(name).defaults))
    changes: dict[str, Any] = {}
    config: dict[str, Any] = {}
    for key, text in texts.items():
        if key in recipe_kinds:
            changes[key] = _read(recipe_kinds[key], key, text)
        elif key in config_kinds:
            config[key] = _read(config_kinds[key], key, text)
        else:
            known = ", ".join([*recipe_kinds, *config_kinds])
            raise StudioError(f'There is no setting "{key}" for {name}; there are {known}.')
    return models.recipe(name, changes.get("data", "")).with_changes(**changes), config


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list such as 1,2,4",
}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _read(kind: Any, key: str, text: str) -> Any:
    """A text as a value of the type that a field is declared with."""
    try:
        if kind is bool:
            return _TRUTH[text.lower()]
        if get_origin(kind) is tuple:
            return tuple(
                get_args(kind)[0](part.strip())
                for part in text.strip("()[] ").split(",")
                if part.strip()
            )
        return kind(text)
    except (ValueError, KeyError):
        wanted = _KINDS.get(get_origin(kind) or kind, "text")
        raise StudioError(f'"{text}" does not fit {key}: it takes {wanted}.') from None
