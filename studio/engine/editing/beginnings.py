"""`Beginnings`: what a sound was gone on from, one thing after the other,
and the way back through them. No Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.gap import Gap

Codes = NDArray[np.uint8]
Beginning = tuple[Codes | None, int, tuple[Gap, ...]]

_MOST = 20  # that are remembered,
MOST_BYTES = 16 << 20  # and no more than these, but for the last one


class Beginnings:
    """Begins with silence. A beginning is codes at a rate, (n,) or one for each take, (takes, n),
    and the gaps in it that a model has filled; None for silence."""

    def __init__(self) -> None:
        self._all: list[Beginning] = [(None, 1, ())]
        self._at = 0

    def put(self, codes: Codes | None, rate: int, filled: tuple[Gap, ...] = ()) -> None:
        """Another one; those that were undone are forgotten."""
        self._all = [*self._all[: self._at + 1], (codes, rate, filled)][-_MOST:]
        while len(self._all) > 2 and self.kept > MOST_BYTES:
            del self._all[0]
        self._at = len(self._all) - 1

    @property
    def history(self) -> tuple[tuple[Beginning, ...], int]:
        """All of them, the oldest first, and which one is the present one."""
        return tuple(self._all), self._at

    def take_up(self, history: tuple[Beginning, ...], at: int) -> None:
        """What `history` gave once."""
        self._all = [*history] or [(None, 1, ())]
        self._at = max(0, min(at, len(self._all) - 1))

    @property
    def kept(self) -> int:
        """Bytes that they take."""
        return sum(codes.size for codes, *_ in self._all if codes is not None)

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at < len(self._all) - 1

    def undo(self) -> None:
        """The one before."""
        self._at = max(0, self._at - 1)

    def redo(self) -> None:
        """Go forward to the beginning that was undone last."""
        self._at = min(len(self._all) - 1, self._at + 1)

    @property
    def now(self) -> tuple[Codes | None, int, tuple[Gap, ...]]:
        """The present one: codes, their rate, and the gaps."""
        return self._all[self._at]

    def codes(self, rate: int) -> Codes | None:
        """The present one, at the rate of the model that goes on from it."""
        codes, own, _ = self._all[self._at]
        if codes is None or own == rate:
            return codes
        return at_rate(codes, own, rate)

    def filled(self, rate: int) -> tuple[Gap, ...]:
        """Of the present one at that rate, the gaps that were filled."""
        _, own, filled = self._all[self._at]
        return tuple(gap.at(own, rate) for gap in filled)


def at_rate(codes: Codes, own: int, rate: int) -> Codes:
    """Codes, (n,) or (takes, n), of the same sound, `rate` instead of `own` samples a second."""
    import soxr  # not before sound is wanted

    from models.companding import mu_law_decode, mu_law_encode

    # it takes what is beside each other in time as one below the other
    resampled = soxr.resample(mu_law_decode(codes).T, own, rate).T
    return mu_law_encode(resampled.astype(np.float32))
