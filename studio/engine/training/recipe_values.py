"""The values of a recipe and of a model's configuration: read from text, and checked. What each of
them may be stands beside its field: see `models.settings`."""

from __future__ import annotations

from types import NoneType
from typing import Any, get_args, get_origin

import models
from models.recipe import Recipe
from models.settings import SettingSpec, brief, check, settings_of
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.typed import decimal, expanded
from studio.engine.training import optimisers

# what the data say, so that it does not go along to other data
_FROM_THE_DATA = ("shape", "levels", "classes", "class_names")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def check_recipe(recipe: Recipe) -> None:
    """StudioError, one sentence, for a value that no training can use."""
    try:
        check(recipe)
    except ValueError as error:
        raise StudioError(f"{error}.") from error
    Preparation.parse(recipe.preparation)
    optimisers.check(recipe)


def read_changes(
    name: str, texts: dict[str, str], like: tuple[Recipe, dict[str, Any]] | None = None
) -> tuple[Recipe, dict[str, Any]]:
    """`--set` and the form: text values by key, as a recipe and a config for `models.build`, each
    read as the type that its field is declared with.

    like: what is changed, a recipe and a config, as those of a run; None for the recipe made for
    the data, where there is one, or the usual one.
    StudioError for a key that is neither, for a value that cannot be read, and for one that a model
    cannot have.
    """
    if name not in models.available():
        raise StudioError(f'There is no model "{name}"; there are {", ".join(models.available())}.')
    of_recipe = {key: spec for key, spec in settings_of(Recipe).items() if key != "config"}
    of_model = settings_of(type(models.registry.variant(name).defaults))
    changes: dict[str, Any] = {}
    config: dict[str, Any] = {}
    for key, text in texts.items():
        if key in of_recipe:
            changes[key] = _read(of_recipe[key], text)
        elif key in of_model:
            config[key] = _read(of_model[key], text)
        else:
            known = ", ".join([*of_recipe, *of_model])
            raise StudioError(f'There is no setting "{key}" for {name}; there are {known}.')
    recipe, before = like or (models.recipe(name, changes.get("data", "")), {})
    if "epochs" in changes:  # these are meant then
        changes.setdefault("minutes", 0.0)
    if changes.keys() & {"data", "labels", "preparation"}:
        if before.get("classes"):  # it goes on learning those that there are
            changes.setdefault("conditional", True)
        before = {key: value for key, value in before.items() if key not in _FROM_THE_DATA}
    config = {**before, **config}
    recipe = recipe.with_changes(**changes)
    try:
        models.registry.configured(name, **{**recipe.config, **config})
    except ValueError as error:
        raise StudioError(f"{error}.") from error
    return recipe, config


def _read(spec: SettingSpec, text: str) -> Any:
    """A text as a value of the type that a field is declared with."""
    try:
        if get_origin(spec.kind) is not tuple:
            return _one(spec.kind, text)
        parts = [part.strip() for part in text.strip("()[] ").split(",")]
        return tuple(_one(get_args(spec.kind)[0], part) for part in parts if part)
    except (ValueError, KeyError):
        raise StudioError(
            f'"{brief(text)}" does not fit {spec.key}: it takes {spec.wanted}.'
        ) from None


def _one(kind: Any, text: str) -> Any:
    """A single value of a kind, such as int or int | None;
    ValueError or KeyError where it is none."""
    kinds = get_args(kind) or (kind,)
    if NoneType in kinds and text.lower() == "none":
        return None
    kind = next(one for one in kinds if one is not NoneType)
    if kind is bool:
        return _TRUTH[text.lower()]
    if kind is float:
        return decimal(text)
    return expanded(text) if kind is str else kind(text)
