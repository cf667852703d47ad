"""What drawn codes stand for: decoded where somebody looks, and no more often than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.decoding import Decoding, code_nearest, pictures_of
from studio.engine.generation.generation import Generation
from studio.engine.generation.player import Player
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from tests.coded_models import LEVELS, PIXELS, SIDE, Shades, shades
from tests.models.zoo import small


@pytest.fixture
def model() -> Shades:
    return shades()


def moment(model: Shades, position: int, count: int = 1, **changed: Any) -> Snapshot:
    generation = Generation(model, SamplingOptions(count=count, seed=1))
    generation.step(position)
    return replace(generation.snapshot(None, False, 0.0), **changed)


def test_a_moment_shows_the_picture_that_its_codes_stand_for(model):
    seen = Decoding(model).beside(moment(model, 6, count=2))
    known = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) < 6
    expected = np.where(known, LEVELS - 1 - seen.values, 0).repeat(2, 2).repeat(2, 3)
    np.testing.assert_array_equal(seen.pictures, expected)
    assert seen.decoded is not None
    np.testing.assert_array_equal(seen.decoded.there, np.stack([known, known]))
    assert seen.patch == (2, 2)
    assert not seen.waiting


def test_values_that_are_pixels_are_left_alone():
    model = small("pixelcnn")
    generation = Generation(model)
    snapshot = generation.snapshot(None, False, 0.0)
    assert Decoding(model).beside(snapshot) is snapshot
    assert snapshot.pictures is snapshot.values


def test_what_has_not_changed_is_not_decoded_again(model):
    decoding, before = Decoding(model), moment(model, 6, count=3)
    decoding.beside(before)
    codes = before.values.copy()
    codes[1, 0, 0, 0] = (codes[1, 0, 0, 0] + 1) % LEVELS
    model.decoded = 0
    after = decoding.beside(replace(before, values=codes))
    assert model.decoded == 1
    np.testing.assert_array_equal(after.pictures, pictures_of(model, codes, before.there))


def test_only_the_picture_that_is_looked_at_is_decoded(model):
    seen = Decoding(model).beside(moment(model, 6, count=4), only=2)
    assert model.decoded == 1
    assert seen.pictures[2].any()
    assert not seen.pictures[[0, 1, 3]].any()
    assert not seen.waiting


def test_in_a_hurry_the_next_moment_is_decoded_when_it_is_time(model, monkeypatch):
    monkeypatch.setattr("studio.engine.generation.decoding._RATE", 0.01)  # in a hundred seconds
    decoding = Decoding(model)
    first = decoding.beside(moment(model, 3, hurried=True), at_once=False)
    assert not first.waiting
    second = decoding.beside(moment(model, 9, hurried=True), at_once=False)
    assert second.waiting, "what it shows is a moment old, and it says so"
    assert second.decoded is not None
    assert second.decoded.there.sum() == 3
    last = decoding.beside(moment(model, 9), at_once=False)
    assert not last.waiting
    assert last.decoded is not None
    assert last.decoded.there.sum() == 9


def test_the_first_picture_of_many_is_there_at_once_and_the_others_follow(model, monkeypatch):
    monkeypatch.setattr("studio.engine.generation.decoding._PIECE", 0.0)
    decoding, snapshot = Decoding(model), moment(model, 6, count=4)
    seen = [decoding.beside(snapshot, at_once=False).decoded for _ in range(4)]
    assert [each and each.waiting for each in seen] == [3, 2, 1, 0]


def test_the_code_nearest_to_a_colour_is_that_of_its_patch(model):
    codes, known = np.zeros((1, SIDE, SIDE), np.uint8), np.ones((SIDE, SIDE), bool)
    assert code_nearest(model, codes, known, (1, 2), (1,)) == LEVELS - 1 - 1


def test_a_player_is_given_pixels_and_shows_pictures(model):
    values = np.full((1, PIXELS, PIXELS), 3, np.uint8)
    known = np.zeros((PIXELS, PIXELS), bool)
    known[2:4] = True
    player = Player(model, SamplingOptions(seed=1), Evidence(values, known))
    player.finish()
    assert player.join(20)
    snapshot = player.mailbox.take()
    player.close()
    assert player.join(20)
    assert snapshot is not None
    assert snapshot.position == SIDE * SIDE
    assert snapshot.known is not None
    assert np.flatnonzero(snapshot.known.ravel()).tolist() == [4, 5, 6, 7]
    assert (snapshot.pictures[0, 0, 2:4] == 3).all()
    assert snapshot.pictures.shape == (1, 1, PIXELS, PIXELS)
