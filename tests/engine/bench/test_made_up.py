"""Data are made up as a model wants them."""

from __future__ import annotations

import torch

from studio.engine.bench.made_up import learner_for
from tests.small_configs import SMALL

ROWS = torch.arange(3)


def test_pictures_have_the_colours_levels_and_classes_of_the_model() -> None:
    config = {**SMALL["gated-pixelcnn-class"], "shape": (3, 5, 4), "levels": 8}
    learning = learner_for("gated-pixelcnn-class", torch.device("cpu"), 3, config)
    given = learning.given(ROWS)
    assert given.x.shape == (3, 3, 5, 4)
    assert given.x.max() == 7
    assert given.condition is not None
    assert learning.recipe.batch == 3


def test_windows_of_sound_are_whole_and_have_what_is_to_be_said() -> None:
    config = {**SMALL["wavenet-mel"], "sample_rate": 1000}
    learning = learner_for("wavenet-mel", torch.device("cpu"), 3, config, window=0.4)
    given = learning.given(ROWS)
    assert given.x.shape[:2] == (3, 1)
    assert given.known is not None
    assert given.condition is not None
    assert given.condition.shape[0] == 3
