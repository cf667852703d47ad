"""`Pace`: when sites are due at a chosen speed, without drift,
and how fast they really come; it is given the time."""

from __future__ import annotations

import math
from collections import deque

from studio.engine.runtime.errors import StudioError

_LARGEST_LAG = 0.25  # seconds that a run may be late before it gives up catching up
_WINDOW = 1.0  # seconds over which the speed is measured, longer where few sites come


class Pace:
    """speed: sites a second, None: unlimited, which makes nothing due ever;
    the caller then goes as fast as it can.

    Times are in seconds. Each site has a deadline that follows from the one before, so that
    lateness is made up for and does not add up.
    """

    def __init__(self) -> None:
        self.speed: float | None = None
        self._due = 0.0  # when the next site is to come
        self._done = 0
        self._marks: deque[tuple[float, int]] = deque()  # (time, sites done until then)

    def set_speed(self, speed: float | None, now: float) -> None:
        """Takes effect at once: the next site is not waited for longer than at the new speed.
        StudioError unless above 0."""
        if speed is not None and not (math.isfinite(speed) and speed > 0):
            raise StudioError(f"A speed is a number of sites a second above 0, not {speed:g}.")
        self.speed = speed
        if speed is not None:
            self._due = min(max(self._due, now), now + 1 / speed)

    def start(self, now: float, paced: bool = True) -> None:
        """A run begins.

        paced: at the chosen speed; its first site comes at once,
        as if it had begun one beat earlier.
        """
        self._due = now
        beat = 1 / self.speed if self.speed is not None and paced else 0.0
        self._marks.clear()
        self._marks.append((now - beat, self._done))

    def due(self, now: float) -> int:
        """How many sites should have come that have not."""
        if self.speed is None or now < self._due:
            return 0
        return 1 + math.floor((now - self._due) * self.speed)

    def wait(self, now: float) -> float:
        """Seconds until the next site is due."""
        return max(0.0, self._due - now)

    def did(self, sites: int, now: float, besides: int = 0) -> None:
        """Sites have come, and others besides that take no time of the pace."""
        if self.speed is not None:
            self._due = max(self._due + sites / self.speed, now - _LARGEST_LAG)
        self._done += sites + besides
        self._marks.append((now, self._done))
        while len(self._marks) > 8 and self._marks[1][0] < now - _WINDOW:
            self._marks.popleft()

    @property
    def measured(self) -> float:
        """Sites a second, over the last second of running or a little more;
        0 before there were any."""
        if len(self._marks) < 2:
            return 0.0
        (began, before), (until, after) = self._marks[0], self._marks[-1]
        return (after - before) / (until - began) if until > began else 0.0
