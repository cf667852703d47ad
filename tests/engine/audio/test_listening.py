"""What a player of sound tells: where the playhead is, and whether sound is made fast enough."""

from __future__ import annotations

import pytest

from studio.engine.audio.listening import Listening, SoundSnapshot
from studio.engine.audio.sound_ring import SoundRing
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.voices import LENGTH, RATE


def test_it_says_how_much_faster_sound_is_made_than_it_is_heard() -> None:
    assert Listening(SoundRing(RATE), 0).place(5) == 5
    numbers = (0, LENGTH, 0, RATE, 1, 0, False, 0, True, True, 0.5 * RATE)
    snapshot = SoundSnapshot(*numbers, compiled=False, upcoming=None, options=SamplingOptions())
    assert snapshot.speed == 0.5


@pytest.mark.parametrize(
    ("heard", "place"), [(0, 350), (49, 399), (50, 300), (149, 399), (150, 300)]
)
def test_in_a_loop_the_playhead_comes_back_to_its_beginning(heard, place):
    assert Listening(SoundRing(RATE), 350, loop=(300, 400)).place(heard) == place
