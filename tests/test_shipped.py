"""What is shipped: a trained checkpoint of every model for pictures, each with its figures on the board."""

from __future__ import annotations

import pytest

import models
from models.interface import AutoregressiveModel, Classes
from models.registry import entry
from studio.engine import checkpoints
from studio.engine.cards import read_card, shipped
from studio.engine.scoreboard import rows

PICTURES = [name for name in models.available() if not entry(name).sound]


@pytest.mark.parametrize("name", PICTURES)
def test_every_model_for_pictures_comes_trained(name):
    assert name in shipped(), f"no checkpoint of {name} is shipped"
    card = read_card(shipped()[name])
    assert card["model"] == name
    assert card["metrics"]["split"] == "test"
    assert card["epochs"] > 0
    assert card["thumbnail"]


def test_every_shipped_checkpoint_that_generates_is_on_the_board_with_its_cost():
    board = {row.name: row for row in rows()}
    assert set(board) == set(shipped())
    for row in board.values():
        assert not row.autoregressive or row.bits is not None, row.name
        assert row.recipe
        assert row.epochs
        assert row.seconds
        assert row.machine


def test_the_emoji_come_in_colour_and_by_category():
    model = checkpoints.load("pixelcnn-plus-plus-emoji")
    assert isinstance(model, AutoregressiveModel)
    assert model.spec.shape == (3, 32, 32)
    assert model.spec.levels == 256
    assert isinstance(model.conditioning, Classes)
    assert model.conditioning.count == 10
