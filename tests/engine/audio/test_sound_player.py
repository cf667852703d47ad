"""The sound player: what is made, what of it is heard, and what becomes of it in the end."""

from __future__ import annotations

import time

import numpy as np
import pytest

from models.companding import mu_law_decode
from models.wavenet_audio import WaveNet
from studio.engine.audio import sound_player
from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.audio.listening import Listening, SoundSnapshot
from studio.engine.audio.rendering import Rendering
from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.playing import PATIENCE, rested, slowed, watched
from tests.engine.voices import LENGTH, RATE, heard, made, voice
from tests.models.test_wavenet_audio import KINDS


def test_it_shows_at_once_that_there_is_nothing_yet(player: SoundPlayer) -> None:
    shown = rested(player)
    assert (shown.position, shown.length, shown.start, shown.rate) == (0, LENGTH, 0, RATE)
    assert (shown.playing, shown.making, shown.samples_per_second) == (False, False, 0)
    assert shown.next_levels is not None
    assert shown.next_levels.sum() == pytest.approx(1, abs=1e-4)
    assert player.samples().shape == (1, 0)


def test_what_is_heard_is_what_the_model_makes(player: SoundPlayer, model: WaveNet) -> None:
    listening = player.play()
    assert np.array_equal(heard(listening.ring), mu_law_decode(made(model)[0]))
    shown = rested(player)
    assert (shown.position, shown.playing, shown.making, shown.next_levels) == (
        LENGTH,
        False,
        False,
        None,
    )
    assert np.array_equal(player.codes(), made(model))
    assert shown.samples_per_second > 0
    assert listening.place(700) == 700


def test_no_more_is_made_than_is_soon_heard(start, model: WaveNet) -> None:
    player = start(model)
    player.set_length(60 * RATE)
    listening = player.play()
    watched(player, lambda shown: shown.position >= RATE)
    time.sleep(0.1)
    assert player.codes().shape[1] <= RATE + 64
    heard(listening.ring, 500)
    watched(player, lambda shown: shown.position >= 1.5 * RATE)


def listened_to(player: SoundPlayer) -> tuple[Listening, float, list[SoundSnapshot]]:
    """What is heard as a device does, so much in a second; when that began, and what was shown."""
    listening, began, shown = player.play(), time.monotonic(), []
    ring, first, taken = listening.ring, None, 0
    while not ring.exhausted:
        if (snapshot := player.mailbox.take()) is not None:
            shown.append(snapshot)
        first = time.monotonic() if first is None and ring.ready else first
        if first is not None:
            due = round((time.monotonic() - first) * RATE) - taken
            ring.read(due)
            taken += due
        time.sleep(0.01)
        assert time.monotonic() < began + PATIENCE
    assert first is not None
    return listening, first - began, shown


def test_a_slow_voice_is_waited_for_until_it_is_heard_without_a_break(start) -> None:
    player = start(slowed(voice(), seconds=1.6 / RATE))
    listening, waited, shown = listened_to(player)
    assert listening.ring.underruns == 0
    assert 0.3 < waited < 5
    waits = [each.starts_in for each in shown if each.waiting and each.starts_in is not None]
    assert waits
    assert waits[-1] < waits[0], "the time left goes down"
    assert not any(each.pauses for each in shown)


def test_a_voice_that_is_far_too_slow_is_heard_in_stretches(start, monkeypatch) -> None:
    monkeypatch.setattr(sound_player, "LONGEST_WAIT", 0.2)
    listening, waited, shown = listened_to(start(slowed(voice(), seconds=2 / RATE)))
    assert listening.ring.underruns > 0
    assert waited < 1.2
    assert any(each.pauses for each in shown)


def test_what_is_far_too_slow_waits_for_the_compiled_engine_that_comes(
    start, monkeypatch, model: WaveNet
) -> None:
    monkeypatch.setattr(sound_player, "LONGEST_WAIT", 0.1)
    player = start(slowed(model, seconds=4 / RATE))
    player.expect_engine(True)
    listening = player.play()
    shown = watched(player, lambda each: each.position > 150)
    assert shown.waiting
    assert shown.starts_in is None
    assert not listening.ring.ready
    player.use(CompiledNetwork(model))
    heard(listening.ring)
    assert listening.ring.underruns == 0


def test_what_is_made_already_is_heard_from_any_place_without_making_it_again(
    player: SoundPlayer, model: WaveNet
) -> None:
    player.make()
    before = rested(player)
    assert before.position == LENGTH
    listening = player.play(begin=600)
    assert np.array_equal(heard(listening.ring), mu_law_decode(made(model)[0, 600:]))
    assert listening.place(100) == 700
    assert rested(player).version == before.version


def test_playing_on_from_there_takes_the_place_of_what_was_played(player: SoundPlayer) -> None:
    first, second = player.play(), player.play(begin=200)
    heard(second.ring)
    assert not first.ring.write(np.zeros(10, np.float32)), "its ring is finished"


