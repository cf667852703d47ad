"""`SamplingOptions`: what the person asks of a generation. Free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.methods import USUAL, methods
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model

_SEEDS = 2**64  # what torch's generators take


@dataclass(frozen=True)
class SamplingOptions:
    """How to draw.

    count: pictures at once.
    seed: of their noise.
    temperature, top_k, top_p: see `Likelihood.sample`.
    condition: a class, None for no label.
    method: one of `studio.engine.generation.methods`.
    order: for models that take any, a name of `models.orders.NAMES` (the random one comes from the
    seed) or raster indices in the order of generation; None for the model's own.
    corruption: share of the pixels that are replaced by
    chance before a model that reconstructs sees them.
    """

    count: int = 1
    seed: int = 0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    condition: int | None = None
    method: str = USUAL
    order: str | tuple[int, ...] | None = None
    corruption: float = 0.0

    @property
    def sampling(self) -> tuple[float, int, float]:
        """(temperature, top_k, top_p), as `Likelihood.sample` takes them."""
        return self.temperature, self.top_k, self.top_p


def check_options(options: SamplingOptions, model: Model) -> None:
    """StudioError, one sentence, where the model cannot draw so."""
    if options.count < 1:
        raise StudioError(f"At least one picture has to be drawn, not {options.count}.")
    if not 0 <= options.seed < _SEEDS:
        raise StudioError(
            f"The seed {options.seed} is out of range: seeds go from 0 to {_SEEDS - 1}."
        )
    if not (math.isfinite(options.temperature) and options.temperature >= 0):
        raise StudioError(f"The temperature is a number from 0 up, not {options.temperature:g}.")
    if options.top_k < 0:
        raise StudioError(f"Top-k is a number of levels, 0 for all of them, not {options.top_k}.")
    if not 0 < options.top_p <= 1:
        raise StudioError(f"Top-p lies above 0 and at most at 1, and {options.top_p:g} does not.")
    if not 0 <= options.corruption <= 1:
        raise StudioError(
            f"Corruption is a share of the pixels from 0 to 1, not {options.corruption:g}."
        )
    if options.method not in methods():
        names = " or ".join(methods())
        raise StudioError(f'There is no method "{options.method}": choose {names}.')
    if options.condition is not None:
        classes = getattr(model.conditioning, "count", None)
        if classes is None:
            raise StudioError(f"{model.name or type(model).__name__} takes no class as condition.")
        if not 0 <= options.condition < classes:
            raise StudioError(
                f"There is no class {options.condition}: classes go from 0 to {classes - 1}."
            )
    if options.order is not None and model.autoregressive:  # others are indifferent to it
        model = cast("AutoregressiveModel", model)
        if model.spec.sites is None:
            raise StudioError(
                f"{model.name or type(model).__name__} makes sound from its beginning on, in no"
                " other order."
            )
        sites, order = len(model.order), order_of(options, model).tolist()
        if sorted(order) != list(range(sites)):
            raise StudioError(f"An order names each of the {sites} sites exactly once.")
        if not model.any_order and order != model.order.tolist():
            raise StudioError(
                f"{model.name or type(model).__name__} generates in its own order only."
            )


def order_of(options: SamplingOptions, model: AutoregressiveModel) -> NDArray[np.int64]:
    """The order to draw in, raster indices (N,), before what is given comes first; StudioError for
    an unknown name."""
    from models import orders

    if options.order is None:
        return model.order.cpu().numpy()
    if not isinstance(options.order, str):
        return np.array(options.order, np.int64)
    if options.order not in orders.NAMES:
        raise StudioError(
            f'There is no order "{options.order}"; there are {", ".join(orders.NAMES)}.'
        )
    height, width = model.spec.space
    return orders.named(options.order, height, width, options.seed).numpy()
