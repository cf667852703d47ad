"""`SoundFeed`: where Qt reads what a sound device plays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QIODevice, QObject

from studio.engine.audio.sound_ring import SoundRing
from studio.gui.audio import sound_devices

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioFormat

# of silence after the end: what the sound server still holds when Qt says that all is played
_TAIL_SECONDS = 0.1


class SoundFeed(QIODevice):
    """What Qt reads frames from: those of the ring from now on, in a device's format."""

    def __init__(self, ring: SoundRing, layout: QAudioFormat, parent: QObject) -> None:
        import soxr  # not before sound is wanted

        super().__init__(parent)
        self._ring, self._format = ring, layout
        self._begin = ring.end
        self._given = 0  # frames
        self._ready = np.zeros(0, np.float32)  # resampled, and not yet given
        self._resampler = soxr.ResampleStream(ring.rate, layout.sampleRate(), 1, quality="MQ")
        self.open(QIODevice.OpenModeFlag.ReadOnly | QIODevice.OpenModeFlag.Unbuffered)

    @property
    def over(self) -> bool:
        """Whether the last sample of the ring and the tail have been given."""
        seconds = (self._ring.end - self._begin) / self._ring.rate + _TAIL_SECONDS
        return self._ring.exhausted and self._given >= seconds * self._format.sampleRate()

    def heard(self, microseconds: int) -> int:
        """The place in the ring that the device has come to after playing for so long."""
        return self._ring.place(self._begin + round(microseconds * self._ring.rate / 1e6))

    # Qt's side. It does not look at how much it was given: it must be given all that it asks for.

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        return 0 if self.over else self._format.bytesForDuration(10**6)

    def readData(self, most: int) -> bytes:
        frames = most // self._format.bytesPerFrame()
        ratio = self._ring.rate / self._format.sampleRate()
        parts, missing = [self._ready], frames - len(self._ready)
        while missing > 0:
            parts.append(
                self._resampler.resample_chunk(self._ring.read(math.ceil(missing * ratio)))
            )
            missing -= len(parts[-1])
        found = np.concatenate(parts)
        self._ready = found[frames:]
        self._given += frames
        return sound_devices.encoded(found[:frames], self._format)

    def writeData(self, data: bytes, most: int) -> int:  # type: ignore[override]
        return -1
