"""`SoundOutput`: plays a `SoundRing` on a sound device, and survives what happens to devices.

The sound card pulls: Qt asks `SoundFeed` for frames in the thread of the window whenever its own
small buffer has room, and gets what the ring has, resampled to what the device takes. The buffer
bridges the time in which the window paints, and is full all along, with silence where the ring has
nothing: its length never changes, and the playhead follows from what it has played.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal, Slot

from studio.engine.audio.sound_ring import SoundRing
from studio.engine.runtime.errors import StudioError
from studio.gui.audio import sound_devices
from studio.gui.audio.sound_devices import SoundDevice
from studio.gui.audio.sound_feed import SoundFeed

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioSink

BUFFER_SECONDS = 0.15  # that the window may be busy with something else
_WAITING = 5  # ms between two looks at a ring that has not enough to begin with
_PLAYING = 250  # ms between two looks at whether the device still plays
# looks at a device that takes nothing: then it is taken to have played all that it was given, and
# else for dead
_PLAYED, _PATIENCE = 6, 20
_VOLUME, _CHOSEN = "sound/volume", "sound/device"  # where they are remembered
_NO_DEVICE = (
    "No sound device was found. Connect one, or start the sound server, and restart the studio."
)


class SoundOutput(QObject):
    """Signals: changed() when it begins, pauses, goes on or ends; ended() when the last sample of a
    finished ring has been heard; failed(sentence) when it had to stop; moved(sentence) when it goes
    on with another device; devices_changed().

    A ring that is stopped or fails is finished, so that whoever waits to write into it goes on. The
    device that the person has chosen and the volume are remembered.
    """

    changed = Signal()
    ended = Signal()
    failed = Signal(str)
    moved = Signal(str)
    devices_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paused = False
        self._ring: SoundRing | None = None
        # samples read from the ring that had been heard when the last device was closed
        self._heard = 0
        self._dropouts = 0
        self._recall()
        self._device: QAudioDevice | None = None
        self._sink: QAudioSink | None = None
        self._feed: SoundFeed | None = None
        self._processed = self._still = 0
        self._media: Any = None  # QMediaDevices, which tells of what is plugged in and out
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    # Devices.

    def devices(self) -> list[SoundDevice]:
        """What there is to play on, the system's own choice first."""
        self._listen()
        return sound_devices.described(sound_devices.outputs())

    def choose(self, device: str) -> None:
        """Play on the device with this id as long as it is there,
        "" for the one that the system uses; at once."""
        self._chosen = device
        QSettings().setValue(_CHOSEN, device)
        self._follow()

    def _recall(self) -> None:
        """Another device may have been chosen since."""
        self._volume = float(str(QSettings().value(_VOLUME, 1.0)))
        self._chosen = str(QSettings().value(_CHOSEN, ""))

    @property
    def chosen(self) -> str:
        """The id of the device that was chosen, "" for the one that the system uses."""
        return self._chosen

    @property
    def device(self) -> str:
        """The name of the device in use, "" while there is none."""
        return "" if self._device is None else self._device.description()

    # Playing.

    def play(self, ring: SoundRing) -> None:
        """Stop what is played, and play this as soon as it has enough to begin with."""
        self.stop()
        self._recall()
        self._ring, self._heard, self._dropouts = ring, 0, 0
        try:
            self._listen()
            if not sound_devices.outputs():
                raise StudioError(_NO_DEVICE)
        except StudioError as error:
            self._fail(str(error))
            return
        self._timer.start(_WAITING)
        self._look()
        self.changed.emit()

    def pause(self) -> None:
        """Fall silent at once; `resume` goes on with the very next sample."""
        if self._ring is not None and not self.paused:
            self.paused = True
            self._timer.stop()
            if self._sink is not None:
                self._sink.suspend()
            self.changed.emit()

    def resume(self) -> None:
        if self._ring is not None and self.paused:
            self.paused = False
            if self._sink is not None:
                self._sink.resume()
            self._timer.start(_WAITING if self._sink is None else _PLAYING)
            self.changed.emit()

    def stop(self) -> None:
        """Fall silent at once, and finish the ring."""
        if self._ring is not None:
            self._end()
            self.changed.emit()

    @property
    def playing(self) -> bool:
        """Whether there is a ring that has not ended, paused or not."""
        return self._ring is not None

    @property
    def position(self) -> int:
        """How many samples of the ring have been heard: the playhead.
        Stays where it was when playing ends."""
        if self._sink is not None and self._feed is not None:
            self._heard = self._feed.heard(self._sink.processedUSecs())
        return self._heard

    @property
    def underruns(self) -> int:
        """How often sound was interrupted: the ring had run empty,
        or the window was busy for too long."""
        return self._dropouts + (0 if self._ring is None else self._ring.underruns)

    @property
    def volume(self) -> float:
        """0..1; loudness is heard in ratios, so the amplitude is its cube,
        as in PulseAudio's own controls."""
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._volume = min(max(volume, 0.0), 1.0)
        QSettings().setValue(_VOLUME, self._volume)
        if self._sink is not None:
            self._sink.setVolume(self._volume**3)

    # Opening and closing.

    def _open(self) -> None:
        assert self._ring is not None
        device = sound_devices.picked(sound_devices.outputs(), self._chosen)
        if device is None:
            raise StudioError(_NO_DEVICE)
        sound_devices.check_server()
        layout = sound_devices.plain_format(device)
        sink = sound_devices.multimedia().QAudioSink(device, layout)
        sink.setBufferSize(layout.bytesForDuration(round(1e6 * BUFFER_SECONDS)))
        sink.setVolume(self._volume**3)
        feed = SoundFeed(self._ring, layout, sink)
        sink.start(feed)
        if sink.error().name != "NoError":
            raise StudioError(f"“{device.description()}” cannot be opened.")
        sink.stateChanged.connect(self._state_changed)
        self._device, self._sink, self._feed = device, sink, feed
        self._processed = self._still = 0
        self._timer.start(_PLAYING)

    def _close(self) -> None:
        sink, self._sink, self._heard = self._sink, None, self.position
        self._feed = self._device = None
        if sink is not None:
            sink.stateChanged.disconnect(self._state_changed)
            sink.reset()
            sink.deleteLater()  # it may be its own signal that brought us here

    def _end(self) -> None:
        self._timer.stop()
        self._close()
        if self._ring is not None:
            self._ring.finish()
            self._dropouts += self._ring.underruns
        self._ring, self.paused = None, False

    def _fail(self, sentence: str) -> None:
        self._end()
        self.failed.emit(sentence)
        self.changed.emit()

    # What happens meanwhile.

    def _look(self) -> None:
        """Begin when there is enough to begin with; afterwards,
        see whether the device still takes something."""
        if self._ring is None:
            return
        if self._sink is None:
            if self._ring.ready:
                self._reopen()
            return
        self._follow()
        if self._sink is None or self._feed is None:
            return
        before, self._processed = self._processed, self._sink.processedUSecs()
        self._still = 0 if self._processed > before else self._still + 1
        if self._still >= _PLAYED and self._feed.over:
            self._finished()  # all was taken, and nobody told us that it was played
        elif self._still >= _PATIENCE:
            self._fail(self._reason())

    def _reason(self) -> str:
        try:
            sound_devices.check_server()
        except StudioError as error:
            return str(error)
        return f"“{self.device}” stopped playing; it may have been unplugged."

    @Slot()
    def _state_changed(self) -> None:
        assert self._sink is not None
        state = self._sink.state().name
        if state == "StoppedState":
            self._fail(self._reason())
        elif state == "IdleState" and self._feed is not None:
            if self._feed.over:
                self._finished()
            else:
                self._dropouts += 1  # what is late is played when it comes

    def _finished(self) -> None:
        self._end()
        self.ended.emit()
        self.changed.emit()

    def _listen(self) -> None:
        if self._media is None:
            self._media = sound_devices.multimedia().QMediaDevices(self)
            self._media.audioOutputsChanged.connect(self._follow)
            self._media.audioOutputsChanged.connect(self.devices_changed)

    def _follow(self) -> None:
        """Go on with the device that was chosen, or the system's own, where that is another one
        than a moment ago."""
        if self._device is None:
            return
        devices = sound_devices.outputs()
        new = sound_devices.picked(devices, self._chosen)
        if new is not None and sound_devices.identity(new) == sound_devices.identity(self._device):
            return
        gone = f"“{self.device}” was disconnected"
        if new is None:
            self._fail(f"{gone}, and there is no other sound device.")
            return
        there = sound_devices.identity(self._device) in [
            sound_devices.identity(device) for device in devices
        ]
        sentence = f"Now playing on “{new.description()}”."
        self._close()
        if self.paused or self._reopen():
            self.moved.emit(sentence if there else f"{gone}. {sentence}")

    def _reopen(self) -> bool:
        try:
            self._open()
        except StudioError as error:
            self._fail(str(error))
            return False
        return True
