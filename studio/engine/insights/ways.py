"""The ways to draw a picture that a `Race` compares: what they are called, what there is to see of
each, and what a race comes to, in words. Plain arrays and numbers, free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.site_words import of_sites

NAIVE, CACHED, PARALLEL = "Naive", "Cached", "All at once"
WAYS = {  # and what each does, in a sentence
    NAIVE: "Computes the whole picture again for every pixel.",
    CACHED: "Keeps what it computed, and computes one pixel.",
    PARALLEL: "Draws all pixels in each pass, until none changes.",
}


@dataclass(frozen=True, eq=False)
class WayMoment:
    """What there is to see of a way to draw.

    values: levels, uint8 (C, H, W); 0 where nothing is there yet.
    there: what will not change any more, bool (H, W).
    computed: what was computed in the latest pass or step, bool (H, W).
    position: how many sites are there, of `length`.
    passes: over the whole picture, or steps of the cache.
    seconds: of its own time. multiplications: so far.
    stopped: whether it was left, because it takes too long.
    why_not: in one sentence, why there is no such way for this model; "" where there is.
    coded: whether a site is a code.
    """

    name: str
    values: NDArray[np.uint8]
    there: NDArray[np.bool_]
    computed: NDArray[np.bool_]
    position: int
    length: int
    passes: int
    seconds: float
    multiplications: int
    stopped: bool = False
    why_not: str = ""
    coded: bool = False

    @property
    def finished(self) -> bool:
        return self.stopped or bool(self.why_not) or self.position == self.length

    @property
    def whole(self) -> float:
        """Multiplications for all of the picture, where every pixel takes as many."""
        return self.multiplications * self.length / max(1, self.position)

    @property
    def sites_per_second(self) -> float:
        return self.position / self.seconds if self.seconds > 0 else 0.0


def outcome(ways: Sequence[WayMoment]) -> str:
    """What the race comes to, in sentences; "" before all are at their end."""
    if not all(way.finished for way in ways):
        return ""
    naive, *others = (way for way in ways if not way.why_not)
    sentences = [_compared(other, naive) for other in others]
    if naive.stopped:
        sentences.append(
            f"Naive was stopped after {naive.seconds:.0f} s at {naive.position:,} of"
            f" {naive.length:,} pixels; its figures are carried on to the end."
        )
    elif others:
        apart = sum(int((way.values != naive.values).any(0).sum()) for way in others)
        sentences.append(
            f"{apart} pixels came out otherwise: numbers were rounded in another order."
            if apart
            else f"{'All' if len(others) > 1 else 'Both'} drew the same picture."
        )
    return of_sites(" ".join(sentences), naive.coded)


def _compared(way: WayMoment, naive: WayMoment) -> str:
    needed = share(way.multiplications, naive.whole)
    faster = way.sites_per_second / max(naive.sites_per_second, 1e-9)
    speed = f"{faster:,.0f}" if faster >= 10 else f"{faster:.1f}"
    who, passes = "The cache", ""
    if way.name == PARALLEL:
        who, passes = "All at once", f" took {way.passes} passes instead of {way.length:,},"
    return f"{who}{passes} needed {needed} of the multiplications and drew {speed} times as fast."


def in_words(count: float) -> str:
    """Such as 950, 12.4 thousand or 1.2 billion."""
    for unit, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if (amount := count / unit) > 0.9995:
            return f"{amount:,.0f} {word}" if amount >= 100 else f"{amount:.1f} {word}"
    return f"{count:.0f}"


def share(part: float, whole: float) -> str:
    """Such as 1/412, or 67 %."""
    times = whole / max(part, 1)
    return f"1/{times:,.0f}" if times >= 10 else f"{100 / max(times, 0.01):.0f} %"
