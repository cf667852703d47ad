"""Methods of completion: how to take account of evidence that comes later in the order than pixels
that have to be drawn. One file each.

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
    from torch import Tensor

USUAL = "clamp"


class Attempts(Protocol):
    """Several attempts at each picture, the rows that a stepper draws: which of them go on, and
    which are shown. `position` counts the sites that are there."""

    def weigh(self, position: int, log_probability: Tensor) -> None:
        """Account for evidence at site `position`, to which
        the rows gave this log-probability, (rows,)."""

    def resample(self, position: int) -> Tensor | None:
        """After a run of given sites: what each row has to become,
        LongTensor (rows,); None: stay as they are."""

    def forget(self, position: int) -> bool:
        """Go back to when `position` sites were there; whether rows were drawn anew since then."""

    def chosen(self, position: int) -> Tensor:
        """The row that is shown of each picture, LongTensor (count,)."""

    def lineage(self, rows: Tensor, position: int) -> Tensor:
        """Which row each of `rows` (R,) of that time was when the sites before were committed:
        LongTensor (position, R)."""


@dataclass(frozen=True)
class Method:
    """name: by which it is chosen.
    title, explanation: what the window calls it and says of it.
    begin: (count, sites, draws a site, seed, device) -> the noise, (rows, sites, draws) on the
    host, and what makes attempts of the rows; None where one row a picture is drawn as it comes,
    which has not seen what is given later.
    """

    name: str
    title: str
    explanation: str
    begin: Callable[[int, int, int, int, torch.device], tuple[Tensor, Attempts]] | None = None

    @property
    def sees_later_evidence(self) -> bool:
        """Whether what is drawn takes account of evidence further down."""
        return self.begin is not None


@functools.cache
def methods() -> dict[str, Method]:
    """Every method by its name, the usual one first."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = {module.METHOD.name: module.METHOD for module in modules}
    return {USUAL: found[USUAL], **found}
