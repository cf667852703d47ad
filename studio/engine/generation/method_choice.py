"""By which method a picture is completed, and which evidence it does not see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.interface import AutoregressiveModel
from studio.engine.generation.methods import AUTO, Method, methods, suited

_ALL_AT_ONCE = "All of it is drawn at once, so no attempts can compete at what is given late."


def chosen_method(
    model: AutoregressiveModel,
    known: NDArray[np.bool_],
    asked: str = AUTO,
    parallel: bool = False,
) -> tuple[Method, str]:
    """The method by which the rest is drawn, and why in one sentence; "" where it was asked for.

    known: bool (H, W).
    parallel: whether all sites are drawn at once, which leaves no room for attempts that compete.
    """
    if asked != AUTO:
        return methods()[asked], ""
    name, why = suited(model, bool(late(model, known).any()))
    if not known.any():
        why = "Nothing is given."
    elif known.all():
        why = "All of it is given: nothing is left to draw."
    elif parallel and methods()[name].begin is not None:
        name, why = "clamp", _ALL_AT_ONCE
    return methods()[name], why


def late(model: AutoregressiveModel, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where evidence comes later in the model's order than a site that has to be drawn,
    bool (H, W).

    known: bool (H, W).
    """
    known = np.asarray(known, bool)
    if known.all():
        return np.zeros_like(known)
    order = model.order.cpu().numpy()
    late = np.zeros(known.size, bool)
    late[order[np.argmin(known.ravel()[order]) :]] = True
    return known & late.reshape(known.shape)


def unseen(
    model: AutoregressiveModel,
    known: NDArray[np.bool_],
    method: str = AUTO,
    parallel: bool = False,
) -> NDArray[np.bool_]:
    """Which evidence is not seen by sites that are drawn, by a method that clamps: bool (H, W).

    known: bool (H, W).
    parallel: as in `chosen_method`.
    """
    if chosen_method(model, known, method, parallel)[0].sees_all:
        return np.zeros_like(known, bool)
    return late(model, known)
