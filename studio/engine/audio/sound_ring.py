"""`SoundRing`: the bounded room between the thread that makes sound and the one that plays it.

The maker writes samples and waits where there is no room, so it is never far ahead of what is
heard. The player reads what it needs and never waits: where there is nothing for it, it is given
silence. Sound begins when enough is there to begin with (the *pre-roll*). When the maker is too
slow and the ring runs empty, that is one *underrun*: sound then pauses until a whole stretch is
there, for a sentence with a few pauses can be understood, one that is chopped a hundred times a
second cannot.

A silence that was put in is remembered, so what was read can be turned into a place in what was
written: the playhead.
"""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.jobs import CancelToken

Samples = NDArray[np.float32]

_LOOK = 0.02  # seconds between two looks at the token of a write that waits


class SoundRing:
    """Mono float32 samples, -1..1, at `rate` a second. All methods may be called from any thread.

    capacity, preroll, stretch: seconds. The pre-roll is what an output takes at once: its buffer
    0.15 s, its resampler up to 0.1 s and the sound server 0.06 s. The capacity bounds how long a
    change of options takes to be heard.
    held: whether the maker says by `release` when sound may begin, and after an underrun go on.
    """

    def __init__(
        self,
        rate: int,
        capacity: float = 2.0,
        preroll: float = 0.32,
        stretch: float = 1.0,
        held: bool = False,
    ) -> None:
        self.rate = rate
        self.underruns = 0
        self._buffer = np.zeros(max(1, round(capacity * rate)), np.float32)
        self._stretch = min(round(stretch * rate), len(self._buffer))
        # so many before sound begins, or goes on
        self._wanted = min(round(preroll * rate), len(self._buffer))
        self._flowing = self._finished = False
        self._held = self._holds = held
        self._written = self._taken = 0
        self._silence: list[
            list[int]
        ] = []  # [place in what was written, how many samples of silence were put in there]
        self._changed = threading.Condition()

    @classmethod
    def holding(cls, samples: Samples, rate: int) -> SoundRing:
        """A ring with all of a recording in it, finished: to play what is there already."""
        ring = cls(rate, capacity=len(samples) / rate)
        ring.write(samples)
        ring.finish()
        return ring

    # The maker's side.

    def write(self, samples: Samples, token: CancelToken | None = None) -> bool:
        """Put samples (n,) in, waiting for room; False where
        it is finished or the token cancelled before that."""
        samples = np.asarray(samples, np.float32)
        while True:
            with self._changed:
                if self._finished or (token is not None and token.cancelled):
                    return False
                count = min(len(samples), len(self._buffer) - self._level)
                self._put(samples[:count])
                samples = samples[count:]
                if len(samples) == 0:
                    return True
                self._changed.wait(None if token is None else _LOOK)

    @property
    def held(self) -> bool:
        """Whether sound waits for the maker to release it."""
        with self._changed:
            return self._held

    def release(self) -> None:
        """Let sound begin, or go on, as soon as there is enough to begin with."""
        with self._changed:
            self._held = False

    def finish(self) -> None:
        """No more will come: what is in is played to its end without waiting for more, and a write
        that waits gives up."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    # The player's side.

    def read(self, count: int) -> Samples:
        """The next `count` samples, of which those that are missing are silence."""
        found = np.zeros(count, np.float32)
        with self._changed:
            self._flowing = self._flowing or self._ready
            taken = min(count, self._level) if self._flowing else 0
            self._take(found[:taken])
            if taken < count and not self._exhausted:
                if self._flowing:
                    self.underruns += 1
                    self._flowing, self._wanted = False, self._stretch
                    self._held = self._holds
                self._note_silence(count - taken)
            if taken:
                self._changed.notify_all()
        return found

    @property
    def ready(self) -> bool:
        """Whether there is enough to begin with, or to go on with after an underrun."""
        with self._changed:
            return self._flowing or self._ready

    @property
    def missing(self) -> int:
        """How many samples are missing until there is enough to begin with, or to go on."""
        with self._changed:
            return 0 if self._flowing or self._finished else max(0, self._wanted - self._level)

    @property
    def exhausted(self) -> bool:
        """Whether it is finished, and all that was written has been read."""
        with self._changed:
            return self._exhausted

    @property
    def level(self) -> float:
        """Seconds of sound that wait to be read."""
        with self._changed:
            return self._level / self.rate

    def room(self, seconds: float) -> int:
        """How many samples are missing until so many seconds of sound wait."""
        with self._changed:
            return max(0, round(seconds * self.rate) - self._level)

    @property
    def end(self) -> int:
        """How many samples have been read, silence between them included,
        but none that followed the last one."""
        with self._changed:
            return self._taken + sum(count for _, count in self._silence)

    def place(self, read: int) -> int:
        """Where in what was written the `read`-th sample read is,
        silence counted: 0..how many were taken."""
        with self._changed:
            place = read
            for begin, count in self._silence:
                if place <= begin:
                    break
                place = max(begin, place - count)
            return max(0, min(place, self._taken))

    # Under the lock.

    @property
    def _level(self) -> int:
        return self._written - self._taken

    @property
    def _ready(self) -> bool:
        return self._finished or (not self._held and self._level >= self._wanted)

    @property
    def _exhausted(self) -> bool:
        return self._finished and self._level == 0

    def _put(self, samples: Samples) -> None:
        begin = self._written % len(self._buffer)
        first = samples[: len(self._buffer) - begin]
        self._buffer[begin : begin + len(first)] = first
        self._buffer[: len(samples) - len(first)] = samples[len(first) :]
        self._written += len(samples)

    def _take(self, into: Samples) -> None:
        begin = self._taken % len(self._buffer)
        first = self._buffer[begin : begin + len(into)]
        into[: len(first)] = first
        into[len(first) :] = self._buffer[: len(into) - len(first)]
        self._taken += len(into)

    def _note_silence(self, count: int) -> None:
        if self._silence and self._silence[-1][0] == self._taken:
            self._silence[-1][1] += count
        else:
            self._silence.append([self._taken, count])
