"""`Supply`: how fast sound is made, as measured, and how long to wait before it is heard, so that
it does not run dry.

What is there when sound begins, and what is made while it is heard, have to last to the end:

    wait = left / speed - (ahead + left) / rate

which is the time that making the rest takes less the time that hearing it takes. Where sound is
made faster than it is heard nobody waits. A machine that is busy now may be busier soon, so sound
is taken to be made a little more slowly than was measured.
"""

from __future__ import annotations

_MEASURED_SECONDS = 1.0  # of work, over which speed is measured
_KNOWN_SECONDS = 0.1  # of work, after which it is known
_MARGIN = 1.2  # times as fast as it has to be


class Supply:
    """rate: samples that are heard in a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.forget()

    def forget(self) -> None:
        """From now on something else makes it."""
        self._made = self._took = 0.0  # samples and seconds of late

    def measure(self, samples: int, seconds: float) -> None:
        """So many samples were made in so many seconds."""
        self._made, self._took = self._made + samples, self._took + seconds
        if self._took > _MEASURED_SECONDS:
            self._made, self._took = self._made / 2, self._took / 2

    @property
    def speed(self) -> float:
        """Samples a second, 0 before any was made."""
        return self._made / self._took if self._took else 0.0

    def wait(self, ahead: int, left: int) -> float | None:
        """Seconds until it may begin; None where that is not known yet.

        ahead: samples that are made and not heard.
        left: samples after them that are still to be made.
        """
        if left <= 0:
            return 0.0
        # a second of sound that was made in less time than it takes to know the speed tells enough
        if not self._made or (self._took < _KNOWN_SECONDS and ahead < self._rate):
            return None
        return max(0.0, left * _MARGIN / self.speed - (ahead + left) / self._rate)
