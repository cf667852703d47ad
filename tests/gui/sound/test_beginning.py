"""What a voice goes on from, or says again: a stretch,
a file, what was held out, what is recorded or painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from models.companding import mu_law_decode
from studio.engine.audio.sound_ring import SoundRing
from studio.engine.data.audio_data import open_audio
from studio.engine.media.mel import MelSpec, log_mel
from studio.engine.scoring import sound_scoring
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound import sound_files
from studio.gui.sound.sound_page import SoundPage
from studio.gui.widgets import file_dialogs
from tests.gui.sound.voices import another, make_all, same, shown
from tests.gui.sound_server import SoundServer, choose
from tests.gui.windows import change_model, press, until
from tests.tiny import tiny_checkpoint, tiny_sounds, tiny_voice


def test_a_stretch_is_kept_and_gone_on_from(qtbot: QtBot, page: SoundPage, voice: Path) -> None:
    make_all(qtbot, page)
    before = shown(page)
    page.timeline.select(2000, 6000)
    page.tools.keep.trigger()
    until(qtbot, lambda: page.timeline.beginning == 4000)
    assert same(shown(page), before[2000:6000])
    make_all(qtbot, page, 20_000)
    assert same(shown(page)[:4000], before[2000:6000])
    page.tools.forget.trigger()
    until(qtbot, lambda: page.timeline.length == 0)
    assert page.timeline.beginning == 0


def test_a_recording_is_gone_on_from(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    tone = 0.5 * np.sin(np.arange(48_000) / 20)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone, tone], 1), 48_000, "PCM_24")
    window.sound_page.open_file(tmp_path / "tone.wav")
    until(qtbot, lambda: page.timeline.beginning == 8000)
    assert np.abs(shown(page)[1000:7000]).max() == pytest.approx(0.5, abs=0.02)
    (tmp_path / "none.wav").touch()
    window.sound_page.open_file(tmp_path / "none.wav")
    until(
        qtbot,
        lambda: window.messages.isVisible() and window.messages.label.text().endswith("is empty."),
    )
    assert page.timeline.beginning == 8000


@pytest.mark.parametrize(
    ("ending", "kind", "subtype"),
    [
        (".mp3", "MP3", None),
        (".aiff", "AIFF", None),
        (".opus", "OGG", "OPUS"),
        (".wav", "WAV", "GSM610"),
    ],
)
def test_a_recording_of_any_kind_can_be_dropped(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path, ending, kind, subtype
) -> None:
    path = tmp_path / f"tone{ending}"
    soundfile.write(path, 0.5 * np.sin(np.arange(8000) / 20), 8000, subtype, format=kind)
    window.open_file(path)
    until(qtbot, lambda: page.timeline.beginning >= 8000)
    until(qtbot, lambda: not window.session.polling)


def test_dialogs_offer_every_kind_of_recording() -> None:
    offered = file_dialogs.recordings()
    assert all(f"*{ending}" in offered for ending in (".wav", ".mp3", ".aiff", ".opus", ".flac"))


def test_a_kind_of_sound_that_cannot_be_read_is_named_and_a_way_out(
    window: MainWindow, tmp_path: Path
) -> None:
    window.open_file(tmp_path / "song.m4a")
    text = window.messages.label.text()
    assert text == "M4A files cannot be read: convert it to WAV, FLAC or MP3."


def test_a_recording_that_is_opened_as_a_checkpoint_is_gone_on_from(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soundfile.write(tmp_path / "mine.wav", 0.3 * np.sin(np.arange(4000) / 5), 8000)
    monkeypatch.setattr(file_dialogs, "ask_open_checkpoint", lambda parent: tmp_path / "mine.wav")
    press("ctrl+o")
    until(qtbot, lambda: page.timeline.beginning == 4000)


def test_a_recording_that_was_held_out_is_gone_on_from_or_said_again(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = tiny_sounds(tmp_path)
    held_out = open_audio(data, 8000).test.codes[0]
    monkeypatch.setattr(sound_scoring, "data_of", lambda model: open_audio(data, 8000))
    press("t")
    until(qtbot, lambda: page.timeline.beginning == len(held_out) // 2)
    assert "The first half of “" in window.messages.label.text()
    make_all(qtbot, page, len(held_out) // 2 + 16_000)
    kept = mu_law_decode(held_out[: len(held_out) // 2]).numpy()
    assert same(shown(page)[: len(kept)], kept)
    vocoder = tiny_voice(tmp_path, "wavenet-mel", sample_rate=8000)
    window.load(vocoder)
    until(qtbot, lambda: page.editor.isVisible() and page.tools.isEnabled())
    press("t")
    frames = log_mel(mu_law_decode(held_out.numpy()), MelSpec.at(8000, 10, 6))
    until(
        qtbot, lambda: page.editor.frames is not None and np.array_equal(page.editor.frames, frames)
    )
    assert "is now the model's spectrogram" in window.messages.label.text()
    until(qtbot, lambda: not window.session.polling)


def test_a_recording_that_is_too_long_or_too_short_is_reported_in_one_sentence(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.load(tiny_voice(another(tmp_path), "wavenet-mel", sample_rate=8000))
    until(qtbot, lambda: page.editor.isVisible() and page.tools.isEnabled())
    monkeypatch.setattr(sound_files, "_LONGEST", 1.0)
    for samples, sentence in ((8001, "too long"), (0, "too short")):
        window.sound_page.files.take_samples(np.zeros(samples, np.float32))
        until(qtbot, lambda: sentence in window.messages.label.text())  # noqa: B023
    assert page.editor.frames is not None
    assert not page.editor.frames.any(), "it is as it was"
    until(qtbot, lambda: not window.session.polling)


def test_a_beginning_can_be_undone_and_outlives_the_model(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path, voice: Path
) -> None:
    page.set_beginning(np.full(400, 200, np.uint8))
    until(qtbot, lambda: page.timeline.beginning == 400)
    page.set_beginning(None)
    until(qtbot, lambda: page.timeline.beginning == 0)
    press("ctrl+z")
    until(qtbot, lambda: page.timeline.beginning == 400)
    change_model(qtbot, window, tiny_checkpoint(tmp_path))
    window.load(tiny_voice(another(tmp_path), sample_rate=16_000))
    until(qtbot, lambda: page.timeline.beginning == 800)
    press("ctrl+z")
    until(qtbot, lambda: page.timeline.beginning == 0)
    until(qtbot, lambda: not window.session.polling)


def test_on_the_start_page_the_beginning_is_not_forgotten(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    page.set_beginning(np.full(1000, 128, np.uint8))
    until(qtbot, page.tools.forget.isEnabled)
    window.pages.setCurrentWidget(window.start_page)
    press("ctrl+BackSpace")
    qtbot.wait(50)
    assert page.timeline.beginning == 1000
    window.show_stage()
    press("ctrl+BackSpace")
    until(qtbot, lambda: page.timeline.beginning == 0)


def test_what_is_recorded_becomes_the_beginning(
    qtbot: QtBot, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    sound.add_input(f"ear-of-{speaker}", hears=speaker)
    choose(qtbot, page.recorder.microphone, f"ear-of-{speaker}")
    tone = (0.5 * np.sin(np.arange(8000) / 10)).astype(np.float32)
    page.tools.record.trigger()
    until(qtbot, lambda: page.recorder.microphone.seconds > 0)
    with qtbot.waitSignal(page.output.ended, timeout=20_000):
        page.output.play(SoundRing.holding(tone, 8000))
    page.tools.record.trigger()
    assert not page.recorder.microphone.recording
    until(qtbot, lambda: page.timeline.beginning > 8000)
    loud = np.flatnonzero(np.abs(shown(page)) > 0.1)
    assert loud[-1] - loud[0] == pytest.approx(8000, abs=800)
    assert not page.tools.record.isChecked()


def test_leaving_the_page_ends_the_recording_and_keeps_it_without_coming_back(
    qtbot: QtBot, window: MainWindow, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    sound.add_input(f"ear-of-{speaker}", hears=speaker)
    choose(qtbot, page.recorder.microphone, f"ear-of-{speaker}")
    page.tools.record.trigger()
    until(qtbot, lambda: page.recorder.microphone.seconds > 0.2)
    window.pages.setCurrentWidget(window.start_page)
    assert not page.recorder.microphone.recording
    until(qtbot, lambda: page.timeline.beginning > 1000)
    assert window.pages.currentWidget() is window.start_page
    until(qtbot, lambda: not window.session.polling)


def test_a_recording_that_ends_before_it_began_closes_the_microphone(
    qtbot: QtBot, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    sound.add_input(f"ear-of-{speaker}", hears=speaker)
    choose(qtbot, page.recorder.microphone, f"ear-of-{speaker}")
    page.tools.record.trigger()
    page.tools.record.trigger()
    assert not page.recorder.microphone.recording
    assert not page.tools.record.isChecked()


def test_the_microphone_is_chosen_in_the_menu_of_its_button(
    qtbot: QtBot, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    sound.add_input(f"ear-of-{speaker}", hears=speaker)
    name = f"ear-of-{speaker}"
    until(qtbot, lambda: name in [device.name for device in page.recorder.microphone.devices()])
    page.tools.microphones.aboutToShow.emit()
    (wanted,) = (one for one in page.tools.microphones.actions() if one.text() == name)
    wanted.trigger()
    page.tools.microphones.aboutToShow.emit()
    assert [one.text() for one in page.tools.microphones.actions() if one.isChecked()] == [name]


def test_a_vocoder_says_what_is_painted(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    vocoder = tiny_voice(tmp_path, "wavenet-mel", sample_rate=8000)
    window.load(vocoder)
    until(qtbot, lambda: window.session.checkpoint == vocoder and window.session.latest is not None)
    assert page.editor.isVisible()
    frames = np.random.default_rng(0).random((400, 6)).astype(np.float32)
    page.editor.set_frames(frames)
    make_all(qtbot, page, 4000)
    before = shown(page)
    page.editor.tools.edit(lambda painting: painting.cut(300, 400))
    make_all(qtbot, page, 3000)
    assert same(shown(page)[:2900], before[:2900])
    press("ctrl+z")
    make_all(qtbot, page, 4000)
    assert same(shown(page), before)
    until(qtbot, lambda: not window.session.polling)


def test_a_spectrogram_that_was_saved_is_opened_or_dropped(
    qtbot: QtBot, window: MainWindow, page: SoundPage, tmp_path: Path
) -> None:
    window.load(tiny_voice(another(tmp_path), "wavenet-mel", sample_rate=8000))
    until(qtbot, lambda: page.editor.isVisible() and page.tools.isEnabled())
    frames = np.random.default_rng(0).random((50, 6)).astype(np.float32)
    np.save(tmp_path / "kept.npy", frames)
    window.sound_page.open_file(tmp_path / "kept.npy")
    until(qtbot, lambda: np.array_equal(page.editor.frames, frames))  # type: ignore[arg-type]
    (tmp_path / "bad.npy").write_bytes(b"x")
    window.sound_page.open_file(tmp_path / "bad.npy")
    until(qtbot, lambda: "bad.npy" in window.messages.label.text())
    assert np.array_equal(page.editor.frames, frames)  # type: ignore[arg-type]
    until(qtbot, lambda: not window.session.polling)
