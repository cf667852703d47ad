"""What plays a model can be asked the same of every kind."""

from __future__ import annotations

import pytest

import models
from studio.engine import kinds
from studio.engine.generation.live import TakesChanges, TakesEvidence
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import small_of_any_kind


@pytest.mark.parametrize(
    ("name", "takes"), [("pixelcnn", True), ("autoencoder", True), ("wavenet", False)]
)
def test_pictures_go_on_from_evidence_and_changes_and_sound_does_not(
    name: str, takes: bool
) -> None:
    model = models.build(name) if name == "wavenet" else small_of_any_kind(name)
    player = kinds.of(model).part("player")(model, SamplingOptions(), None)
    try:
        assert isinstance(player, TakesEvidence) == takes
        assert isinstance(player, TakesChanges) == takes
        player.set_options(SamplingOptions(seed=3))
        player.cancel()
    finally:
        player.close()
        assert player.join(10)
