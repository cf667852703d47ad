"""A race in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights.racing import RaceMoment, Racing
from tests.engine.playing import PATIENCE, rested, watched
from tests.models.zoo import small, small_of_any_kind
from tests.tiny import CONFIGS

SITES = 16


@pytest.fixture
def racing() -> Iterator[Racing]:
    racing = Racing(small("pixelcnn", (1, 4, 4), **CONFIGS["pixelcnn"]), SamplingOptions())
    yield racing
    racing.close()
    assert racing.join(PATIENCE)


def positions(moment: RaceMoment) -> list[int]:
    return [way.position for way in moment.ways]


def test_the_beginning_is_shown_before_anything_is_asked(racing: Racing):
    moment = rested(racing)
    assert not any(positions(moment))
    assert not moment.outcome


def test_played_all_come_to_their_end_and_it_is_said_who_won(racing: Racing):
    racing.play()
    moment = rested(racing)
    assert set(positions(moment)) == {SITES}
    assert not moment.playing
    assert moment.outcome


def test_paused_it_rests_and_played_again_it_goes_on(racing: Racing):
    racing.play()
    racing.pause()
    assert racing.join(PATIENCE)
    racing.play()
    assert set(positions(rested(racing))) == {SITES}


def test_played_at_its_end_it_begins_again(racing: Racing):
    racing.play()
    first = rested(racing)
    racing.play()
    again = rested(racing)
    assert set(positions(again)) == {SITES}
    assert again.ways[0].seconds != first.ways[0].seconds


def test_a_restart_goes_back(racing: Racing):
    racing.play()
    rested(racing)
    racing.restart()
    assert not any(positions(rested(racing)))


def test_what_cannot_be_raced_is_one_sentence():
    racing = Racing(small_of_any_kind("autoencoder", (1, 8, 8)), SamplingOptions())
    assert racing.join(PATIENCE)
    failure = racing.failures.take()
    racing.close()
    assert racing.join(PATIENCE)
    assert failure is not None
    assert not failure[1]


def test_closed_in_the_middle_its_thread_ends():
    racing = Racing(small("pixelcnn", (1, 28, 28)), SamplingOptions())
    racing.play()
    watched(racing, lambda moment: any(positions(moment)))
    racing.close()
    assert racing.join(PATIENCE)
