"""What the scenes of a grid can differ in with the model in use, and what is proposed at first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from studio.engine.checkpoints.places import name_of
from studio.engine.generation.methods import AUTO, methods
from studio.engine.scenes.axis_names import ORDERS
from studio.engine.scenes.scene import Scene
from studio.gui.widgets.axis_picker import Choices
from studio.gui.widgets.glyphs import can_be_shown

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model

_FEW = 4  # that are ticked at first
_AUTOMATIC = "Automatic"


def choices_for(model: Model, scene: Scene, models: Sequence[Path]) -> dict[str, Choices]:
    """Of each field that means something to the model, by name."""
    classes, names = (
        getattr(model.conditioning, "count", 0),
        getattr(model.conditioning, "names", ()),
    )
    predicts_all = bool(getattr(model, "predicts_all", False))
    found = {
        "temperature": Choices(text="0.5, 0.8, 1, 1.2"),
        "seed": Choices(text=", ".join(str(scene.options.seed + more) for more in range(_FEW))),
        "model": Choices([(name_of(path), path) for path in models], models[:_FEW]),
        "top-p": Choices(text="0.5, 0.8, 0.95, 1"),
        "top-k": Choices(text="1, 2, 4, 0"),
    }
    if classes:
        shown = [can_be_shown(name) for name in names]
        listed = [(shown[one] if one < len(shown) else str(one), one) for one in range(classes)]
        found["class"] = Choices(listed, range(min(classes, _FEW)))
        found["guidance"] = Choices(text="0, 1, 2, 4")
    if model.autoregressive and len(titles := methods_for(cast("AutoregressiveModel", model))) > 1:
        listed_methods = [(title, name) for name, title in titles.items()]
        plain = [name for name in titles if name != AUTO]
        found["method"] = Choices(listed_methods, plain[:_FEW])
    if predicts_all:
        found["steps"] = Choices(text="8, 32, 128, 0")
    if model.any_order:
        orders = ORDERS if predicts_all else ORDERS[:-1]
        found["order"] = Choices([(name, name) for name in orders], orders[:_FEW])
    return found


def methods_for(model: AutoregressiveModel) -> dict[str, str]:
    """The titles of the methods of completion that are for a model, by name, and the choice of one
    of them where there are several."""
    fitting = {
        name: method.title for name, method in methods().items() if not method.refusal(model)
    }
    return {AUTO: _AUTOMATIC, **fitting} if len(fitting) > 1 else fitting
