"""A real sound server for the tests: a PulseAudio whose devices only exist in memory, and ears to
hear what it plays.

Nothing of it reaches the machine's loudspeakers or a server that a person uses: it has its own
folder, socket and options.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from studio.display import connects
from studio.gui.audio.microphone import Microphone
from studio.gui.audio.sound_output import SoundOutput
from studio.virtual_display import running

RATE = 48_000  # of every device
PATIENCE = 30.0  # seconds that a program may take to start, on a machine that is busy

Samples = NDArray[np.float32]


@dataclass
class SoundServer:
    """A server that runs; `address` is what PULSE_SERVER has to be for a program to use it.

    Its outputs have `norewinds`, or else they render two seconds at a time as long as nobody plays.
    """

    address: str
    process: subprocess.Popen

    def add_output(self, name: str, *options: str) -> int:
        """A device to play on, which becomes the system's own choice;
        returns its number, for `remove`."""
        module = self._load(
            "module-null-sink",
            f"sink_name={name}",
            f"sink_properties=device.description={name}",
            "norewinds=1",
            *options,
        )
        self.control("set-default-sink", name)
        return module

    def add_input(self, name: str, hears: str) -> None:
        """A microphone that hears what an output plays; it goes with that output."""
        self._load(
            "module-remap-source",
            f"source_name={name}",
            f"master={hears}.monitor",
            f"source_properties=device.description={name}",
        )

    def remove(self, module: int) -> None:
        """Unplug a device."""
        self.control("unload-module", str(module))

    def _load(self, module: str, *options: str) -> int:
        return int(self.control("load-module", module, *options))

    def control(self, *command: str) -> str:
        ended = subprocess.run(
            ["pactl", "--server", self.address, *command],
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    def kill(self) -> None:
        """End it as a crash would: nothing is tidied up."""
        self.process.kill()
        self.process.wait()

    @contextmanager
    def heard(self, output: str) -> Iterator[Ear]:
        """Listen at an output, from before the block until after it."""
        command = [
            "parec",
            "--server",
            self.address,
            "--device",
            f"{output}.monitor",
            "--raw",
            "--format=float32le",
        ]
        command += [f"--rate={RATE}", "--channels=1", "--latency-msec=10"]
        hasty = {name: value for name, value in os.environ.items() if name != "PULSE_LATENCY_MSEC"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=hasty)
        ear = Ear(process)
        try:
            wait_for(lambda: len(ear.samples) > 0)
            yield ear
        finally:
            process.terminate()
            process.wait()
            ear.close()


class Ear:
    """What was heard so far, and when."""

    def __init__(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        self._pipe = process.stdout
        self._parts: list[tuple[float, Samples]] = []
        self._thread = threading.Thread(target=self._listen, name="ear")
        self._thread.start()

    def _listen(self) -> None:
        rest = b""
        while data := os.read(self._pipe.fileno(), 1 << 16):
            data = rest + data
            whole = len(data) // 4 * 4
            rest = data[whole:]
            self._parts.append((time.monotonic(), np.frombuffer(data[:whole], np.float32)))

    def close(self) -> None:
        self._thread.join()
        self._pipe.close()

    @property
    def samples(self) -> Samples:
        """Everything, mono at `RATE`."""
        return np.concatenate([np.zeros(0, np.float32), *(samples for _, samples in self._parts)])

    def first_sound(self) -> float | None:
        """When, on the monotonic clock, the first block came
        in which there is any sound; None where none did."""
        return next(
            (moment for moment, samples in self._parts if np.abs(samples).max(initial=0) > 1e-3),
            None,
        )


@contextmanager
def sound_server(folder: Path) -> Iterator[SoundServer]:
    """Run a server without any device; `folder` takes its socket, its options and its log."""
    socket, log = folder / "native", folder / "log"
    private = {
        name: str(folder)
        for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")
    }
    outside = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "PULSE_SERVER")
    }
    command = [
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
        *("--disable-shm=yes", "--high-priority=no", "--realtime=no"),
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
    ]
    with running(command, log, outside | private) as process:
        wait_for(lambda: connects(str(socket)) or process.poll() is not None)
        assert process.poll() is None, f"PulseAudio did not start: {log.read_text()}"
        yield SoundServer(f"unix:{socket}", process)


def wait_for(so) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.005)


def choose(qtbot: QtBot, what: SoundOutput | Microphone, name: str) -> None:
    """Play or record on a device as soon as it is known."""
    found = {}

    def known() -> bool:
        found.update({device.name: device.id for device in what.devices()})
        return name in found

    qtbot.waitUntil(known, timeout=round(1000 * PATIENCE))
    what.choose(found[name])


# ---- comparing -----------------------------------------------------------------------------------


def gaps(heard: Samples, meant: Samples, block: float = 0.02, search: float = 1.5) -> list[float]:
    """How what was heard differs from what was meant, both at `RATE`: the seconds between two
    blocks of it that should have followed one another at once, wherever that is not so; negative
    where something was left out.

    Every block of `block` seconds is found by cross-correlation near where it should be; one in
    which the sound was interrupted is like nothing, and is passed over. Raises AssertionError where
    two in a row are not within `search` seconds.
    """
    size, reach = round(block * RATE), round(search * RATE)
    place = _find(meant[:size], heard)
    assert place is not None, "the beginning was not heard"
    found, broken = [], False
    for begin in range(0, len(meant) - size, size):
        piece = meant[begin : begin + size]
        if _likeness(piece, heard[place : place + size]) < 0.9:
            near = max(0, place - reach)
            at = _find(piece, heard[near : place + size + reach])
            assert at is not None or not broken, (
                f"what was meant at {begin / RATE:.2f} s was not heard"
            )
            broken = at is None
            if at is not None:
                found.append((near + at - place) / RATE)
                place = near + at
        place += size
    return found


def unlike(heard: Samples, meant: Samples, block: float = 0.02, quiet: float = 0.01) -> list[float]:
    """When, in seconds, what was heard is not what was meant, both at `RATE`, laid over each other
    where they are most alike: the blocks of `block` seconds, unless they are quieter than `quiet`.
    Of a sound with a gap, all that comes after it.

    For speech, in which `gaps` would look for pauses. Raises
    AssertionError where they are nowhere alike.
    """
    place, size = _find(meant, heard, least=0.5), round(block * RATE)
    assert place is not None, "it was not heard"
    pieces = [(begin, meant[begin : begin + size]) for begin in range(0, len(meant) - size, size)]
    loud = [(begin, piece) for begin, piece in pieces if np.abs(piece).max() > quiet]
    wrong = (
        begin
        for begin, piece in loud
        if _likeness(piece, heard[place + begin : place + begin + size]) < 0.9
    )
    return [begin / RATE for begin in wrong]


def _find(piece: Samples, sound: Samples, least: float = 0.9) -> int | None:
    """Where a piece is in a sound, by cross-correlation;
    None where nothing is as like it as `least`."""
    length = len(sound) + len(piece)
    products = np.fft.irfft(np.fft.rfft(sound, length) * np.fft.rfft(piece, length).conj(), length)[
        : len(sound)
    ]
    at = int(products.argmax())
    return at if _likeness(piece, sound[at : at + len(piece)]) > least else None


def _likeness(a: Samples, b: Samples) -> float:
    """The correlation coefficient; 1 for two silences."""
    if len(a) != len(b):
        return 0.0
    strength = float(np.linalg.norm(a) * np.linalg.norm(b))
    return (
        float(a @ b) / strength
        if strength > 1e-6
        else float(np.abs(a).max() < 1e-4 and np.abs(b).max() < 1e-4)
    )
