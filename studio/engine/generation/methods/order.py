"""What is given comes first in the order, and all the rest is drawn in its light: exact, for models
that take any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.engine.generation.methods import Method

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


def _refusal(model: AutoregressiveModel) -> str:
    if model.any_order:
        return ""
    return f"{model.name or 'This model'} draws in its own order only, whatever is given."


METHOD = Method(
    "order",
    "Order",
    "What is given comes first in the order, and all else is drawn in its light: exact",
    _refusal,
    given_first=True,
)
