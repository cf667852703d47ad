"""A population of particles: resampled by weight,
with noise of its own, and it knows its ancestry."""

from __future__ import annotations

import math

import pytest
import torch

from studio.engine.generation.population import (
    Population,
    RetainingPopulation,
    attempts,
    draw_noise,
    multinomial,
    systematic,
)


def test_systematic_resampling_takes_each_particle_as_often_as_its_weight_says():
    weights = torch.tensor([[0.5, 0.3, 0.15, 0.05], [0.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    for noise in torch.linspace(0, 0.999, 20):
        rows = systematic(weights, noise.expand(3))
        counts = torch.stack([torch.bincount(row, minlength=4) for row in rows])
        assert ((counts - 4 * weights).abs() < 1).all()
        assert counts[1].tolist() == [0, 4, 0, 0]
        assert rows[2].tolist() == [0, 1, 2, 3]


def test_many_pictures_share_the_attempts_so_that_a_step_stays_short():
    assert [attempts(count) for count in (1, 16, 64, 1000)] == [32, 32, 8, 8]


def test_the_noise_of_a_picture_is_its_own():
    few, many = draw_noise(2, 32, 6, 1, seed=3), draw_noise(5, 32, 6, 1, seed=3)
    assert few[0].shape == (64, 6, 1)
    assert few[1].shape == (2, 7)
    for a, b in zip(few, many, strict=True):
        assert torch.equal(a, b[: len(a)])


def test_a_population_knows_where_its_rows_came_from():
    """Weight on one particle of each picture alone: after resampling, every row goes back to it."""
    population = Population(2, 32, draw_noise(2, 32, 6, 1, seed=0)[1])
    log_p = torch.full((64,), -50.0)
    log_p[[5, 32 + 7]] = 0
    population.weigh(2, log_p)
    assert population.chosen(3).tolist() == [5, 39]
    parents = population.resample(3)
    assert parents is not None
    assert parents.tolist() == [5] * 32 + [39] * 32
    rows = torch.tensor([0, 63])
    assert population.lineage(rows, 5).tolist() == [[5, 39]] * 3 + [[0, 63]] * 2
    assert population.resample(4) is None, "all weights are the same again"
    assert population.forget(2)
    assert population.lineage(rows, 2).tolist() == [[0, 63]] * 2
    assert not population.forget(1)


def test_particles_that_all_fail_are_still_weighed():
    population = Population(1, 32, draw_noise(1, 32, 6, 1, seed=0)[1])
    population.weigh(0, torch.full((32,), -torch.inf))
    assert 0 <= int(population.chosen(1)) < 32


def halves() -> Population:
    """Four particles of a picture, weighed twice and drawn anew in between."""
    population = Population(1, 4, torch.full((1, 8), 0.5))
    population.weigh(1, torch.tensor([0.8, 0.02, 0.02, 0.02]).log())
    assert population.resample(2) is not None
    population.weigh(4, torch.tensor([0.5, 0.5, 0.25, 0.25]).log())
    return population


def test_the_evidence_is_the_product_of_the_mean_weights() -> None:
    population = halves()
    found = [float(population.log_evidence(at).exp()) for at in (1, 2, 4, 5, 7)]
    assert found == pytest.approx([1, 0.215, 0.215, 0.215 * 0.375, 0.215 * 0.375])


def test_the_effective_size_is_that_of_the_latest_weights_before_any_were_drawn_anew() -> None:
    population = halves()
    one = 0.86**2 / (0.8**2 + 3 * 0.02**2)
    other = 1.5**2 / (2 * 0.5**2 + 2 * 0.25**2)
    found = [float(population.effective(at)) for at in (0, 1, 2, 4, 5, 7)]
    assert found == pytest.approx([4, 4, one, one, other, other])
    population.forget(4)
    assert float(population.effective(7)) == pytest.approx(one)


def test_where_it_settles_one_row_stands_for_all() -> None:
    population = halves()
    population.settle(5, torch.tensor([1]))
    rows = torch.tensor([0, 3])
    assert population.lineage(rows, 7)[2:5].tolist() == [[1, 1]] * 3
    assert population.lineage(rows, 7)[5:].tolist() == [[0, 3]] * 2
    assert population.forget(4), "they part again"
    assert population.lineage(rows, 4)[2:].tolist() == [[0, 3]] * 2


def test_multinomial_resampling_takes_each_particle_as_often_as_its_weight_says() -> None:
    weights = torch.tensor([[0.5, 0.3, 0.2, 0.0], [0.0, 0.0, 1.0, 0.0]])
    rows = multinomial(weights, torch.rand(2, 20000, generator=torch.Generator().manual_seed(0)))
    shares = torch.stack([torch.bincount(row, minlength=4) for row in rows]) / 20000
    torch.testing.assert_close(shares, weights, atol=0.02, rtol=0)
    assert shares[0, 3] == 0


def test_a_retained_particle_stays_what_it_is() -> None:
    resampling = {3: torch.tensor([[0.1, 0.5, 0.9], [0.1, 0.5, 0.9]])}
    population = RetainingPopulation(2, 4, torch.full((2, 7), 0.5), resampling)
    log_p = torch.tensor([-math.inf, -50, 0, -50, 0, -50, -50, -50])
    population.weigh(2, log_p)
    parents = population.resample(3)
    assert parents is not None
    assert parents.tolist() == [0, 2, 2, 2, 4, 4, 4, 4], "however little it weighs"
