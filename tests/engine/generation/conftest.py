"""Players, which end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from models.interface import AutoregressiveModel
from studio.engine.generation.player import Player
from tests.engine.playing import PATIENCE
from tests.models.zoo import small


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4, width=8, hidden=4, blocks=1, head=8)


@pytest.fixture
def play() -> Iterator[Callable[..., Player]]:
    """Makes players, and ends them."""
    players: list[Player] = []

    def start(model: AutoregressiveModel, *arguments) -> Player:
        players.append(Player(model, *arguments))
        return players[-1]

    yield start
    for player in players:
        player.close()
        assert player.join(PATIENCE)


@pytest.fixture
def player(model, play) -> Player:
    return play(model)
