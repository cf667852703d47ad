"""By which method a picture is completed, and which evidence it does not see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.interface import AutoregressiveModel
from studio.engine.generation.methods import AUTO, Method, methods, suited


def chosen_method(
    model: AutoregressiveModel, known: NDArray[np.bool_], asked: str = AUTO
) -> tuple[Method, str]:
    """The method by which the rest is drawn, and why in one sentence; "" where it was asked for.

    known: bool (H, W).
    """
    if asked != AUTO:
        return methods()[asked], ""
    name, why = suited(model, bool(late(model, known).any()))
    if not known.any():
        why = "Nothing is given."
    elif known.all():
        why = "All of it is given: nothing is left to draw."
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
    model: AutoregressiveModel, known: NDArray[np.bool_], method: str = AUTO
) -> NDArray[np.bool_]:
    """Which evidence is not seen by sites that are drawn, by a method that clamps: bool (H, W).

    known: bool (H, W).
    """
    if chosen_method(model, known, method)[0].sees_all:
        return np.zeros_like(known, bool)
    return late(model, known)
