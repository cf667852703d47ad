"""`Gap`: a stretch of a recording that is missing, or was and has been filled. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from studio.engine.runtime.errors import StudioError

LONGEST = 1.0  # seconds that can be filled


@dataclass(frozen=True, order=True)
class Gap:
    """From sample `begin` up to and without sample `end`."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.begin

    def in_words(self, rate: int) -> str:
        """From when to when, at so many samples a second."""
        return f"{self.begin / rate:.4f} to {self.end / rate:.4f} s"

    def at(self, before: int, now: int) -> Gap:
        """The same times where there are not `before` but `now` samples a second."""
        return Gap(self.begin * now // before, -(-self.end * now // before))


def gap_between(begin: float, end: float, samples: int, rate: int) -> Gap:
    """The gap between two times, in seconds, of a recording of so many samples; StudioError, one
    sentence, where there is none that can be filled."""
    gap, lasts = Gap(round(begin * rate), round(end * rate)), samples / rate
    if gap.length < 1:
        raise StudioError("The gap is empty: it has to end at least one sample after it begins.")
    if gap.begin < 0 or gap.end > samples:
        raise StudioError(
            f"The gap from {begin:g} to {end:g} s does not lie within the recording, which lasts"
            f" {lasts:.3f} s."
        )
    if gap.length > LONGEST * rate:
        raise StudioError(
            f"The gap lasts {gap.length / rate:.2f} s, and at most {LONGEST:g} s can be filled: let"
            " the model go on from where it begins instead."
        )
    return gap
