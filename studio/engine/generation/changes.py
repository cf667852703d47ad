"""Values of a drawing that a person sets by hand: `Change`, and what becomes of them.

A changed site is drawn as usual and its value replaced before it is committed, so that everything
else keeps its noise. What is given goes before: a change at a given site waits until the site is
free again, and one of a picture that is not drawn waits until it is.

Free of torch until something is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from models.interface import DataSpec


@dataclass(frozen=True)
class Change:
    """A value changed by hand in a drawing: what comes later is drawn after it, with the same
    noise.

    picture: which one, from 0.
    site: raster index.
    values: levels, one a channel.
    """

    picture: int
    site: int
    values: tuple[int, ...]


def checked_changes(changes: tuple[Change, ...], spec: DataSpec) -> tuple[Change, ...]:
    """The last change of each pixel; StudioError, one sentence, where one does not fit a model of
    pictures. Changes of pictures that are not drawn now do fit: they wait."""
    sites, channels, levels = spec.sites or 0, spec.channels, spec.levels
    for change in changes:
        if change.picture < 0:
            raise StudioError(f"There is no picture {change.picture}: they count from 0.")
        if not 0 <= change.site < sites:
            raise StudioError(
                f"There is no place {change.site} to change: they go from 0 to {sites - 1}."
            )
        if len(change.values) != channels:
            raise StudioError(
                f"This model has {channels} values at a place, and a change has"
                f" {len(change.values)}."
            )
        for value in change.values:
            if not 0 <= value < levels:
                raise StudioError(
                    f"A value was changed to {value}, and the model's levels go from 0 to"
                    f" {levels - 1}."
                )
    return tuple({(change.picture, change.site): change for change in changes}.values())


class InEffect:
    """The changes that count now: of pictures that are drawn, at sites that are not given.

    changes: these.
    """

    def __init__(
        self,
        changes: tuple[Change, ...],
        count: int,
        known: NDArray[np.bool_],
        device: torch.device,
    ) -> None:
        """count: of pictures. known: bool (N,), by raster index."""
        self.changes = frozenset(
            change for change in changes if change.picture < count and not known[change.site]
        )
        self._count, self._device = count, device
        by_site: dict[int, list[Change]] = {}
        for change in self.changes:
            by_site.setdefault(change.site, []).append(change)
        self._put = {site: self._replacing(at) for site, at in by_site.items()}

    def _replacing(self, changes: list[Change]) -> tuple[Tensor, Tensor]:
        """Which pictures are changed at a site, bool (count, 1), and to what, int64 (count, C)."""
        import torch

        which = torch.zeros(self._count, 1, dtype=torch.bool)
        values = torch.zeros(self._count, len(changes[0].values), dtype=torch.long)
        rows = [change.picture for change in changes]
        which[rows] = True
        values[rows] = torch.tensor([change.values for change in changes])
        return which.to(self._device), values.to(self._device)

    def applied(self, site: int, values: Tensor) -> Tensor:
        """What was drawn at a site, (rows, C), with what was changed there; where a picture has
        several attempts, in all of them. Rows of a picture lie together."""
        if site not in self._put:
            return values
        which, new = (
            part.repeat_interleave(len(values) // self._count, 0) for part in self._put[site]
        )
        return new.where(which, values)

    def put(self, held: Tensor, values: Tensor) -> None:
        """Write them where pictures keep what they are given: bool (N, count), levels
        (N, count, C), by raster index."""
        for site, (which, new) in self._put.items():
            held[site] |= which[:, 0]
            values[site] = new.to(values).where(which, values[site])

    def at(self, picture: int, site: int) -> tuple[int, ...] | None:
        """What a pixel was changed to, None where it was not."""
        found = (c.values for c in self.changes if (c.picture, c.site) == (picture, site))
        return next(found, None)

    @property
    def pictures(self) -> list[int]:
        """In which something is changed, ascending."""
        return sorted({change.picture for change in self.changes})


def first_changed(
    before: frozenset[Change], after: frozenset[Change], order: NDArray[np.int64]
) -> int:
    """The position in the order, raster indices (N,), of the first site that is changed
    otherwise; N where none is."""
    sites = [change.site for change in before ^ after]
    apart = np.isin(order, sites)
    return int(apart.argmax()) if apart.any() else len(order)
