"""Giving way: work in other threads waits for as long as the window is late.

Python runs one thread at a time. Where three of them draw and train, the window gets a quarter of
that time, and what takes it 100 ms alone, such as opening a page, holds it up for 300. So the
window beats sixty times a second, and what works in another thread, which looks between two steps
whether it is to stop, waits there while a beat is overdue.
"""

from __future__ import annotations

import threading
import time

BEAT = 0.016  # seconds between two beats
_LATE = 0.012  # seconds by which a beat is overdue before others give way
_LONGEST = 0.25  # seconds for which they do: a window that waits for them would never come back


class Courtesy:
    """Between one thread, which beats, and all others."""

    def __init__(self) -> None:
        self._beat: float | None = None  # when the last one was
        self._thread = 0  # whose beats they are
        self._came = threading.Condition()
        self.asked = 0.0  # when work in another thread last asked, by time.monotonic

    def beat(self) -> None:
        """The calling thread is not late."""
        with self._came:
            self._beat, self._thread = time.monotonic(), threading.get_ident()
            self._came.notify_all()

    def rest(self) -> None:
        """There are no more beats to wait for."""
        with self._came:
            self._beat = None
            self._came.notify_all()

    def give_way(self) -> None:
        """Wait while a beat is overdue, but not for ever; never in the thread that beats."""
        now, beat = time.monotonic(), self._beat
        if threading.get_ident() == self._thread:
            return
        self.asked = now
        if beat is None or not BEAT + _LATE < now - beat < _LONGEST:
            return
        with self._came:
            self._came.wait_for(lambda: self._beat != beat, beat + _LONGEST - now)


window = Courtesy()  # of the program's one window
