"""`Records`: what was drawn before an edit took it away, so that undoing brings it back.

What a site is drawn as depends on the options and on what was drawn or given before it. So an
earlier record still holds up to the first site that differs, and nobody has to say that something
is undone.
"""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.generation.changes import Change, first_changed
from studio.engine.generation.methods import Attempts
from studio.engine.generation.parallel_decoding import Pass
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions
from studio.engine.generation.stretches import (
    Stretches,
    but_decoding,
    but_sampling,
    first_resampled,
)
from studio.engine.generation.sweeps import Sweeps

MOST_BYTES = 64 << 20  # that the records of a generation take together


@dataclass(frozen=True, eq=False)
class Record:
    """order: raster indices, int64 (N,).
    known, values: what was given, bool (N,) and levels (C, N), by raster index.
    rows: what there is of each site drawn and row, tensors (sites, rows, ...).
    attempts: which of the rows are shown; None where each is a picture.
    sweeps: what became of the pictures afterwards, where they were refined; never changed again.
    changes: made by hand, those in effect.
    earlier: what comes first and was sampled otherwise than the options say.
    passes: in which it was drawn, where all sites were drawn at once.
    """

    options: SamplingOptions
    order: NDArray[np.int64]
    known: NDArray[np.bool_]
    values: NDArray[np.uint8]
    rows: tuple[Tensor, ...]
    attempts: Attempts | None
    sweeps: Sweeps | None = None
    changes: frozenset[Change] = frozenset()
    earlier: Stretches = ()
    passes: tuple[Pass, ...] = ()

    @property
    def size(self) -> int:
        """In bytes."""
        arrays = self.order.nbytes + self.known.nbytes + self.values.nbytes
        refined = () if self.sweeps is None else self.sweeps.parts or ()
        guesses = sum(each.size for each in self.passes)
        return arrays + guesses + sum(part.nbytes for part in (*self.rows, *refined))

    def shared_with(self, other: Record, sees_all: bool, as_it_was: bool = False) -> int:
        """How many of its sites come out the same in another.

        sees_all: whether a site takes account of all that is given, wherever it lies.
        as_it_was: it counts what the options are now, and not how sites were sampled.
        """
        if but_sampling(self.options) != but_sampling(other.options):
            return 0
        if as_it_was and but_decoding(self.options) != but_decoding(other.options):
            return 0
        if (self.attempts is None) != (other.attempts is None):
            return 0
        differs = self.known != other.known
        differs |= (self.values != other.values).any(0)
        sampled = (self.earlier, self.options.sampling), (other.earlier, other.options.sampling)
        drawn = min(
            len(self.rows[0]),
            first_changed(self.changes, other.changes, self.order),
            len(self.order) if as_it_was else first_resampled(*sampled, len(self.order)),
        )
        if sees_all and differs.any():
            return 0
        if self.options.order == CERTAIN:  # an order that was settled as it was drawn
            return 0 if differs.any() else drawn
        apart = (self.order != other.order) | differs[self.order]
        attempted = self.attempts is not None
        return min(drawn, first_apart(apart, self.known, other.known, self.order, attempted))


def after_last(known: NDArray[np.bool_]) -> int:
    """How many sites are there when the last given one is: bool (N,), in the order of generation;
    0 where none is given."""
    return len(known) - int(known[::-1].argmax()) if known.any() else 0


def first_apart(
    apart: NDArray[np.bool_],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    order: NDArray[np.int64],
    attempted: bool,
) -> int:
    """How many sites come out the same although some are apart, bool (N,) in the order (N,) of
    generation.

    before, after: what was given and what is, bool (N,), by raster index.
    attempted: whether attempts compete, which they do up to the last given site.
    """
    same = int(apart.argmax()) if apart.any() else len(apart)
    ends = after_last(before[order]), after_last(after[order])
    return min(same, *(end - 1 for end in ends)) if attempted and ends[0] != ends[1] else same


class Records:
    """The latest ones, `MOST_BYTES` of them; a larger one is not kept."""

    def __init__(self) -> None:
        self._kept: deque[Record] = deque()

    def keep(self, record: Record) -> None:
        """A copy of it, where it is: nothing waits for the device."""
        if record.size > MOST_BYTES:
            return
        rows = tuple(part.clone() for part in record.rows)
        attempts = copy.deepcopy(record.attempts)
        self._kept.append(replace(record, rows=rows, attempts=attempts))
        while sum(kept.size for kept in self._kept) > MOST_BYTES:
            self._kept.popleft()

    def best(self, wanted: Record, sees_all: bool, as_it_was: bool = False) -> tuple[int, Record]:
        """The record that goes furthest, and how far; `wanted` itself where none goes further."""
        found = [(kept.shared_with(wanted, sees_all, as_it_was), kept) for kept in self._kept]
        return max(found, key=lambda pair: pair[0], default=(0, wanted))
