"""The noise of pictures comes from their seed alone."""

from __future__ import annotations

import torch

from studio.engine.generation.noise import noise_for


def test_noise_depends_on_the_seed_and_not_on_the_count(model):
    noise = noise_for(model, 5, seed=3)
    assert noise.shape == (5, 42, 1)
    assert noise.dtype == torch.float32
    assert 0 <= noise.min() <= noise.max() < 1
    assert torch.equal(noise[:2], noise_for(model, 2, seed=3))
    assert not torch.equal(noise, noise_for(model, 5, seed=4))
    assert noise.unique().numel() > 200
