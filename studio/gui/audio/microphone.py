"""`Microphone`: records what is said into samples, and shows how loud it is meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from studio.engine.runtime.errors import StudioError
from studio.gui.audio import sound_devices
from studio.gui.audio.sound_devices import Samples, SoundDevice

if TYPE_CHECKING:
    from PySide6.QtCore import QIODevice
    from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSource

LEVEL_INTERVAL = 50  # ms between two levels
_CHOSEN = "sound/microphone"  # where the choice is remembered
_BUFFER_SECONDS = 0.5  # that the window may be busy with something else
# Levels without a sample, at first and later: then the microphone is taken for dead. One that hears
# a virtual output of PulseAudio is silent for up to 2 s when it is opened, for that output renders
# so much at a time; and Qt does not notice every device that goes.
_PATIENCE_AT_FIRST, _PATIENCE = 100, 40


class Microphone(QObject):
    """Signals: level(float), the largest amplitude since the last time, 0..1, twenty times a second
    while it records; full() when the longest recording has been made, which then waits for `stop`;
    failed(sentence): there is no microphone, or it has gone. What was recorded until then waits for
    `stop`."""

    level = Signal(float)
    full = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen = str(QSettings().value(_CHOSEN, ""))
        self._most = 0.0
        self._parts: list[Samples] = []
        self._rate = 1  # of the device
        self._device: QAudioDevice | None = None
        self._format: QAudioFormat | None = None
        self._source: QAudioSource | None = None
        self._data: QIODevice | None = None
        self._rest = b""  # less than a frame
        self._still = 0
        self._timer = QTimer(self, interval=LEVEL_INTERVAL)
        self._timer.timeout.connect(self._take)

    def devices(self) -> list[SoundDevice]:
        """What there is to record with, the system's own choice first."""
        return sound_devices.described(sound_devices.inputs())

    def choose(self, device: str) -> None:
        """Record with the device with this id from the next time on, "" for the one that the system
        uses; remembered."""
        self.chosen = device
        QSettings().setValue(_CHOSEN, device)

    def start(self, most: float = 60.0) -> None:
        """Forget what was recorded, and record for `most` seconds at most."""
        self._close()
        self._parts, self._most = [], most
        try:
            self._open()
        except StudioError as error:
            self.failed.emit(str(error))

    def stop(self, rate: int) -> Samples:
        """End, and take what was recorded: mono float32 (n,) in -1..1 at `rate` a second."""
        import soxr  # not before sound is wanted

        if self._source is not None:
            self._take()
        self._close()
        recorded = np.concatenate([np.zeros(0, np.float32), *self._parts])
        self._parts = []
        return np.clip(soxr.resample(recorded, self._rate, rate), -1, 1).astype(np.float32)

    @property
    def recording(self) -> bool:
        return self._source is not None

    @property
    def seconds(self) -> float:
        """How much has been recorded."""
        return sum(len(part) for part in self._parts) / self._rate

    def _open(self) -> None:
        device = sound_devices.picked(sound_devices.inputs(), self.chosen)
        if device is None:
            raise StudioError(
                "No microphone was found. Connect one, or allow the studio to use it in the"
                " system's settings."
            )
        sound_devices.check_server()
        self._format = layout = sound_devices.plain_format(device)
        source = sound_devices.multimedia().QAudioSource(device, layout)
        source.setBufferSize(layout.bytesForDuration(round(1e6 * _BUFFER_SECONDS)))
        data = source.start()
        if data is None or source.error().name != "NoError":
            raise StudioError(f"“{device.description()}” cannot be opened.")
        self._device, self._source, self._data = device, source, data
        self._rate, self._rest, self._still = layout.sampleRate(), b"", 0
        self._timer.start()

    def _close(self) -> None:
        self._timer.stop()
        source, self._source, self._data = self._source, None, None
        if source is not None:
            source.reset()
            source.deleteLater()

    def _take(self) -> None:
        """Take what has come since the last time."""
        assert self._data is not None
        assert self._format is not None
        data = self._rest + self._data.readAll().data()
        whole = len(data) - len(data) % self._format.bytesPerFrame()
        self._rest = data[whole:]
        samples = sound_devices.decoded(data[:whole], self._format)
        samples = samples[: max(0, round((self._most - self.seconds) * self._rate))]
        self._parts.append(samples)
        self._still = 0 if whole else self._still + 1
        self.level.emit(min(1.0, float(np.abs(samples).max(initial=0.0))))
        if self.seconds >= self._most - 0.5 / self._rate:
            self._close()
            self.full.emit()
        elif self._gone():
            self._end(" was disconnected: the recording ends here.")
        elif self.seconds and self._still >= _PATIENCE:
            self._end(" stopped sending sound and may be unplugged: the recording ends here.")
        elif self._still >= _PATIENCE_AT_FIRST:
            self._end(" sends no sound: check that it is switched on, or choose another.")

    def _end(self, why: str) -> None:
        assert self._device is not None
        self._close()
        self.failed.emit(f"“{self._device.description()}”{why}")

    def _gone(self) -> bool:
        assert self._device is not None
        there = [sound_devices.identity(device) for device in sound_devices.inputs()]
        return sound_devices.identity(self._device) not in there
