"""`Envelope`: the samples of a growing sound, and between which two levels they lie in every column
of a picture of it.

Far away a column of a long sound holds thousands of samples. So the lowest and the highest of every
64 are kept beside the samples, and looked through instead of them: ten minutes cost no more than
ten seconds do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCK = 64  # samples that are summed up in a lowest and a highest one,
_BLOCKS_IN_COLUMN = (
    4  # where a column has room for so many: then it is off by less than a quarter of a pixel
)
_ROOM = 1024 * _BLOCK  # samples there is room for at first
_LOUDEST = 32767  # samples are kept as a 16-bit file has them


class Envelope:
    """The samples of several takes of the same length.

    takes: how many.
    length: samples in each.
    """

    def __init__(self, takes: int = 1) -> None:
        self.takes = takes
        self._clear()

    def _clear(self) -> None:
        self.length = 0
        self._samples = np.zeros((self.takes, _ROOM), np.int16)
        self._lows = np.zeros((self.takes, _ROOM // _BLOCK), np.int16)
        self._highs = np.zeros_like(self._lows)

    @property
    def kept(self) -> int:
        """Bytes that it takes."""
        return self._samples.nbytes + self._lows.nbytes + self._highs.nbytes

    def append(self, samples: NDArray[np.float32]) -> None:
        """What comes next, (takes, n) in -1..1."""
        start, end = self.length, self.length + samples.shape[1]
        if end > self._samples.shape[1]:
            # twice as much room, or as much more as is needed
            times = -(-end // self._samples.shape[1])
            arrays = self._samples, self._lows, self._highs
            self._samples, self._lows, self._highs = (
                np.pad(each, ((0, 0), (0, (times - 1) * each.shape[1]))) for each in arrays
            )
        self._samples[:, start:end] = np.rint(samples * np.float32(_LOUDEST))
        self.length = end
        self._sum_up(start)

    def cut(self, length: int) -> None:
        """Forget what comes after `length` samples; where nothing is left, the memory is given
        back."""
        if length <= 0:
            self._clear()
        elif length < self.length:
            self.length = length
            self._sum_up(length)

    def samples(self, take: int, start: int, stop: int) -> NDArray[np.float32]:
        """The samples of a take from start to stop, (stop - start,);
        silence where there are none, before 0 too."""
        first, last = max(0, start), min(stop, self.length)
        if first >= last:
            return np.zeros(stop - start, np.float32)
        return np.pad(_levels(self._samples[take, first:last]), (first - start, stop - last))

    def columns(
        self, first: int, step: float, count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The lowest and the highest level in each of `count` columns from `first` on, (takes, n)
        each; n is smaller than count where the sound ends.

        step: samples in a column: number k holds those from k * step on. A column reaches to the
        last sample of the one before, so that the line they make is never broken.
        """
        bounds = np.rint(np.arange(first, first + count + 1) * step).astype(np.int64)
        there = int((bounds[:-1] < self.length).sum())  # columns
        if not there:
            nothing = np.zeros((self.takes, 0), np.float32)
            return nothing, nothing
        lows = highs = self._samples
        end = min(int(bounds[there]), self.length)
        blocks = step >= _BLOCKS_IN_COLUMN * _BLOCK
        if blocks:
            lows, highs, bounds, end = self._lows, self._highs, bounds // _BLOCK, -(-end // _BLOCK)
        begins = bounds[:there]
        # less than a sample a column: the last one may lie behind its bound
        end = max(end, int(begins[-1]) + 1)
        low = np.minimum.reduceat(lows[:, :end], begins, axis=1)
        high = np.maximum.reduceat(highs[:, :end], begins, axis=1)
        if not blocks:
            before = self._samples[:, np.maximum(begins - 1, 0)]
            low, high = np.minimum(low, before), np.maximum(high, before)
        return _levels(low), _levels(high)

    def _sum_up(self, start: int) -> None:
        """The blocks from the one on that holds sample `start`. What the last one lacks repeats the
        last sample: it changes nothing."""
        first, last = start // _BLOCK, -(-self.length // _BLOCK)
        if self.length:
            self._samples[:, self.length : last * _BLOCK] = self._samples[:, self.length - 1, None]
        blocks = self._samples[:, first * _BLOCK : last * _BLOCK].reshape(self.takes, -1, _BLOCK)
        self._lows[:, first:last] = blocks.min(2)
        self._highs[:, first:last] = blocks.max(2)


def _levels(kept: NDArray[np.int16]) -> NDArray[np.float32]:
    return np.divide(kept, _LOUDEST, dtype=np.float32)
