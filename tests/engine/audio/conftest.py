"""Players of sound, which end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from models.wavenet_audio import WaveNet
from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.playing import PATIENCE
from tests.engine.voices import LENGTH, voice


@pytest.fixture
def start() -> Iterator[Callable[..., SoundPlayer]]:
    """Makes players, and ends them."""
    players: list[SoundPlayer] = []

    def start(model: WaveNet, options: SamplingOptions | None = None) -> SoundPlayer:
        players.append(SoundPlayer(model, options))
        players[-1].set_length(LENGTH)
        return players[-1]

    yield start
    for player in players:
        player.close()
        assert player.join(PATIENCE)


@pytest.fixture
def model() -> WaveNet:
    return voice()


@pytest.fixture
def player(model: WaveNet, start) -> SoundPlayer:
    return start(model)
