"""The data that a model learnt from, and how they were prepared, as its card says; or others."""

from __future__ import annotations

from pathlib import Path

from models.interface import Model
from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.preparation import MU_LAW, Preparation


def data_for(
    model: Model,
    data: str | Path | None = None,
    labels: str | Path | None = None,
    preparation: Preparation | None = None,
) -> Data:
    """The data set of this name, or where none is named
    the one that the model learnt from; see `open_data`.

    preparation: what it is opened for, None for the model's own.
    """
    space = model.spec.shape[1:]
    size = (space[0], space[1]) if len(space) == 2 and space[0] and space[1] else None
    colour, validation = (preparation or prepared_for(model)).colour, None
    if data is None:
        card = model.card or {}
        recipe = card.get("recipe", {})
        data = card.get("data") or "mnist"
        labels = labels or recipe.get("labels") or None
        validation = recipe.get("validation") or None
    return open_data(data, labels, validation=validation, colour=colour, size=size)


def prepared_for(model: Model, name: str | None = None) -> Preparation:
    """The preparation of this name, or where none is named the one that the model learnt from."""
    colour = model.spec.channels == 3
    usual = (
        "thresholded" if model.spec.levels == 2 and not colour else f"levels-{model.spec.levels}"
    )
    usual = MU_LAW if model.spec.sites is None else usual
    return Preparation.parse(name or (model.card or {}).get("preparation") or usual).settled(colour)
