"""The microphone records what there is to hear, at the rate that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.engine.audio.sound_ring import SoundRing
from studio.gui.audio import microphone as microphones
from studio.gui.audio.microphone import Microphone
from studio.gui.audio.sound_output import SoundOutput
from tests.gui.sound_server import SoundServer, choose

PATIENCE = 20_000  # ms
RATE = 8000

numbers = count()


@pytest.fixture
def room(qtbot: QtBot, sound: SoundServer) -> Iterator[tuple[SoundOutput, Microphone, int]]:
    """A loudspeaker, a microphone that hears it, and the loudspeaker's number on the server."""
    number = next(numbers)
    speaker = sound.add_output(f"room-{number}")
    sound.add_input(f"ear-{number}", hears=f"room-{number}")
    output, microphone = SoundOutput(), Microphone()
    choose(qtbot, output, f"room-{number}")
    choose(qtbot, microphone, f"ear-{number}")
    yield output, microphone, speaker
    output.stop()
    microphone.stop(RATE)
    if f"room-{number}" in sound.control("list", "short", "sinks"):
        sound.remove(speaker)  # and the microphone with it


def tone(hertz: float, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def test_what_is_played_is_recorded(qtbot: QtBot, room) -> None:
    output, microphone, _ = room
    levels: list[float] = []
    microphone.level.connect(levels.append)
    microphone.start()
    qtbot.waitUntil(lambda: microphone.seconds > 0, timeout=PATIENCE)
    with qtbot.waitSignal(output.ended, timeout=PATIENCE):
        output.play(SoundRing.holding(tone(440, 1), RATE))
    recorded = microphone.stop(RATE)
    assert recorded.dtype == np.float32
    loud = np.flatnonzero(np.abs(recorded) > 0.1)
    assert (loud[-1] - loud[0]) / RATE == pytest.approx(1, abs=0.1)
    middle = recorded[loud[0] : loud[-1]]
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() * RATE / len(middle) == pytest.approx(440, abs=5)
    assert max(levels) == pytest.approx(0.5, abs=0.05)
    assert not microphone.recording


def test_a_recording_ends_by_itself_when_it_is_long_enough(qtbot: QtBot, room) -> None:
    _, microphone, _ = room
    with qtbot.waitSignal(microphone.full, timeout=PATIENCE):
        microphone.start(most=0.5)
    assert len(microphone.stop(RATE)) == RATE // 2


def test_a_microphone_that_says_nothing_for_two_seconds_is_waited_for(
    qtbot: QtBot, sound: SoundServer, room
) -> None:
    _, microphone, _ = room
    problems: list[str] = []
    microphone.failed.connect(problems.append)
    sound.control(
        "suspend-source", microphone.chosen, "1"
    )  # as silent as a virtual one is when it is opened
    microphone.start()
    qtbot.wait(2200)
    assert microphone.recording
    assert not problems
    sound.control("suspend-source", microphone.chosen, "0")
    qtbot.waitUntil(lambda: microphone.seconds > 0.1, timeout=PATIENCE)


def test_a_microphone_that_sends_nothing_is_not_called_gone(
    qtbot: QtBot, sound: SoundServer, room, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, microphone, _ = room
    monkeypatch.setattr(microphones, "_PATIENCE_AT_FIRST", 6)
    sound.control("suspend-source", microphone.chosen, "1")
    with qtbot.waitSignal(microphone.failed, timeout=PATIENCE) as failed:
        microphone.start()
    assert "sends no sound: check that it is switched on" in failed.args[0]
    assert not microphone.recording


def test_a_microphone_that_is_unplugged_keeps_what_it_has_recorded(
    qtbot: QtBot, sound: SoundServer, room
) -> None:
    _, microphone, speaker = room
    microphone.start()
    qtbot.waitUntil(lambda: microphone.seconds > 0.2, timeout=PATIENCE)
    with qtbot.waitSignal(microphone.failed, timeout=PATIENCE) as failed:
        sound.remove(speaker)
    assert failed.args[0].endswith("the recording ends here.")
    assert len(microphone.stop(RATE)) > 0.1 * RATE
