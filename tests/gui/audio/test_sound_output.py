"""What is heard is what was written, on a real sound server; and devices may come and go."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soxr
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.engine.audio.sound_ring import Samples, SoundRing
from studio.gui.audio import sound_devices
from studio.gui.audio.sound_output import SoundOutput
from tests.gui.sound_server import RATE, SoundServer, choose, gaps, sound_server, unlike
from tests.tries import Tries

SPEECH_RATE = 8000
GAP = 0.02  # seconds: what is shorter is not heard as one
FIRST_SOUND = 0.3  # seconds
PATIENCE = 20_000  # ms

names = (f"other-{number}" for number in count())


@pytest.fixture
def output(qtbot: QtBot, sound: SoundServer, speaker: str) -> Iterator[SoundOutput]:
    output = SoundOutput()
    choose(qtbot, output, speaker)
    yield output
    output.stop()


@pytest.fixture
def making() -> Iterator[Callable[[SoundRing, Samples, float], None]]:
    """Writes samples into a ring in a thread, so many
    times faster than they are heard, and finishes it."""
    threads: list[threading.Thread] = []

    def make(ring: SoundRing, samples: Samples, speed: float) -> None:
        began, size = time.monotonic(), ring.rate // 100
        for begin in range(0, len(samples), size):
            wait = began + begin / ring.rate / speed - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if not ring.write(samples[begin : begin + size]):
                return
        ring.finish()

    def start(ring: SoundRing, samples: Samples, speed: float) -> None:
        threads.append(threading.Thread(target=make, args=(ring, samples, speed), name="maker"))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join(10)


class Animation(QWidget):
    """Paints a moving waveform as often as a screen can show it."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(900, 300)
        self.frames = 0
        self._timer = QTimer(self, interval=16, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.update)
        self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.frames += 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x in range(0, self.width(), 3):
            height = 140 * abs(np.sin(0.01 * (x + 5 * self.frames)))
            painter.drawLine(x, round(150 - height), x, round(150 + height))


@pytest.fixture
def animation(qtbot: QtBot) -> Iterator[Animation]:
    widget = Animation()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    widget.close()


def noise(seconds: float, seed: int = 0) -> Samples:
    """No two stretches of it are alike."""
    return (
        np.random.default_rng(seed)
        .uniform(-0.5, 0.5, round(seconds * SPEECH_RATE))
        .astype(np.float32)
    )


def as_heard(samples: Samples) -> Samples:
    """At the rate of the devices, and without what any
    resampler does to the very beginning and end."""
    return np.asarray(soxr.resample(samples, SPEECH_RATE, RATE), np.float32)[
        RATE // 100 : -RATE // 100
    ]


def test_what_is_heard_is_what_was_generated_while_the_window_animates(
    qtbot: QtBot,
    sound: SoundServer,
    speaker: str,
    output: SoundOutput,
    making,
    animation: Animation,
    tries: Tries,
) -> None:
    seconds = 5  # half a minute, of a voice in the whole window, is heard in tests/gui/sound
    for attempt in tries(2):
        with attempt:
            ring, samples, before = SoundRing(SPEECH_RATE), noise(seconds), animation.frames
            with sound.heard(speaker) as ear:
                making(ring, samples, 1.5)
                with qtbot.waitSignal(output.ended, timeout=1000 * seconds + PATIENCE):
                    output.play(ring)
            found = gaps(ear.samples, as_heard(samples))
            print(f"gaps, in ms: {[round(1000 * gap, 1) for gap in found]}")
            assert animation.frames - before > 25 * seconds
            assert max(map(abs, found), default=0.0) <= GAP
            assert output.underruns == 0


@pytest.mark.timed
def test_the_first_sound_comes_soon_after_play(
    qtbot: QtBot, sound: SoundServer, speaker: str, output: SoundOutput, making
) -> None:
    # libraries are loaded, as after any sound before
    output.play(SoundRing.holding(np.zeros(800, np.float32), SPEECH_RATE))
    qtbot.waitUntil(lambda: not output.playing, timeout=PATIENCE)
    took = []
    for _ in range(3):
        ring = SoundRing(SPEECH_RATE)
        with sound.heard(speaker) as ear:
            began = time.monotonic()
            making(ring, noise(1), 2.0)
            with qtbot.waitSignal(output.ended, timeout=PATIENCE):
                output.play(ring)
        moment = ear.first_sound()
        assert moment is not None
        took.append(moment - began)
    print(f"first sound after {', '.join(f'{1000 * seconds:.0f} ms' for seconds in took)}")
    assert np.median(took) <= FIRST_SOUND


