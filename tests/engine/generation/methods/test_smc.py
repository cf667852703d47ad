"""Particles come to the true posterior, with honest figures, whatever way is taken."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation import population
from studio.engine.generation.completion import complete
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import half, picture
from tests.engine.shallow import shallow


@pytest.fixture
def model() -> AutoregressiveModel:
    return shallow("gated-pixelcnn", levels=4)


def test_without_later_evidence_particles_are_not_needed(model):
    arguments = model, picture(model), half(model, "top")
    np.testing.assert_array_equal(complete(*arguments, "smc", 3), complete(*arguments, "clamp", 3))


def posterior(
    model: AutoregressiveModel, image: np.ndarray, known: np.ndarray
) -> dict[bytes, float]:
    """Of every way to fill in the unknown sites, its probability given the evidence:
    all are listed and scored."""
    ways = []
    for fill in itertools.product(range(model.spec.levels), repeat=int((~known).sum())):
        way = image.copy()
        way[0, ~known] = fill
        ways.append(way)
    log_p = model.log_prob(torch.from_numpy(np.stack(ways)))
    return {way.tobytes(): p for way, p in zip(ways, log_p.softmax(0).tolist(), strict=True)}


def distance(pictures: np.ndarray, exact: dict[bytes, float]) -> float:
    """Total variation between how often the pictures occur and how often they should."""
    found = dict.fromkeys(exact, 0.0)
    for each in pictures:
        found[each.tobytes()] += 1 / len(pictures)
    return sum(abs(found[way] - exact[way]) for way in exact) / 2


@pytest.mark.parametrize("unknown", [(0, 1, 2), (0, 2, 4), (0, 3)])
def test_particles_come_to_the_true_posterior_and_clamping_does_not(
    opinionated, monkeypatch, unknown
):
    monkeypatch.setattr(population, "FEWEST", 32)
    known = np.ones((2, 3), bool)
    known.ravel()[list(unknown)] = False
    image = picture(opinionated, seed=1)
    exact = posterior(opinionated, image, known)
    assert 0.1 < max(exact.values()) < 0.9
    assert distance(complete(opinionated, image, known, "smc", 2000), exact) < 0.05
    assert distance(complete(opinionated, image, known, "clamp", 2000), exact) > 0.3


@pytest.fixture
def populated(model) -> Generation:
    """A generation that drew particles anew several times."""
    evidence = Evidence(picture(model), half(model, "left"))
    generation = Generation(model, SamplingOptions(count=2, method="smc"), evidence)
    generation.step(generation.length)
    return generation


def test_the_figures_of_particles_are_those_of_the_pictures_shown(model, populated):
    x = torch.from_numpy(populated.values)
    params = model.conditionals(x)
    free = ~half(model, "left").ravel()
    exact = -model.likelihood.log_prob(params, model.sites(x)).numpy()
    np.testing.assert_allclose(populated.nats, np.where(free, exact, 0), atol=1e-4)
    np.testing.assert_allclose(
        populated.entropies[:, free], model.likelihood.entropy(params)[:, free].numpy(), atol=1e-4
    )


@pytest.mark.parametrize("position", [4, 9, 12, 20, 33])
def test_particles_have_the_same_noise_after_going_back(populated, position):
    whole = populated.values
    populated.rewind(position)
    shown = populated.next_probabilities()
    populated.set_options(SamplingOptions(count=2, method="smc", temperature=0.5))
    assert populated.recorded == max(3, position)
    populated.step(9)
    populated.rewind(position)
    populated.set_options(SamplingOptions(count=2, method="smc"))
    np.testing.assert_allclose(populated.next_probabilities(), shown, atol=1e-4)
    populated.step(populated.length)
    np.testing.assert_array_equal(populated.values, whole)


def test_particles_start_again_as_they_began(populated):
    whole = populated.values
    populated.restart()
    populated.step(populated.length)
    np.testing.assert_array_equal(populated.values, whole)


def test_an_edit_among_particles_ends_where_a_fresh_start_would(model, populated):
    for rows in ([3], [3, 6], [0, 3, 6], [0, 1, 3, 6], [6], []):
        known = half(model, "left")
        known[rows] = True
        evidence = Evidence(picture(model, seed=8), known)
        populated.edit(evidence)
        populated.step(populated.length)
        fresh = Generation(model, SamplingOptions(count=2, method="smc"), evidence)
        fresh.step(fresh.length)
        np.testing.assert_array_equal(populated.values, fresh.values)
