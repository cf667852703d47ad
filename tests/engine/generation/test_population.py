"""A population of particles: resampled by weight,
with noise of its own, and it knows its ancestry."""

from __future__ import annotations

import torch

from studio.engine.generation.population import Population, attempts, draw_noise, systematic


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
    few, many = draw_noise(2, 6, 1, seed=3), draw_noise(5, 6, 1, seed=3)
    assert few[0].shape == (64, 6, 1)
    assert few[1].shape == (2, 7)
    for a, b in zip(few, many, strict=True):
        assert torch.equal(a, b[: len(a)])


def test_a_population_knows_where_its_rows_came_from():
    """Weight on one particle of each picture alone: after resampling, every row goes back to it."""
    population = Population(2, draw_noise(2, 6, 1, seed=0)[1])
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
    population = Population(1, draw_noise(1, 6, 1, seed=0)[1])
    population.weigh(0, torch.full((32,), -torch.inf))
    assert 0 <= int(population.chosen(1)) < 32
