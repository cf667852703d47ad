"""The sound player, when something is changed: what was heard stays, and the rest is made anew."""

from __future__ import annotations

import time

import numpy as np

from models.companding import mu_law_decode
from models.wavenet_audio import WaveNet
from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.playing import rested, watched
from tests.engine.voices import LENGTH, RATE, heard, made


def test_another_temperature_is_heard_without_a_break_and_what_was_heard_stays(
    start, model: WaveNet
) -> None:
    player = start(model)
    listening = player.play()
    watched(player, lambda shown: shown.position == RATE)
    player.set_options(SamplingOptions(temperature=0))
    found = heard(listening.ring)
    assert len(found) == LENGTH
    assert np.array_equal(found[:RATE], mu_law_decode(made(model)[0, :RATE]))
    assert not np.array_equal(found, mu_law_decode(made(model)[0]))
    assert np.array_equal(player.samples()[0], found)


def test_another_temperature_at_rest_makes_all_of_it_anew(player: SoundPlayer) -> None:
    player.make()
    before = rested(player)
    player.set_options(SamplingOptions(temperature=0.5))
    shown = rested(player)
    assert shown.position == 0
    assert shown.version > before.version


def test_another_seed_begins_anew_and_ends_what_is_heard(
    player: SoundPlayer, model: WaveNet
) -> None:
    listening = player.play()
    before = watched(player, lambda shown: shown.position > 100)
    player.set_options(SamplingOptions(seed=5))
    shown = rested(player)
    assert (shown.position, shown.playing) == (0, False)
    assert shown.version > before.version
    assert not listening.ring.write(np.zeros(10, np.float32))
    assert np.array_equal(
        heard(player.play().ring), mu_law_decode(made(model, SamplingOptions(seed=5))[0])
    )


def test_a_longer_sound_goes_on_where_it_ended(player: SoundPlayer) -> None:
    player.make()
    rested(player)
    before = player.codes()
    player.set_length(LENGTH + 200)
    player.make()
    assert rested(player).position == LENGTH + 200
    assert np.array_equal(player.codes(0, LENGTH), before)


def test_what_is_rewound_comes_out_the_same(player: SoundPlayer) -> None:
    player.make()
    rested(player)
    before = player.codes()
    player.rewind(700)
    assert rested(player).position == 700
    player.make()
    rested(player)
    assert np.array_equal(player.codes(), before)


def test_what_is_being_made_still_is_at_another_temperature(start, model: WaveNet) -> None:
    player = start(model)
    player.make()
    while player.codes().shape[1] == 0:
        time.sleep(0.001)
    player.set_options(SamplingOptions(temperature=0.5))
    assert rested(player).position == LENGTH
    np.testing.assert_array_equal(player.codes(), made(model, SamplingOptions(temperature=0.5)))
