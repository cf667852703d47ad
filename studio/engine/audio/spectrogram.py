"""`SoundSpectrogram`: how loud a growing sound is at every frequency,
worked out where somebody looks and kept.

Frames are those of `mel.py`, evenly spaced in Hz: windows of 32 ms,
a quarter of that from one to the next. Of more frequencies than a screen has rows for the loudest
of each few is kept, so that ten minutes take 20 MB at most, at any rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.engine.audio.envelope import Envelope
from studio.engine.media.mel import levels, powers, windows_of

_WINDOW = 0.032  # seconds
_OVERLAP = 4  # hops in a window
_ROOM = 1024  # frames there is room for at first
_MOST_BINS = 257


class SoundSpectrogram:
    """The spectrogram of one take of a sound.

    bins: frequencies of a frame, from 0 to half the rate.
    reach: samples round a frame's own that it looks at.
    """

    def __init__(self, sound: Envelope, take: int, rate: int) -> None:
        """rate: samples a second."""
        self._sound, self._take = sound, take
        self._hop = max(1, round(rate * _WINDOW / _OVERLAP))
        self._window = self._hop * _OVERLAP
        self.reach = self._window // 2
        frequencies = self._window // 2 + 1
        self.bins = min(frequencies, _MOST_BINS)
        # the first frequency of each bin
        self._firsts = np.arange(self.bins) * frequencies // self.bins
        self._clear()

    def _clear(self) -> None:
        # along time in memory: columns are taken from it fast
        self._levels = np.zeros((self.bins, _ROOM), np.uint8)
        self._known = np.zeros(_ROOM, bool)

    def forget(self, position: int) -> None:
        """The sound has changed from sample `position` on:
        what looked at it has to be worked out again."""
        first = max(0, position - self.reach) // self._hop
        if first == 0:
            self._clear()  # and give the memory back
        stale = first + np.flatnonzero(self._known[first:])
        self._levels[:, stale], self._known[stale] = 0, False

    def work_out(self, start: int, stop: int, most: int) -> tuple[int, int] | None:
        """Work out some of the frames that are missing from
        sample `start` to `stop`, no more than `most`.

        Returns from which sample to which there is news; None where nothing is missing.
        """
        stop = min(stop, self._sound.length)
        self._make_room(stop)
        first, last = start // self._hop, -(-stop // self._hop)
        missing = first + np.flatnonzero(~self._known[first:last])[:most]
        if not len(missing):
            return None
        begin = int(missing[0])
        end = min(int(missing[-1]) + 1, begin + most)
        margin = _OVERLAP  # frames at both ends that lack what lies outside
        samples = self._sound.samples(
            self._take, (begin - margin) * self._hop, (end + margin) * self._hop
        )
        windows = windows_of(samples, self._window, self._hop)[margin:-margin]
        loudest = np.maximum.reduceat(powers(windows), self._firsts, axis=1)
        self._levels[:, begin:end] = np.rint(255 * levels(loudest)).T
        self._known[begin:end] = True
        return begin * self._hop, end * self._hop

    def columns(self, first: int, step: float, count: int) -> NDArray[np.uint8]:
        """The levels in `count` columns of `step` samples from number `first` on, (bins, n), 0
        silent to 255 loud; n is smaller than count where the sound ends.

        Of several frames in a column the loudest counts: a click is seen from far away too. What is
        not worked out is 0.
        """
        bounds = np.rint(np.arange(first, first + count + 1) * step).astype(np.int64)
        there = int((bounds[:-1] < self._sound.length).sum())  # columns
        if not there:
            return np.zeros((self.bins, 0), np.uint8)
        self._make_room(self._sound.length)
        begins = bounds[:there] // self._hop
        end = max(int(begins[-1]) + 1, min(int(bounds[there]), self._sound.length) // self._hop)
        return np.maximum.reduceat(self._levels[:, :end], begins, axis=1)

    def _make_room(self, length: int) -> None:
        """For the frames of so many samples."""
        while len(self._known) * self._hop < length:
            self._levels = np.concatenate([self._levels, np.zeros_like(self._levels)], 1)
            self._known = np.concatenate([self._known, np.zeros_like(self._known)])
