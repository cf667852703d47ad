"""Play, pause, seek, loop, follow: what is heard, on a real sound server, is what is seen."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from studio.engine.audio.sound_ring import SoundRing
from studio.engine.checkpoints.cards import shipped
from studio.engine.generation.sampling_options import SamplingOptions
from studio.gui.audio import sound_devices
from studio.gui.shell.main_window import MainWindow
from studio.gui.sound.sound_page import SoundPage
from tests.gui.sound.voices import as_heard, made, make_all, same, shown
from tests.gui.sound_server import SoundServer, choose, gaps, unlike
from tests.gui.windows import click, press, until
from tests.tries import Tries


def test_play_is_heard_and_seen(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    sound: SoundServer,
    speaker: str,
    voice: Path,
    tries: Tries,
) -> None:
    assert window.pages.currentWidget() is page
    for attempt in tries(3):
        with attempt:
            places = []
            with sound.heard(speaker) as ear:
                click(page.transport.play)
                until(qtbot, lambda: page.playback.playing)
                while page.output.playing:
                    places.append(page.timeline.playhead)
                    qtbot.wait(20)
            assert same(shown(page), made(voice)[0])
            assert places == sorted(places)
            assert len(set(places)) > 20
            assert page.timeline.playhead == 16_000
            assert not page.playback.playing
            silent = max(map(abs, gaps(ear.samples, as_heard(shown(page)))), default=0.0)
            assert silent < 0.02, "seconds without sound"


def test_the_button_says_what_it_does(qtbot: QtBot, page: SoundPage) -> None:
    play = page.transport.play
    assert play.text() == "Play"
    width = play.width()
    page.toggle()
    until(qtbot, lambda: play.text() == "Pause")
    assert play.width() == width
    page.toggle()
    until(qtbot, lambda: play.text() == "Play")


def test_the_space_bar_plays_pauses_and_goes_on(qtbot: QtBot, page: SoundPage) -> None:
    page.waveform.setFocus()
    press("space")
    until(qtbot, lambda: page.timeline.playhead > 1000)
    press("space")
    until(qtbot, lambda: not page.playback.playing)
    place = page.timeline.playhead
    press("space")
    until(qtbot, lambda: page.timeline.playhead > place)
    page.output.stop()


def test_home_goes_back_to_the_beginning_and_keeps_what_is_made(
    qtbot: QtBot, window: MainWindow, page: SoundPage
) -> None:
    window.session.lock_seed(False)
    make_all(qtbot, page)
    before, seed = shown(page), window.session.options.seed
    page.waveform.setFocus()
    page.playback.play_from(8000)
    until(qtbot, lambda: page.timeline.playhead > 9000)
    press("space")
    until(qtbot, lambda: not page.playback.playing)
    press("Home")
    until(qtbot, lambda: page.timeline.playhead == 0)
    until(qtbot, lambda: not window.session.polling)
    assert same(shown(page), before)
    assert window.session.options.seed == seed
    press("space")
    until(qtbot, lambda: 0 < page.timeline.playhead < 8000)
    page.output.stop()


def test_who_presses_play_or_home_goes_along_with_the_playhead_again(
    qtbot: QtBot, page: SoundPage
) -> None:
    make_all(qtbot, page)
    follow = page.transport.follow
    for begin in (page.playback.play, page.output.pause, page.playback.play, page.restart):
        page.timeline.pan(10)
        assert not follow.isChecked()
        begin()
        assert page.timeline.following == follow.isChecked() == (begin != page.output.pause)
    page.timeline.pan(10)
    page.timeline.choose_take(0)
    page.playback.loop_again()
    assert not page.timeline.following
    page.output.stop()


def test_f_follows_the_playhead_and_ctrl_0_shows_all(qtbot: QtBot, page: SoundPage) -> None:
    follow, show_all = page.transport.follow, page.transport.show_all
    assert (show_all.isEnabled(), show_all.toolTip()) == (False, "There is no sound yet")
    make_all(qtbot, page)
    until(qtbot, show_all.isEnabled)
    page.waveform.setFocus()
    press("f")
    until(qtbot, lambda: not follow.isChecked())
    assert not page.timeline.following
    press("f")
    until(qtbot, follow.isChecked)
    assert page.timeline.following
    page.timeline.zoom(0.01, 0)
    page.timeline.pan(10**6)
    press("ctrl+0")
    until(qtbot, lambda: page.timeline.window.start == 0 and page.timeline.window.stop > 16_000)


def test_a_selected_stretch_is_looped(qtbot: QtBot, page: SoundPage) -> None:
    make_all(qtbot, page)
    page.timeline.select(4000, 5000)
    click(page.transport.loop)
    page.playback.play()
    before, wraps = 0, 0
    while wraps < 3:
        qtbot.wait(5)
        now = page.timeline.playhead
        wraps, before = wraps + (now < before), now
        assert 4000 <= now < 5000
    page.output.stop()


def test_a_stretch_that_is_selected_in_a_pause_is_looped_wherever_the_playhead_is(
    qtbot: QtBot, page: SoundPage
) -> None:
    make_all(qtbot, page)
    page.playback.play_from(8000)
    until(qtbot, lambda: page.timeline.playhead > 9000)
    page.toggle()
    page.timeline.select(2000, 3000)
    click(page.transport.loop)
    page.toggle()
    until(qtbot, lambda: 2000 <= page.timeline.playhead < 3000)
    qtbot.wait(300)
    assert 2000 <= page.timeline.playhead < 3000
    page.output.stop()


def test_a_stretch_is_selected_looped_and_kept_with_keys_alone(
    qtbot: QtBot, page: SoundPage
) -> None:
    make_all(qtbot, page)
    page.waveform.setFocus()
    press("shift+Right")
    until(qtbot, lambda: page.timeline.selection is not None)
    press("shift+Right")
    press("l")
    until(qtbot, page.transport.loop.isChecked)
    assert page.timeline.selection is not None
    length = page.timeline.selection[1]
    press("k")
    until(qtbot, lambda: page.timeline.beginning == length)


def test_another_seed_is_heard_from_its_beginning(
    qtbot: QtBot, window: MainWindow, page: SoundPage, voice
) -> None:
    page.playback.play()
    until(qtbot, lambda: page.timeline.playhead > 4000)
    window.session.change(seed=3)
    until(qtbot, lambda: 0 < page.timeline.playhead < 4000)
    assert page.playback.playing
    until(qtbot, lambda: not page.playback.playing)
    assert same(shown(page), made(voice, SamplingOptions(seed=3))[0])


@pytest.mark.timed
def test_the_first_sound_comes_within_300_ms_of_play(
    qtbot: QtBot, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    took = []
    for _ in range(4):  # the first loads what sound needs from the system
        with sound.heard(speaker) as ear:
            began = time.monotonic()
            page.playback.play_from(0)
            until(qtbot, lambda: page.output.position > 4000)
            page.output.stop()
        page.playback.tell(lambda player: player.rewind(0))
        until(qtbot, lambda: not page._session.polling)
        moment = ear.first_sound()
        assert moment is not None
        took.append(moment - began)
    print(f"first sound after {', '.join(f'{1000 * seconds:.0f} ms' for seconds in took)}")
    assert np.median(took[1:]) <= 0.3


@pytest.mark.slow
def test_ten_seconds_of_the_shipped_voice_are_heard_without_a_gap_while_the_window_shows_it(
    qtbot: QtBot,
    window: MainWindow,
    page: SoundPage,
    sound: SoundServer,
    speaker: str,
    tries: Tries,
) -> None:
    window.load("wavenet")
    until(qtbot, lambda: window.session.checkpoint == shipped()["wavenet"])
    until(
        qtbot,
        lambda: window.session.latest is not None and window.session.latest.compiled,
    )
    page.transport.seconds.setValue(10)
    for attempt in tries(2):
        with attempt:
            places = set()
            with sound.heard(speaker) as ear:
                page.playback.play_from(0)
                while page.output.playing:
                    places.add(page.timeline.playhead)
                    qtbot.wait(10)
            assert page.timeline.length == 10 * 8000
            assert page.output.underruns == 0
            assert unlike(ear.samples, as_heard(shown(page))) == []
            assert len(places) > 10 * 30, "the playhead moved that often"


def test_a_device_that_is_unplugged_is_followed_by_another_and_the_sound_goes_on(
    qtbot: QtBot, window: MainWindow, page: SoundPage, sound: SoundServer, speaker: str
) -> None:
    module = sound.add_output(f"headphones-beside-{speaker}")
    choose(qtbot, page.output, f"headphones-beside-{speaker}")
    page.playback.play_from(0)
    until(qtbot, lambda: page.timeline.playhead > 1000)
    sound.remove(module)
    until(qtbot, lambda: "was disconnected" in window.messages.label.text())
    assert page.playback.playing
    until(qtbot, lambda: page.timeline.playhead == 16_000)


def test_what_was_interrupted_is_counted(qtbot: QtBot, window: MainWindow, page: SoundPage) -> None:
    ring = SoundRing(8000, stretch=0.2)
    ring.write(np.zeros(8000, np.float32))
    make_all(qtbot, page)
    page.playback.play_from(0)
    page.output.play(ring)  # of which nobody makes any more
    until(qtbot, lambda: page.transport.dropouts.text() == "1 dropout")
    page.output.stop()


def test_without_a_device_the_sound_is_made_all_the_same(
    qtbot: QtBot, window: MainWindow, page, monkeypatch
) -> None:
    monkeypatch.setattr(sound_devices, "outputs", list)
    click(page.transport.play)
    until(qtbot, lambda: page.timeline.length == 16_000)
    assert window.messages.label.text().startswith("No sound device was found")
    assert not page.playback.playing
