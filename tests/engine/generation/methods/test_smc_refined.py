"""Particles that are refined: sweeps after the last site, and a record that shows what came out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import (
    drawn,
    half,
    next_levels,
    picture,
    rows_known,
    some_evidence,
)
from tests.engine.enumeration import SITES, SPACE, Enumerated, misfit, nine_pixels
from tests.models.zoo import small

OPTIONS = SamplingOptions(count=2, method="smc-refined", particles=6, sweeps=2)
PLAIN = SamplingOptions(count=2, method="smc", particles=6)


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("made", levels=2, hidden=16, dropout=0.0)


@pytest.fixture
def evidence(model: AutoregressiveModel) -> Evidence:
    return some_evidence(model, rows_known(model, 2, 5))


@pytest.fixture
def refined(model: AutoregressiveModel, evidence: Evidence) -> Generation:
    generation = Generation(model, OPTIONS, evidence)
    drawn(generation)
    return generation


def after(sites: int) -> Callable[[], bool]:
    """Interrupts after so many sites."""
    asked = iter([False] * sites)
    return lambda: next(asked, True)


def test_with_few_particles_sweeps_come_to_the_model_given_the_evidence() -> None:
    nine = nine_pixels()
    known = torch.isin(torch.arange(SITES), torch.tensor([5, 8]))
    values = torch.tensor([[0, 0, 0, 0, 0, 1, 0, 0, 1]])
    exact = Enumerated(nine).conditional(values, known)
    given = Evidence(values.view(1, *SPACE).numpy().astype(np.uint8), known.view(SPACE).numpy())

    def found(method: str) -> torch.Tensor:
        options = SamplingOptions(count=2000, method=method, particles=3, sweeps=10)
        return torch.from_numpy(drawn(Generation(nine, options, given))).flatten(2).long()

    assert misfit(found("smc-refined"), exact) < 3
    assert misfit(found("smc"), exact) > 5


def test_the_record_shows_the_refined_pictures(
    model: AutoregressiveModel, evidence: Evidence, refined: Generation
) -> None:
    pictures = refined.values
    assert not np.array_equal(pictures, drawn(Generation(model, PLAIN, evidence)))
    for each in pictures:
        np.testing.assert_array_equal(each[:, evidence.known], evidence.values[:, evidence.known])
    x, free = torch.from_numpy(pictures), ~evidence.known.ravel()
    params = model.conditionals(x)
    exact = -model.likelihood.log_prob(params, model.sites(x)).numpy()
    np.testing.assert_allclose(refined.nats, np.where(free, exact, 0), atol=1e-4)
    entropies = model.likelihood.entropy(params).numpy()
    np.testing.assert_allclose(refined.entropies[:, free], entropies[:, free], atol=1e-4)


def test_going_back_shows_less_of_them_and_going_on_the_same_again(refined: Generation) -> None:
    pictures = refined.values
    refined.rewind(20)
    flat, whole = refined.values.reshape(2, -1), pictures.reshape(2, -1)
    np.testing.assert_array_equal(flat[:, :20], whole[:, :20])
    assert refined.recorded == refined.length
    ahead = next_levels(refined, 1)
    x = torch.from_numpy(pictures[1:])
    exact = refined.model.likelihood.probabilities(refined.model.conditionals(x)[0, 20])
    np.testing.assert_allclose(ahead, exact, atol=1e-5)
    np.testing.assert_array_equal(drawn(refined), pictures)


def test_drawn_again_after_a_restart_they_come_out_the_same(refined: Generation) -> None:
    pictures = refined.values
    refined.restart()
    assert refined.recorded == refined.start
    np.testing.assert_array_equal(drawn(refined), pictures)


def test_interrupted_at_every_site_they_come_out_the_same(
    model: AutoregressiveModel, evidence: Evidence, refined: Generation
) -> None:
    generation, looks, swept = Generation(model, OPTIONS, evidence), 0, set()
    while generation.position < generation.length:
        generation.step(generation.length, after(5))
        assert generation.position == generation.recorded
        particles = generation.snapshot(None, True, 0.0).particles
        assert particles is not None
        swept.add(particles.sweeps)
        looks += 1
    assert looks > 20
    assert swept == {0, 1, 2}
    np.testing.assert_array_equal(generation.values, refined.values)


def test_the_end_is_there_after_the_last_sweep(
    model: AutoregressiveModel, evidence: Evidence
) -> None:
    generation = Generation(model, OPTIONS, evidence)
    generation.step(generation.length, after(50))
    assert (generation.position, generation.recorded) == (41, 41)
    assert not generation.snapshot(None, True, 0.0).finished
    generation.rewind(42)
    assert generation.position == 41
    assert generation.next_probabilities() is not None
    assert generation.step(1) == 1
    assert generation.snapshot(None, False, 0.0).finished


@pytest.mark.parametrize("rows", [(2, 5), (2,), (5,), (2, 3, 5), (2, 5, 6), ()])
def test_an_edit_ends_where_a_fresh_start_would(
    model: AutoregressiveModel, refined: Generation, rows: tuple[int, ...]
) -> None:
    other = some_evidence(model, rows_known(model, *rows)) if rows else None
    refined.edit(other)
    np.testing.assert_array_equal(drawn(refined), drawn(Generation(model, OPTIONS, other)))


def test_undoing_an_edit_brings_them_back(
    model: AutoregressiveModel, evidence: Evidence, refined: Generation
) -> None:
    pictures, nats = refined.values, refined.nats
    refined.edit(some_evidence(model, rows_known(model, 0, 5)))
    refined.step(20)
    refined.edit(evidence, refined.length)
    assert refined.position == refined.length
    np.testing.assert_array_equal(refined.values, pictures)
    np.testing.assert_array_equal(refined.nats, nats)


@pytest.mark.parametrize("sweeps", [0, 1, 5])
def test_another_number_of_sweeps_keeps_what_the_particles_drew(
    model: AutoregressiveModel, evidence: Evidence, refined: Generation, sweeps: int
) -> None:
    options = SamplingOptions(count=2, method="smc-refined", particles=6, sweeps=sweeps)
    refined.set_options(options)
    assert refined.recorded >= 41
    np.testing.assert_array_equal(drawn(refined), drawn(Generation(model, options, evidence)))


def test_another_temperature_goes_on_from_the_particles(
    model: AutoregressiveModel, refined: Generation
) -> None:
    pictures = refined.values
    refined.rewind(25)
    cold = SamplingOptions(**{**vars(OPTIONS), "temperature": 0.0})
    refined.set_options(cold)
    drawn(refined)
    refined.rewind(25)
    refined.set_options(OPTIONS)
    np.testing.assert_array_equal(drawn(refined), pictures)


def test_evidence_that_comes_first_needs_no_sweeps() -> None:
    model = small("made", hidden=16)
    given = Evidence(picture(model), half(model, "top"))
    generation = Generation(model, OPTIONS, given)
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, PLAIN, given)))
    assert generation.snapshot(None, False, 0.0).particles is None
