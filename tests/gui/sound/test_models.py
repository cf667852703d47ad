"""Models for sound in the window: of a class, of another rate,
of a run; beside models for pictures."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QRect
from pytestqt.qtbot import QtBot

from models.wavenet_audio import WaveNet
from studio.engine.checkpoints import load, save
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui import session
from studio.gui.session import Session
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from tests.gui.sound.voices import SECONDS, another, made, make_all, same, shown
from tests.gui.sound_server import RATE, SoundServer, choose
from tests.gui.windows import change_model, click, press, until
from tests.tiny import tiny_checkpoint, tiny_voice


def test_a_model_for_pictures_brings_back_its_stage(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path
) -> None:
    page.playback.play()
    until(qtbot, lambda: page.timeline.length > 0)
    change_model(qtbot, window, tiny_checkpoint(tmp_path))
    assert window.pages.currentWidget() is window.drawing_page
    assert not page.output.playing
    assert page.timeline.length == 0, "nobody holds on to what was made"
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: window.session.latest.position == window.session.latest.length)  # type: ignore[union-attr]


def test_a_model_of_a_run_is_called_as_the_run(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    tiny_voice(another(tmp_path)).rename(tmp_path / "another" / "latest.safetensors")
    window.load(tmp_path / "another" / "latest.safetensors")
    until(qtbot, lambda: window.windowTitle() == "another – Autoregressive Studio")
    assert "another" in window.inspector.title.text()
    until(qtbot, lambda: not window.session.polling)


def test_the_inspector_asks_what_matters_for_sound(qtbot: QtBot, window: MainWindow) -> None:
    inspector = window.inspector
    assert inspector.drawing.title() == "Sound"
    assert "sound, 8 kHz" in inspector.facts.text()
    assert not inspector.order.isEnabled()
    assert not inspector.overlay.isEnabled()
    assert inspector.temperature.isEnabled()
    possible = [n for n in (1, 4, 16, 64) if inspector.counts.button(n).isEnabled()]
    assert possible == [1, 4]
    assert inspector.distribution.probabilities is not None
    assert inspector.distribution.probabilities.shape == (1, 256)


def test_the_inspector_speaks_of_sound_or_of_pictures(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    def words() -> list[str]:
        inspector = window.inspector
        said = [
            inspector.counts.button(4),
            inspector.distribution,
            inspector.classes.chips.buttons()[0],
        ]
        return [widget.accessibleName() for widget in said] + [
            inspector.distribution.toolTip().partition("\n")[0]  # what the noise does stands below
        ]

    speaking = tiny_voice(another(tmp_path), sample_rate=8000, classes=1, class_names=("low",))
    window.load(speaking)
    until(
        qtbot,
        lambda: window.session.checkpoint == speaking and window.session.latest is not None,
    )
    assert words() == [
        "Make 4 takes at once",
        "Distribution of the next sample",
        "Make sound of the class low (0)",
        (
            "How probable each amplitude of the next sample is, in the take that is heard: levels"
            " are finer where it is quiet"
        ),
    ]
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    assert words() == [
        "Make 4 samples at once",
        "Distribution of the next pixel",
        "Draw from the class a (0)",
        (
            "How probable each value of the next pixel is, in the chosen picture or else the first."
            " Click a bar to take that value by hand: the model goes on from it"
        ),
    ]
    until(qtbot, lambda: not window.session.polling)


def test_a_class_is_chosen_and_heard(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    speaking = tiny_voice(
        another(tmp_path), sample_rate=8000, classes=2, class_names=("high", "low")
    )
    model = load(speaking)
    assert isinstance(model, WaveNet)
    # fresh ones say nothing
    torch.nn.init.normal_(model.class_gates, generator=torch.Generator().manual_seed(0))
    save(model, speaking)
    window.load(speaking)
    until(
        qtbot,
        lambda: window.session.checkpoint == speaking and window.session.latest is not None,
    )
    chips = window.inspector.classes.chips
    assert [chip.text() for chip in chips.buttons()] == ["high", "low", "any"]
    heard = []
    for number in (0, 1):
        meant = made(speaking, SamplingOptions(condition=number))[0]
        click(chips.button(number))
        page.playback.make()
        until(qtbot, lambda: same(shown(page), meant))  # noqa: B023
        heard.append(meant)
    assert not same(*heard)
    until(qtbot, lambda: not window.session.polling)


def test_a_class_is_chosen_by_its_digit_but_not_while_a_number_is_typed(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    speaking = tiny_voice(
        another(tmp_path), sample_rate=8000, classes=2, class_names=("high", "low")
    )
    window.load(speaking)
    until(
        qtbot,
        lambda: window.session.checkpoint == speaking and window.session.latest is not None,
    )
    page.waveform.setFocus()
    press("1")
    until(qtbot, lambda: window.session.options.condition == 1)
    assert window.inspector.classes.chips.button(1).isChecked()
    seed = window.inspector.seed
    seed.setFocus()
    seed.selectAll()
    press("0")
    press("7")
    press("Return")
    until(qtbot, lambda: window.session.options.seed == 7)
    assert window.session.options.condition == 1
    until(qtbot, lambda: not window.session.polling)


def test_a_voice_of_16_khz_takes_as_long_as_it_should(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    sound: SoundServer,
    speaker: str,
    tmp_path: Path,
) -> None:
    fast = tiny_voice(another(tmp_path), sample_rate=16_000)
    window.load(fast)
    until(qtbot, lambda: window.session.checkpoint == fast and window.session.latest is not None)
    make_all(qtbot, page, round(16_000 * SECONDS))
    with sound.heard(speaker) as ear, qtbot.waitSignal(page.output.ended, timeout=20_000):
        page.playback.play_from(0)
    loud = np.flatnonzero(np.abs(ear.samples) > 1e-3)
    assert (loud[-1] - loud[0]) / RATE == pytest.approx(SECONDS, abs=0.1)


def test_a_vocoder_of_16_khz_has_twice_as_many_bands_and_says_a_recording_again(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    vocoder = tiny_voice(another(tmp_path), "wavenet-mel-16k", sample_rate=16_000)
    window.load(vocoder)
    until(qtbot, lambda: window.session.checkpoint == vocoder and page.editor.isVisible())
    recorded = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    page.files.take_samples(recorded)
    until(qtbot, lambda: page.editor.frames is not None and bool(page.editor.frames.any()))
    assert page.editor.frames is not None
    assert page.editor.frames.shape == (100, 80)
    make_all(qtbot, page, 16_000)
    until(qtbot, lambda: not window.session.polling)


def test_the_start_page_lets_a_voice_be_heard(
    qtbot: QtBot, window: MainWindow, page: SoundPage, voice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.pages.setCurrentWidget(window.start_page)
    window.start_page.set_sound_available(True)
    monkeypatch.setattr(
        window.session, "load", lambda name, then: Session.load(window.session, voice, then)
    )
    window.session.change(count=4, temperature=0.2)
    click(window.start_page.hear)
    until(qtbot, lambda: page.timeline.playhead > 1000)
    assert same(shown(page)[:500], made(voice)[0][:500]), "one take, as it was trained"
    assert page.isVisible()
    window.pages.setCurrentWidget(window.start_page)
    assert not page.playback.playing, "out of sight, it falls silent"
    until(qtbot, lambda: not window.session.polling)


def test_the_voice_is_heard_although_the_first_model_is_still_on_its_way(
    qtbot: QtBot,
    sound: SoundServer,
    speaker: str,
    voice: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_load, first_model = threading.Event(), session._first_model
    monkeypatch.setattr(
        session, "_first_model", lambda *given: may_load.wait(20) and first_model(*given)
    )
    window = MainWindow(tiny_checkpoint(tmp_path))
    qtbot.addWidget(window)
    choose(qtbot, window.sound_page.output, speaker)
    monkeypatch.setattr(
        window.session, "load", lambda name, then: Session.load(window.session, voice, then)
    )
    window.show()
    until(qtbot, lambda: window.session.polling)
    assert window.session.model is None
    window.start_page.hear_requested.emit()
    may_load.set()
    until(qtbot, lambda: window.sound_page.timeline.playhead > 1000)
    window.close()


def test_a_painting_waits_while_there_is_a_model_for_sound(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    change_model(qtbot, window, tiny_checkpoint(tmp_path))
    session.edit(lambda painting: painting.line((1, 1), (1, 5), 1))
    session.change(count=64)
    change_model(qtbot, window, tiny_voice(tmp_path, sample_rate=8000))
    assert session.options.count == 4
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "made"))
    assert session.painting is not None
    assert session.painting.known.sum() == 5
    until(qtbot, lambda: not session.polling)


def test_a_message_covers_nothing_of_the_legend(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    window.resize(1366, 740)
    page.playback.play()
    until(qtbot, lambda: page.legend.unknown.isVisible() and window.width() == 1366)
    window.messages.show_message(
        "No sound device was found. Connect one, or start the sound server, and restart the studio."
    )
    for part in (page.legend.unknown, page.legend.scale, page.ruler):
        place = QRect(part.mapTo(window.centre, QPoint()), part.size())
        assert not window.messages.geometry().intersects(place)


def test_the_legend_is_whole_in_a_small_window(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    window.resize(1024, 700)
    legend = page.legend
    parts = (legend.readout, legend.scale)
    until(qtbot, lambda: window.width() == 1024)
    until(qtbot, lambda: all(legend.rect().contains(each.geometry()) for each in parts))
    assert not legend.readout.geometry().intersects(legend.scale.geometry())
    assert legend.scale.width() >= legend.scale.sizeHint().width()