def test_a_stretch_is_heard_in_a_loop_until_it_is_stopped(
    player: SoundPlayer, model: WaveNet
) -> None:
    listening = player.play(begin=350, loop=(300, 400))
    stretch = mu_law_decode(made(model)[0, 300:400])
    found = heard(listening.ring, 400)
    assert np.array_equal(
        found, np.concatenate([stretch[50:], stretch, stretch, stretch, stretch[:50]])
    )
    assert [listening.place(count) for count in (0, 49, 50, 149, 150)] == [350, 399, 300, 399, 300]
    player.stop()
    assert not rested(player).playing


def test_stopping_keeps_what_is_made(player: SoundPlayer) -> None:
    player.play()
    watched(player, lambda shown: shown.position > 100)
    player.stop()
    shown = rested(player)
    assert not shown.playing
    assert 100 < shown.position < LENGTH


def test_several_takes_are_made_and_one_is_heard(start, model: WaveNet) -> None:
    player = start(model, SamplingOptions(count=3, seed=2))
    player.choose_take(1)
    found = heard(player.play().ring)
    shown = rested(player)
    assert (shown.takes, shown.take) == (3, 1)
    assert np.array_equal(player.codes(), made(model, SamplingOptions(count=3, seed=2)))
    assert np.array_equal(found, player.samples()[1])
    player.set_options(SamplingOptions(count=1))
    assert rested(player).take == 0


def test_a_beginning_is_kept_and_gone_on_from(player: SoundPlayer, model: WaveNet) -> None:
    player.make()
    rested(player)
    beginning = player.codes(100, 400)[0]
    player.set_beginning(beginning)
    shown = rested(player)
    assert (shown.start, shown.position, shown.length) == (300, 300, 300 + LENGTH)
    player.make()
    rested(player)
    assert np.array_equal(player.codes(0, LENGTH), made(model, beginning=beginning))
    player.set_beginning(None)
    assert rested(player).position == 0


def test_a_loop_ends_where_the_spectrogram_becomes_too_short_for_it(start) -> None:
    player = start(voice(**KINDS["a spectrogram"]))
    player.set_spectrogram(np.zeros((100, 5), np.float32))
    listening = player.play(500, loop=(500, 800))
    heard(listening.ring, 700)
    player.set_spectrogram(np.zeros((70, 5), np.float32), kept=60)
    while not listening.ring.exhausted:
        listening.ring.read(50)
    assert not rested(player).playing
    assert player.play(0, loop=(500, 800)).ring is not listening.ring
    assert not rested(player).playing


def test_whoever_listens_is_let_go_when_the_player_is_cancelled_or_closed(
    start, model: WaveNet
) -> None:
    player = start(model)
    rings = [player.play().ring]
    player.cancel()
    rings.append(player.play().ring)
    player.close()
    rings.append(player.play().ring)
    assert player.join(PATIENCE)
    for ring in rings:
        assert not ring.write(np.zeros(RATE * 10, np.float32)), "it is finished"
    assert player.codes().shape[1] == 0


def test_a_vocoder_makes_what_it_is_given(start) -> None:
    model = voice(mels=4, hop=10, upsampling=(5, 2))
    player = start(model)
    spectrogram = np.random.default_rng(0).random((90, 4)).astype(np.float32)
    player.set_spectrogram(spectrogram)
    assert rested(player).length == 900
    assert len(heard(player.play().ring)) == 900
    before = player.codes()
    spectrogram[60:] = 0
    player.set_spectrogram(spectrogram, kept=60)
    assert 0 < rested(player).position < 600
    player.make()
    rested(player)
    anew = Rendering(model, spectrogram=spectrogram)
    anew.run(900)
    assert np.array_equal(player.codes(), anew.codes)
    assert not np.array_equal(player.codes(), before)


def test_the_compiled_engine_takes_over_between_two_samples(
    player: SoundPlayer, model: WaveNet
) -> None:
    player.play()
    assert not watched(player, lambda shown: shown.position > 100).compiled
    player.use(CompiledNetwork(model))
    player.make()
    assert watched(player, lambda shown: shown.position == LENGTH).compiled
    assert np.array_equal(player.codes(), made(model))


def test_what_does_not_fit_is_reported_and_changes_nothing(player: SoundPlayer) -> None:
    player.make()
    rested(player)
    player.set_options(SamplingOptions(condition=3))
    player.join(PATIENCE)
    assert player.failures.take() == ("wavenet takes no class as condition.", "")
    player.set_spectrogram(np.zeros((3, 3), np.float32))
    player.join(PATIENCE)
    message, details = player.failures.take() or ("", "")
    assert message.endswith("takes no spectrogram.")
    assert details == ""
    assert player.codes().shape[1] == LENGTH


def test_a_failure_ends_the_sound_and_not_the_player(start) -> None:
    model = voice()
    original = model.stepper
    model.stepper = lambda *arguments: None  # type: ignore[assignment, method-assign]
    player = start(model)
    player.join(PATIENCE)
    message, details = player.failures.take() or ("", "")
    assert message
    assert "Traceback" in details
    model.stepper = original  # type: ignore[method-assign]
    assert len(heard(player.play().ring)) == LENGTH
