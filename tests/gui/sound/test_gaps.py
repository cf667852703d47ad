"""A gap in a recording is selected and filled, heard at once, and brought back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.companding import mu_law_decode
from studio.engine.editing.gap import Gap
from studio.engine.media.recordings import read_recording
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from studio.gui.widgets import file_dialogs
from tests.gui.sound.voices import another, same, shown
from tests.gui.windows import press, until
from tests.tiny import tiny_voice

GAP = Gap(2000, 2160)


@pytest.fixture
def recording(qtbot: QtBot, page: SoundPage) -> np.ndarray:
    """Codes that the page has as its beginning."""
    codes = np.random.default_rng(0).integers(90, 160, 4000).astype(np.uint8)
    page.set_beginning(codes)
    until(qtbot, lambda: page.timeline.beginning == 4000 and page.timeline.length >= 4000)
    return codes


def outside(samples: np.ndarray) -> np.ndarray:
    return np.delete(samples[:4000], np.s_[GAP.begin : GAP.end])


def fill(qtbot: QtBot, page: SoundPage) -> None:
    page.timeline.select(GAP.begin, GAP.end)
    press("g")
    until(qtbot, lambda: page.timeline.filled == (GAP,) and page.timeline.length >= 4000)


def test_it_is_filled_and_heard_and_nothing_else_is_touched(
    qtbot: QtBot, window: MainWindow, page: SoundPage, recording: np.ndarray
) -> None:
    before = mu_law_decode(recording)
    fill(qtbot, page)
    assert same(outside(shown(page)), outside(before))
    assert not same(shown(page)[GAP.begin : GAP.end], before[GAP.begin : GAP.end])
    assert "of 64 takes" in window.messages.label.text()
    until(qtbot, lambda: page.playback.playing)
    assert page.timeline.selection is None
    assert page.timeline.given == [(0, GAP.begin), (GAP.end, 4000)]
    assert page.legend.filled.isVisible()
    page.playback.stop()
    until(qtbot, lambda: not window.session.polling)


def test_the_recording_is_brought_back_and_filled_again(
    qtbot: QtBot, page: SoundPage, recording: np.ndarray
) -> None:
    fill(qtbot, page)
    page.playback.stop()
    found = shown(page)[:4000]
    press("ctrl+z")
    until(qtbot, lambda: page.timeline.filled == () and page.timeline.length >= 4000)
    until(qtbot, lambda: same(shown(page)[:4000], mu_law_decode(recording)))
    press("ctrl+shift+z")
    until(qtbot, lambda: page.timeline.filled == (GAP,) and page.timeline.length >= 4000)
    until(qtbot, lambda: same(shown(page)[:4000], found))


def test_there_are_as_many_takes_to_choose_from_as_are_wanted(
    qtbot: QtBot, window: MainWindow, page: SoundPage, recording: np.ndarray
) -> None:
    window.session.change(count=3)
    until(qtbot, lambda: page.timeline.sound.takes == 3 and page.timeline.length >= 4000)
    fill(qtbot, page)
    page.playback.stop()
    takes = [shown(page, take)[:4000] for take in range(3)]
    assert all(same(outside(take), outside(mu_law_decode(recording))) for take in takes)
    assert not same(takes[0], takes[1])
    assert not same(takes[1], takes[2])
    assert "the 3 best of 64" in window.messages.label.text()


def test_without_a_selection_it_says_what_to_do(page: SoundPage, recording: np.ndarray) -> None:
    assert not page.tools.fill.isEnabled()
    assert page.tools.fill.toolTip() == "Select the gap first: drag over it"
    page.timeline.select(GAP.begin, GAP.end)
    assert page.tools.fill.isEnabled()


def test_a_gap_at_the_end_is_said_to_be_a_plain_continuation(
    qtbot: QtBot, window: MainWindow, page: SoundPage, recording: np.ndarray
) -> None:
    page.timeline.select(3900, 4000)
    page.tools.fill.trigger()
    until(qtbot, lambda: page.timeline.filled == (Gap(3900, 4000),))
    assert "has simply gone on" in window.messages.label.text()


def test_a_gap_that_is_too_long_is_one_sentence_and_the_recording_stays(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    page.set_beginning(np.full(12_000, 128, np.uint8))
    until(qtbot, lambda: page.timeline.length >= 12_000)
    page.timeline.select(1000, 11_000)
    page.tools.fill.trigger()
    until(qtbot, lambda: "at most 1 s can be filled" in window.messages.label.text())
    assert page.tools.fill.text() == "Fill this gap"
    assert page.timeline.filled == ()


def test_it_can_be_stopped_and_another_model_stops_it(
    qtbot: QtBot, window: MainWindow, page: SoundPage, recording: np.ndarray, tmp_path: Path
) -> None:
    button = page.tools.widgetForAction(page.tools.fill)
    assert button is not None
    width = button.width()
    for end in (page.tools.fill.trigger, lambda: window.load(tiny_voice(another(tmp_path)))):
        page.timeline.select(GAP.begin, 3000)
        page.tools.fill.trigger()
        assert page.tools.fill.text() == "Stop filling the gap"
        qtbot.wait(1)
        assert button.width() == width, "nothing moves"
        end()
        until(qtbot, lambda: page.tools.fill.text() == "Fill this gap")
        until(qtbot, lambda: not window.session.polling)
        assert page.timeline.filled == ()


def test_what_is_saved_says_where_it_was_filled(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    recording: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import soundfile

    fill(qtbot, page)
    page.playback.stop()
    path = tmp_path / "mended.wav"
    monkeypatch.setattr(file_dialogs, "ask_save_sound", lambda parent, name: path)
    page.tools.save.trigger()
    until(qtbot, lambda: "Saved" in window.messages.label.text())
    with soundfile.SoundFile(path) as file:
        assert "Filled: 0.2500 to 0.2700 s" in file.comment
    assert len(read_recording(path).samples) >= 4000
