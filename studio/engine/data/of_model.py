"""The data that a model learnt from, and how they were prepared, as its card says; or others."""

from __future__ import annotations

from pathlib import Path

from models.interface import Model
from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.fingerprints import check_unchanged
from studio.engine.data.preparation import MU_LAW, Preparation


def data_for(
    model: Model,
    data: str | Path | None = None,
    labels: str | Path | None = None,
    preparation: Preparation | None = None,
    skip_damaged: bool = False,
) -> Data:
    """The data set of this name, or where none is named
    the one that the model learnt from; see `open_data`.

    preparation: what it is opened for, None for the model's own.
    StudioError where the model's own data are not what they were when it learnt from them.
    """
    space = model.pictures.shape[1:]
    size = (space[0], space[1]) if len(space) == 2 and space[0] and space[1] else None
    prepared, validation = preparation or prepared_for(model), None
    if data is None:
        card = model.card or {}
        recipe = card.get("recipe", {})
        check_unchanged(card)
        data = card.get("data") or "mnist"
        labels = labels or recipe.get("labels") or None
        validation = recipe.get("validation") or None
        skip_damaged = skip_damaged or bool(recipe.get("skip_damaged"))
    return open_data(
        data,
        labels,
        validation=validation,
        colour=prepared.colour,
        size=size,
        levels=prepared.levels,
        skip_damaged=skip_damaged,
    )


def prepared_for(model: Model, name: str | None = None) -> Preparation:
    """The preparation of this name, or where none is named the one that the model learnt from."""
    wanted = model.pictures
    colour = wanted.channels == 3
    usual = "thresholded" if wanted.levels == 2 and not colour else f"levels-{wanted.levels}"
    usual = MU_LAW if model.spec.sites is None else usual
    return Preparation.parse(name or (model.card or {}).get("preparation") or usual).settled(colour)
