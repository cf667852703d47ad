"""What is given is a condition of every site, as a map: for models that were trained so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.generation.methods import Method

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


def _refusal(model: AutoregressiveModel) -> str:
    if model.takes_painting:
        return ""
    return f"{model.name or 'This model'} is not conditioned on what is given."


METHOD = Method(
    "map",
    "Map",
    "The model is conditioned on all that is given, wherever it lies",
    _refusal,
)
