"""Methods of completion: how to take account of what is given, wherever it lies in the order. One
file each.

A module of this package that has a `METHOD` is known to the engine, the command and the window.
Importing them costs no torch: what a method computes with is imported when it begins.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from models.interface import AutoregressiveModel

AUTO = "auto"
FORMER = {"particles": "smc"}  # names of earlier versions


class Attempts(Protocol):
    """Several attempts at each picture, the rows that a stepper draws: which of them go on, and
    which are shown. `position` counts the sites that are there."""

    def weigh(self, position: int, log_probability: Tensor) -> None:
        """Account for evidence at site `position`, to which
        the rows gave this log-probability, (rows,)."""

    def resample(self, position: int) -> Tensor | None:
        """After a run of given sites: what each row has to become,
        LongTensor (rows,); None: stay as they are."""

    def settle(self, position: int, rows: Tensor) -> None:
        """After the last given site: from here on one row of each picture goes on alone, LongTensor
        (count,), and the others are what it is."""

    def forget(self, position: int) -> bool:
        """Go back to when `position` sites were there; whether rows were drawn anew since then."""

    def chosen(self, position: int) -> Tensor:
        """The row that is shown of each picture, LongTensor (count,)."""

    def lineage(self, rows: Tensor, position: int) -> Tensor:
        """Which row each of `rows` (R,) of that time was when the sites before were committed:
        LongTensor (position, R)."""

    def effective(self, position: int) -> Tensor:
        """Effective sample size of the attempts at each picture, (count,): between 1, where one of
        them carries all the weight, and their number."""

    def log_evidence(self, position: int) -> Tensor:
        """An unbiased estimate of the probability of what was given after the first drawn site, as
        its logarithm in nats, (count,)."""


@dataclass(frozen=True)
class Method:
    """name: by which it is chosen.
    title, explanation: what the window calls it and says of it.
    refusal: in one sentence, why it is not for this model; "" where it is.
    sees_all: whether what is drawn takes account of all that is given.
    given_first: whether what is given comes first in the order.
    begin: (count, particles at each picture, sites, draws a site, seed, device) -> the noise,
    (rows, sites, draws) on the host, and what makes attempts of the rows; None where one row a
    picture is drawn as it comes.
    refined: whether what was drawn is drawn again in sweeps over the unknown sites, each of which
    takes account of all that is given; see `studio.engine.generation.refinement`.
    """

    name: str
    title: str
    explanation: str
    refusal: Callable[[AutoregressiveModel], str]
    sees_all: bool = True
    given_first: bool = False
    begin: Callable[[int, int, int, int, int, torch.device], tuple[Tensor, Attempts]] | None = None
    refined: bool = False


@functools.cache
def methods() -> dict[str, Method]:
    """Every method by its name."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [module.METHOD for module in modules if hasattr(module, "METHOD")]
    return {method.name: method for method in found}


def choices() -> dict[str, str]:
    """What can be asked for, and what each means."""
    auto = "The method that takes account of all that is given and costs the least"
    return {AUTO: auto, **{name: method.explanation for name, method in methods().items()}}


def suited(model: AutoregressiveModel, late: NDArray | bool) -> tuple[str, str]:
    """The method that suits best, by name, and why in one sentence.

    late: whether something is given later in the model's order than a site that has to be drawn.
    """
    if model.takes_painting:
        return "map", "This model is conditioned on all that is given."
    if model.any_order:
        return "order", "This model draws in any order, so what is given comes first: exact."
    if not late:
        return "clamp", "All that is given comes first in the model's order: clamping is exact."
    return "smc", "Some of what is given comes late in the order: attempts compete."


def own_order(model: AutoregressiveModel) -> str:
    """Refusal of methods that draw in an order, past what is given in it."""
    if model.takes_painting:
        return f"{model.name or 'This model'} is conditioned on what is given: choose map."
    return ""
