"""Sound devices, by way of QtMultimedia, which is imported when sound is first wanted: pictures
work without it.

It brings libraries of its own that a machine may lack, and connects to the sound server as soon as
it is asked for devices. Neither belongs to the start of a window that shows pictures.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLoggingCategory

from studio.display import connects
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioFormat

Samples = NDArray[np.float32]

# It says on standard error what libraries it has found, and which it does without.
_QUIET = "qt.multimedia.symbolsresolver=false\nqt.multimedia.ffmpeg.info=false"

# What a PulseAudio server holds of ours. Qt asks for 16 ms, and on a busy machine the server then
# waits for us now and again.
_SERVER_MILLISECONDS = "60"


@dataclass(frozen=True)
class SoundDevice:
    """A device to choose: `id` for `choose`, `name` for people;
    default: the one that the system uses."""

    id: str
    name: str
    default: bool


@cache
def multimedia() -> Any:
    """The module QtMultimedia; StudioError where it cannot be imported."""
    QLoggingCategory.setFilterRules(_QUIET)
    os.environ.setdefault("PULSE_LATENCY_MSEC", _SERVER_MILLISECONDS)
    _server_at_first()
    try:
        from PySide6 import QtMultimedia
    except ImportError as error:
        raise StudioError(f"Sound cannot be used here: {error}.") from error
    return QtMultimedia


def outputs() -> list[QAudioDevice]:
    """What can play, the system's own choice first."""
    return _default_first(multimedia().QMediaDevices.audioOutputs())


def inputs() -> list[QAudioDevice]:
    """What can record, the system's own choice first."""
    return _default_first(multimedia().QMediaDevices.audioInputs())


def _default_first(devices: Sequence[QAudioDevice]) -> list[QAudioDevice]:
    return sorted(devices, key=lambda device: not device.isDefault())


def described(devices: Sequence[QAudioDevice]) -> list[SoundDevice]:
    return [
        SoundDevice(identity(device), device.description(), device.isDefault())
        for device in devices
    ]


def identity(device: QAudioDevice) -> str:
    return bytes(device.id().data()).decode(errors="replace")


def picked(devices: Sequence[QAudioDevice], chosen: str) -> QAudioDevice | None:
    """The device with the id that was chosen, the system's own where it is not there or none was
    chosen (""), or None."""
    return next(
        (device for device in devices if identity(device) == chosen),
        devices[0] if devices else None,
    )


# ---- formats -------------------------------------------------------------------------------------


def plain_format(device: QAudioDevice) -> QAudioFormat:
    """A format the device takes: its own rate, which no other part of the system then has to
    change; floats and one channel where it takes them."""
    preferred = device.preferredFormat()
    kinds = multimedia().QAudioFormat.SampleFormat
    for channels in (1, preferred.channelCount()):
        for kind in (kinds.Float, kinds.Int16):
            wanted = multimedia().QAudioFormat()
            wanted.setSampleRate(preferred.sampleRate())
            wanted.setChannelCount(channels)
            wanted.setSampleFormat(kind)
            if device.isFormatSupported(wanted):
                return wanted
    return preferred


def encoded(samples: Samples, layout: QAudioFormat) -> bytes:
    """Mono samples (n,) in -1..1 as n frames, the same in every channel."""
    frames = np.repeat(np.clip(samples, -1, 1), layout.channelCount())
    kind, zero, largest = _scale(layout)
    if kind == np.float32:
        return frames.astype(np.float32).tobytes()
    return np.round(frames * np.float64(largest) + zero).astype(kind).tobytes()


def decoded(data: bytes, layout: QAudioFormat) -> Samples:
    """Frames as mono samples (n,) in -1..1, the mean of the channels."""
    kind, zero, largest = _scale(layout)
    frames = np.frombuffer(data, kind).reshape(-1, layout.channelCount())
    return ((frames.mean(1, dtype=np.float64) - zero) / largest).astype(np.float32)


def _scale(layout: QAudioFormat) -> tuple[Any, int, int]:
    """(numpy's type, what silence is, what 1.0 is above it)."""
    kinds = multimedia().QAudioFormat.SampleFormat
    return {
        kinds.Float: (np.float32, 0, 1),
        kinds.Int16: (np.int16, 0, 2**15 - 1),
        kinds.Int32: (np.int32, 0, 2**31 - 1),
        kinds.UInt8: (np.uint8, 128, 127),
    }[layout.sampleFormat()]


# ---- the sound server ----------------------------------------------------------------------------


def check_server() -> None:
    """StudioError where the sound server is not the one any more that was there at first.

    Qt 6.10 and 6.11 do not notice that a PulseAudio server has gone: they go on listing its
    devices, and opening one of them ends the whole process. Nothing but another process finds the
    next server.
    """
    before = _server_at_first()
    if before is not None and (_server() != before or not connects(str(before[0]))):
        raise StudioError("The sound server has stopped. Restart the studio to hear sound again.")


@cache
def _server_at_first() -> tuple[Path, int, int] | None:
    return _server()


def _server() -> tuple[Path, int, int] | None:
    """PulseAudio's socket as (path, inode, time of its making); None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    place = os.environ.get("PULSE_SERVER", "")
    folder = os.environ.get("PULSE_RUNTIME_PATH") or str(
        Path(os.environ.get("XDG_RUNTIME_DIR", "/"), "pulse")
    )
    path = Path(place.removeprefix("unix:") if place else folder + "/native")
    try:
        found = path.stat()
    except OSError:
        return None
    # the time of change would be that of its permissions, too
    return path, found.st_ino, found.st_mtime_ns
