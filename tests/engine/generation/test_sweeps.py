"""Sweeps over pictures that were drawn: gone on with where they were left, and with figures of what
came out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation import sweeps as module
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.sweeps import Sweeps
from tests.engine.enumeration import SITES, SPACE, nine_pixels

KNOWN = torch.isin(torch.arange(SITES), torch.tensor([0, 4, 7]))


@pytest.fixture(scope="module")
def model() -> AutoregressiveModel:
    return nine_pixels()


def sweeps(model: AutoregressiveModel, **options: int) -> Sweeps:
    drawn = torch.ones(3, 1, SITES, dtype=torch.long)
    asked = SamplingOptions(**{"count": 3, **options})  # type: ignore[arg-type]
    return Sweeps(model, asked, drawn, KNOWN, 4, None, model.order)


def never() -> bool:
    return False


def after(sites: int) -> Callable[[], bool]:
    asked = iter([False] * sites)
    return lambda: next(asked, True)


def test_left_after_every_few_sites_they_come_out_the_same(model: AutoregressiveModel) -> None:
    whole, parts = sweeps(model), sweeps(model)
    whole.advance(never)
    looks = 0
    while not parts.finished:
        parts.advance(after(4))
        looks += 1
    assert looks > 8
    assert (whole.done, parts.done) == (4, 4)
    assert torch.equal(whole.pictures, parts.pictures)


def test_each_sweep_has_noise_of_its_own_and_the_seed_decides(model: AutoregressiveModel) -> None:
    def pictures(**options: int) -> torch.Tensor:
        found = sweeps(model, **options)
        found.advance(never)
        return found.pictures

    assert torch.equal(pictures(sweeps=3), pictures(sweeps=3))
    drawn = [pictures(sweeps=number, count=3, seed=seed) for number in (1, 2) for seed in (0, 1)]
    assert len({each.numpy().tobytes() for each in drawn}) == 4


@pytest.mark.parametrize("sites", [4096, 20])
def test_there_are_figures_after_the_first_one(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch, sites: int
) -> None:
    monkeypatch.setattr(module, "_SITES", sites)  # of the pictures in a pass
    found = sweeps(model)
    assert found.parts is None
    found.advance(after(6))
    assert (found.done, found.parts) == (0, None)
    found.advance(never)
    assert found.parts is not None
    values, nats, entropies = (part.numpy() for part in found.parts)
    np.testing.assert_array_equal(values[:, :, 0].T, found.pictures[:, 0])
    params = model.conditionals(found.pictures.unflatten(2, SPACE))
    exact = -model.likelihood.log_prob(params, found.pictures.transpose(1, 2))
    given = KNOWN.numpy()
    np.testing.assert_allclose(nats.T, np.where(given, 0, exact), atol=1e-5)
    assert np.isnan(entropies[given]).all()
    free = model.likelihood.entropy(params).numpy().T[~given]
    np.testing.assert_allclose(entropies[~given], free, atol=1e-5)
