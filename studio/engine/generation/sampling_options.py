"""What the person asks of a generation: `Settings`, and the `Canvas` of what is given. Free of
torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model

METHODS = ("clamp", "particles")
_SEEDS = 2**64  # what torch's generators take


@dataclass(frozen=True)
class Settings:
    """How to draw.

    count: pictures at once.  seed: of their luck.  temperature, top_k, top_p: see
    `Likelihood.sample`. condition: a class, None for no label.  method: how evidence is heeded, see
    `studio.engine.generation.completion`. order: for models that take any, a name of
    `models.orders.NAMES` (the random one comes from the seed) or raster indices in the order of
    generation; None for the model's own. noise: share of the pixels that an autoencoder is shown
    replaced by chance.
    """

    count: int = 1
    seed: int = 0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    condition: int | None = None
    method: str = "clamp"
    order: str | tuple[int, ...] | None = None
    noise: float = 0.0

    @property
    def sampling(self) -> tuple[float, int, float]:
        """(temperature, top_k, top_p), as `Likelihood.sample` takes them."""
        return self.temperature, self.top_k, self.top_p


@dataclass(frozen=True, eq=False)
class Canvas:
    """What the person gives. values: uint8 (C, H, W), levels.  known: bool (H, W), True where they
    are given."""

    values: NDArray[np.uint8]
    known: NDArray[np.bool_]


def check_settings(settings: Settings, model: Model) -> None:
    """StudioError, one sentence, where the model cannot draw so."""
    if settings.count < 1:
        raise StudioError(f"At least one picture has to be drawn, not {settings.count}.")
    if not 0 <= settings.seed < _SEEDS:
        raise StudioError(
            f"The seed {settings.seed} is out of range: seeds go from 0 to {_SEEDS - 1}."
        )
    if not (math.isfinite(settings.temperature) and settings.temperature >= 0):
        raise StudioError(f"The temperature is a number from 0 up, not {settings.temperature:g}.")
    if settings.top_k < 0:
        raise StudioError(f"Top-k is a number of levels, 0 for all of them, not {settings.top_k}.")
    if not 0 < settings.top_p <= 1:
        raise StudioError(f"Top-p lies above 0 and at most at 1, and {settings.top_p:g} does not.")
    if not 0 <= settings.noise <= 1:
        raise StudioError(
            f"The noise is a share of the pixels from 0 to 1, not {settings.noise:g}."
        )
    if settings.method not in METHODS:
        raise StudioError(f'There is no method "{settings.method}": choose {" or ".join(METHODS)}.')
    if settings.condition is not None:
        classes = getattr(model.conditioning, "count", None)
        if classes is None:
            raise StudioError(f"{model.name or type(model).__name__} takes no class as condition.")
        if not 0 <= settings.condition < classes:
            raise StudioError(
                f"There is no class {settings.condition}: classes go from 0 to {classes - 1}."
            )
    if settings.order is not None and model.autoregressive:  # others are indifferent to it
        model = cast("AutoregressiveModel", model)
        if model.spec.sites is None:
            raise StudioError(
                f"{model.name or type(model).__name__} makes sound from its beginning on, in no"
                " other order."
            )
        sites, order = len(model.order), order_of(settings, model).tolist()
        if sorted(order) != list(range(sites)):
            raise StudioError(f"An order names each of the {sites} sites exactly once.")
        if not model.any_order and order != model.order.tolist():
            raise StudioError(
                f"{model.name or type(model).__name__} generates in its own order only."
            )


def order_of(settings: Settings, model: AutoregressiveModel) -> NDArray[np.int64]:
    """The order to draw in, raster indices (N,), before what is given comes first; StudioError for
    an unknown name."""
    from models import orders

    if settings.order is None:
        return model.order.cpu().numpy()
    if not isinstance(settings.order, str):
        return np.array(settings.order, np.int64)
    if settings.order not in orders.NAMES:
        raise StudioError(
            f'There is no order "{settings.order}"; there are {", ".join(orders.NAMES)}.'
        )
    height, width = model.spec.space
    return orders.named(settings.order, height, width, settings.seed).numpy()


def checked_canvas(values: NDArray[Any], known: NDArray[Any], model: Model) -> Canvas:
    """A copy of its own; StudioError, one sentence, where it does not fit the model."""
    channels, (height, width), levels = model.spec.channels, model.spec.space, model.spec.levels
    values, known = np.asarray(values), np.asarray(known)
    if values.shape != (channels, height, width):
        raise StudioError(
            f"The picture has the shape {values.shape}, and the model draws"
            f" {(channels, height, width)}."
        )
    if known.shape != (height, width):
        raise StudioError(
            f"The mask has the shape {known.shape}, and the model draws {(height, width)}."
        )
    if values.dtype.kind not in "iub" or known.dtype.kind not in "iub":
        raise StudioError("A picture is made of whole levels, and its mask of truth values.")
    known = known.astype(bool)
    given = values[:, known]
    if given.size and not 0 <= int(given.min()) <= int(given.max()) < levels:
        wrong = int(given.min()) if given.min() < 0 else int(given.max())
        raise StudioError(
            f"The picture has a level {wrong}, and the model's go from 0 to {levels - 1}."
        )
    return Canvas(np.where(known, values, 0).astype(np.uint8), known)