def test_a_pause_is_silent_and_loses_nothing(
    qtbot: QtBot, sound: SoundServer, speaker: str, output: SoundOutput
) -> None:
    samples = noise(2)
    with sound.heard(speaker) as ear, qtbot.waitSignal(output.ended, timeout=PATIENCE):
        output.play(SoundRing.holding(samples, SPEECH_RATE))
        qtbot.waitUntil(lambda: output.position > SPEECH_RATE // 2, timeout=PATIENCE)
        output.pause()
        qtbot.wait(100)
        place = output.position
        qtbot.wait(500)
        assert output.paused
        assert output.position == place
        output.resume()
    found = [gap for gap in gaps(ear.samples, as_heard(samples)) if abs(gap) > GAP]
    assert len(found) == 1
    assert 0.3 < found[0] < 1.2


def test_a_slow_maker_is_heard_in_whole_stretches(
    qtbot: QtBot, sound: SoundServer, speaker: str, output: SoundOutput, making
) -> None:
    ring, samples = SoundRing(SPEECH_RATE, stretch=0.5), noise(3)
    with sound.heard(speaker) as ear:
        making(ring, samples, 0.7)
        with qtbot.waitSignal(output.ended, timeout=PATIENCE):
            output.play(ring)
    found = [gap for gap in gaps(ear.samples, as_heard(samples)) if abs(gap) > GAP]
    assert 1 <= len(found) <= 4
    assert min(found) > 0, "nothing is left out"
    assert output.underruns == len(found)


def test_the_playhead_goes_with_the_sound_and_stays_at_its_end(
    qtbot: QtBot, output: SoundOutput
) -> None:
    samples = noise(1.5)
    places = []
    with qtbot.waitSignal(output.ended, timeout=PATIENCE):
        output.play(SoundRing.holding(samples, SPEECH_RATE))
        qtbot.waitUntil(lambda: output.position > 0, timeout=PATIENCE)
        began, first = time.monotonic(), output.position
        while time.monotonic() < began + 1:
            qtbot.wait(20)
            places.append(output.position)
        heard = (output.position - first) / SPEECH_RATE / (time.monotonic() - began)
    assert places == sorted(places)
    assert 0.8 < heard < 1.2, "seconds of sound a second"
    assert output.position == len(samples)
    assert not output.playing


def test_stopping_is_silent_at_once_and_lets_the_maker_go(
    qtbot: QtBot, sound: SoundServer, speaker: str, output: SoundOutput
) -> None:
    ring = SoundRing(SPEECH_RATE)
    ring.write(noise(1))
    with sound.heard(speaker) as ear:
        output.play(ring)
        qtbot.waitUntil(lambda: ear.first_sound() is not None, timeout=PATIENCE)
        output.stop()
        qtbot.wait(200)
        before = len(ear.samples)
        qtbot.wait(300)
        assert not ear.samples[before:].any()
    assert not ring.write(noise(5)), "it does not wait for somebody who never reads"


def test_volume_is_the_cube_of_what_is_chosen(
    qtbot: QtBot, sound: SoundServer, speaker: str, output: SoundOutput
) -> None:
    samples = noise(1)
    output.volume = 0.5
    with sound.heard(speaker) as ear, qtbot.waitSignal(output.ended, timeout=PATIENCE):
        output.play(SoundRing.holding(samples, SPEECH_RATE))
    assert np.abs(ear.samples).max() == pytest.approx(np.abs(as_heard(samples)).max() / 8, rel=0.1)


def test_a_device_that_is_unplugged_is_followed_by_another(
    qtbot: QtBot, sound: SoundServer, output: SoundOutput, speaker: str
) -> None:
    module = sound.add_output(name := next(names))
    choose(qtbot, output, name)
    output.play(SoundRing.holding(noise(3), SPEECH_RATE))
    qtbot.waitUntil(lambda: output.position > SPEECH_RATE // 2, timeout=PATIENCE)
    assert output.device == name
    with qtbot.waitSignal(output.moved, timeout=PATIENCE) as moved:
        sound.remove(module)
    assert moved.args == [f"“{name}” was disconnected. Now playing on “{speaker}”."]
    with sound.heard(speaker) as ear, qtbot.waitSignal(output.ended, timeout=PATIENCE):
        pass
    assert np.abs(ear.samples).max() > 0.1
    assert output.position == 3 * SPEECH_RATE


def test_a_device_may_be_changed_while_it_plays(
    qtbot: QtBot, sound: SoundServer, output: SoundOutput, speaker: str
) -> None:
    module = sound.add_output(name := next(names))
    output.play(SoundRing.holding(noise(2), SPEECH_RATE))
    qtbot.waitUntil(lambda: output.position > 0, timeout=PATIENCE)
    assert output.device == speaker
    before = output.position
    with qtbot.waitSignal(output.moved, timeout=PATIENCE) as moved:
        choose(qtbot, output, name)
    assert moved.args == [f"Now playing on “{name}”."]
    qtbot.waitUntil(lambda: output.position > before + 800, timeout=PATIENCE)
    output.stop()
    sound.remove(module)


def test_the_last_device_unplugged_ends_the_sound_with_a_sentence(
    qtbot: QtBot, sound: SoundServer
) -> None:
    module = sound.add_output(name := next(names))
    output = SoundOutput()
    choose(qtbot, output, name)
    output.play(SoundRing.holding(noise(3), SPEECH_RATE))
    qtbot.waitUntil(lambda: output.position > 0, timeout=PATIENCE)
    with qtbot.waitSignal(output.failed, timeout=PATIENCE) as failed:
        sound.remove(module)
    # whether Qt says at once that the last one is gone, or it only stops
    assert name in failed.args[0]
    assert not output.playing


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("kind", "error"), [("Float", 0), ("Int16", 1e-4), ("Int32", 1e-7), ("UInt8", 1e-2)]
)
def test_samples_survive_every_format_that_a_device_may_take(
    sound: SoundServer, channels: int, kind: str, error: float
) -> None:
    formats = sound_devices.multimedia().QAudioFormat
    layout = formats()
    layout.setChannelCount(channels)
    layout.setSampleFormat(formats.SampleFormat[kind])
    samples = np.array([0, 0.5, -0.5, 1, -1, 0.123], np.float32)
    data = sound_devices.encoded(samples, layout)
    assert len(data) == len(samples) * layout.bytesPerFrame()
    assert np.abs(sound_devices.decoded(data, layout) - samples).max() <= error
    loud = sound_devices.decoded(
        sound_devices.encoded(np.array([1.5, -1.5], np.float32), layout), layout
    )
    assert np.allclose(loud, [1, -1], atol=error)


# ---- without a server: in a process of its own, for QtMultimedia looks for a server once ---------

SILENT = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
import numpy as np
app = QCoreApplication([])
from studio.engine.audio.sound_ring import SoundRing
from studio.gui.audio.microphone import Microphone
from studio.gui.audio.sound_output import SoundOutput
output, microphone = SoundOutput(), Microphone()
output.failed.connect(lambda sentence: print("output:", sentence, flush=True))
microphone.failed.connect(lambda sentence: print("microphone:", sentence, flush=True))
ring = SoundRing.holding(np.ones(80_000, np.float32), 8000)
"""


def run_silently(
    code: str, monkeypatch: pytest.MonkeyPatch, address: str, meanwhile: Callable[[], object] = int
) -> list[str]:
    """The lines that a program says; `meanwhile` is done once it has said "playing"."""
    monkeypatch.setenv("PULSE_SERVER", address)
    command = [sys.executable, "-c", SILENT + code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        lines = []
        for line in program.stdout:
            lines.append(line.strip())
            if line == "playing\n":
                meanwhile()
        assert program.wait() == 0, program.stderr.read() if program.stderr else ""
    return lines


def test_without_a_sound_server_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run_silently(
        "output.play(ring); microphone.start(); print(output.playing)", monkeypatch, "unix:/nowhere"
    )
    assert lines == [
        (
            "output: No sound device was found. Connect one, or start the sound server, and restart"
            " the studio."
        ),
        (
            "microphone: No microphone was found. Connect one, or allow the studio to use it in the"
            " system's settings."
        ),
        "False",
    ]


def test_a_server_that_ends_while_it_plays_is_survived(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = """
output.play(ring)
QTest.qWait(300)
print("playing", flush=True)
while output.playing:
    QTest.qWait(50)
output.play(SoundRing.holding(np.ones(80_000, np.float32), 8000))
while output.playing:
    QTest.qWait(50)
"""
    with sound_server(tmp_path) as server:
        server.add_output("mortal")
        lines = run_silently(code, monkeypatch, server.address, server.kill)
    sentence = "output: The sound server has stopped. Restart the studio to hear sound again."
    assert lines == ["playing", sentence, sentence]


def test_the_window_is_there_before_anything_slow_and_without_the_libraries_of_sound() -> None:
    code = (
        "import sys; from studio.gui.shell.app import application; from"
        " studio.gui.shell.main_window import MainWindow; "
    )
    code += "app = application(); window = MainWindow(); window.show(); "
    code += "slow = ('torch', 'numba', 'pyqtgraph', 'PySide6.QtMultimedia', 'soxr', 'soundfile'); "
    code += "print([name for name in slow if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_what_is_not_as_it_was_meant_is_found_in_speech() -> None:
    meant = noise(2) * (np.sin(np.arange(2 * SPEECH_RATE) * 2 * np.pi / SPEECH_RATE) > 0)
    meant = np.asarray(soxr.resample(meant, SPEECH_RATE, RATE), np.float32)
    before = np.zeros(1000, np.float32)
    assert unlike(np.concatenate([before, meant, before]), meant) == []
    broken = meant.copy()
    broken[4800:7200] = 0
    assert unlike(broken, meant) == pytest.approx([0.1, 0.12, 0.14])
    late = np.concatenate([meant[:4800], np.zeros(960, np.float32), meant[4800:]])
    assert len(unlike(late, meant)) > 4


def test_a_gap_in_what_is_heard_is_found() -> None:
    meant = as_heard(noise(2))
    halting = np.concatenate(
        [np.zeros(3000), meant[:40_000], np.zeros(2400), meant[40_000:]]
    ).astype(np.float32)
    assert [gap for gap in gaps(halting, meant) if gap > GAP] == pytest.approx([0.05])
    with pytest.raises(AssertionError, match="was not heard"):
        gaps(halting[:60_000], meant)
