"""The noise of a picture depends on the seed and its number, and on nothing else."""

from __future__ import annotations

import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation import noise
from studio.engine.generation.noise import Noise, noise_for
from tests.models.zoo import small


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4)


def test_noise_depends_on_the_seed_and_not_on_the_count(model: AutoregressiveModel) -> None:
    found = noise_for(model, 5, seed=3)
    assert found.shape == (5, 42, 1)
    assert found.dtype == torch.float32
    assert 0 <= found.min() <= found.max() < 1
    assert torch.equal(found[:2], noise_for(model, 2, seed=3))
    assert not torch.equal(found, noise_for(model, 5, seed=4))
    assert found.unique().numel() > 200


@pytest.mark.parametrize("at_once", [1 << 20, 50])
def test_it_is_the_same_from_any_picture_on(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(noise, "_AT_ONCE", at_once)
    found = noise_for(model, 9, seed=3)
    assert torch.equal(found[5:7], noise_for(model, 2, seed=3, first=5))
    source = Noise(model, 3)
    for first, count in ((1, 2), (3, 1), (6, 3), (0, 2)):  # on, at once, on, and back
        assert torch.equal(source.rows(first, count), found[first : first + count])
