"""The stepper and the compiled engine make the same of the same noise, and expect the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.audio.sample_sources import Source, Stepping, Streaming
from tests.engine.speaking import lively

NOISE = torch.rand(2, 60, generator=torch.Generator().manual_seed(0)).numpy()
SAMPLING = (0.9, 0, 1.0)
BEGINNING = np.random.default_rng(0).integers(0, 21, (2, 30), dtype=np.uint8)


@pytest.fixture
def sources() -> list[Source]:
    """Two takes of different classes, each gone on with from a beginning."""
    model = lively(levels=21, width=6, skip=9, dilations=(1, 2, 4), classes=3)
    condition = torch.tensor([0, 2])
    engine = CompiledNetwork(model)
    return [Stepping(model, condition, BEGINNING), Streaming(engine, condition, BEGINNING)]


def test_both_make_the_same_takes(sources):
    stepped, streamed = (source.run(NOISE, SAMPLING) for source in sources)
    assert stepped.shape == (2, 60)
    assert stepped.dtype == streamed.dtype == np.uint8
    np.testing.assert_array_equal(streamed, stepped)
    assert not np.array_equal(stepped[0], stepped[1])


@pytest.mark.parametrize("take", [0, 1])
def test_both_expect_the_same_of_the_next_sample(sources, take):
    for source in sources:
        source.run(NOISE, SAMPLING)
    stepped, streamed = (source.expected(take).softmax(-1) for source in sources)
    torch.testing.assert_close(streamed, stepped, rtol=0, atol=1e-5)


def test_looking_at_the_next_sample_changes_nothing(sources):
    found = []
    for source in sources:
        parts = []
        for noise in np.split(NOISE, 3, axis=1):
            parts.append(source.run(noise, SAMPLING))
            source.expected(0)
        found.append(np.concatenate(parts, 1))
    np.testing.assert_array_equal(found[0], found[1])
    lone = Stepping(sources[0].model, torch.tensor([0, 2]), BEGINNING)
    np.testing.assert_array_equal(found[0], lone.run(NOISE, SAMPLING))


def test_both_tell_what_the_model_says_of_what_they_make(sources):
    stepped, streamed = (np.empty(NOISE.shape, np.float32) for _ in sources)
    for source, nats in zip(sources, (stepped, streamed), strict=True):
        source.run(NOISE, SAMPLING, nats)
    np.testing.assert_allclose(streamed, stepped, atol=1e-4)
    assert stepped.min() > 0
