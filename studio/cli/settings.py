"""`studio models NAME`: what can be set where a model is trained,
what it means and what it may be."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.cli.terminal import print_json, print_table
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import ModelConfig
    from models.recipe import Recipe
    from models.variants import Variant


def settings(arguments: argparse.Namespace) -> int:
    """The settings of one model and its training, for `studio train NAME --set`."""
    from models.registry import available, variant

    if arguments.name not in available():
        raise StudioError(
            f'There is no model "{arguments.name}"; there are {", ".join(available())}.'
        )
    found = variant(arguments.name)
    parts: dict[str, ModelConfig | Recipe] = {"model": found.defaults, "recipe": found.recipe}
    if arguments.json:
        known = {part: _explained(values) for part, values in parts.items()}
        print_json({"name": found.name, "summary": found.summary, **about(found), **known})
        return 0
    print(f"{found.name}: {found.summary}.")
    for text in (found.does, found.look_for, found.published):
        if text:
            print(text)
    for part, values in parts.items():
        print(f"\nOf the {part}:")
        print_table(["setting", "default", "what it means"], _rows(values))
    print(f"\nChange them by `studio train {found.name} --set KEY=VALUE`.")
    return 0


def about(found: Variant) -> dict[str, Any]:
    """What a model does, what to look for in it and its paper, as plain JSON values."""
    published = None if found.published is None else asdict(found.published)
    return {"does": found.does, "look_for": found.look_for, "published": published}


def _explained(values: ModelConfig | Recipe) -> list[dict[str, Any]]:
    """As plain JSON values."""
    from models.settings import settings_of

    return [
        {
            "key": key,
            "default": getattr(values, key),
            "help": spec.help,
            "unit": spec.unit,
            "range": spec.range,
        }
        for key, spec in settings_of(type(values)).items()
    ]


def _rows(values: ModelConfig | Recipe) -> list[list[str]]:
    """As lines of a table, without what the model's own lines say."""
    from models.settings import as_text, settings_of

    return [
        [key, as_text(getattr(values, key)), spec.meaning]
        for key, spec in settings_of(type(values)).items()
        if key != "config"
    ]
