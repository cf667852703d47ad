"""A model by which methods can be told apart."""

from __future__ import annotations

import pytest

from models.interface import AutoregressiveModel
from tests.models.zoo import small


@pytest.fixture
def opinionated() -> AutoregressiveModel:
    """Six pixels that depend on one another so much that what
    comes later tells a lot of what came before."""
    model = small("made", (1, 2, 3), hidden=16, dropout=0.0)
    for p in model.parameters():
        p.data *= 5
    return model
