"""The record of what was drawn, by row, and which rows are shown."""

from __future__ import annotations

import pytest
import torch

from studio.engine.generation.drawn_rows import ENTROPIES, NATS, VALUES, DrawnRows
from studio.engine.generation.population import Population

CPU = torch.device("cpu")


def attempts() -> Population:
    """Two pictures of three attempts each; when 2 sites are there, the second one alone counts."""
    population = Population(2, 3, torch.full((2, 6), 0.5))
    population.weigh(1, torch.tensor([-50.0, 0, -50, -50, 0, -50]))
    return population


def test_without_attempts_each_row_is_a_picture() -> None:
    rows = DrawnRows(4, 3, 1, None, CPU)
    rows.put(0, torch.arange(6).view(2, 3, 1), torch.ones(2, 3), torch.zeros(2, 3))
    assert rows.shown_rows(2) is None
    assert rows.shown(VALUES, 2)[:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert rows.shown(NATS, 1).tolist() == [[1, 1, 1]]
    assert rows.values(torch.tensor([2, 0]), 2)[:, :, 0].tolist() == [[2, 0], [5, 3]]


def test_of_attempts_the_chosen_ones_are_shown_as_they_came_about() -> None:
    population = attempts()
    rows = DrawnRows(5, 6, 1, population, CPU)
    rows.put(0, torch.arange(12).view(2, 6, 1), torch.arange(12.0).view(2, 6), torch.zeros(2, 6))
    assert rows.shown(VALUES, 2)[:, :, 0].tolist() == [[1, 4], [7, 10]]
    parents = population.resample(2)
    assert parents is not None
    rows.put(2, torch.full((1, 6, 1), 9), torch.zeros(1, 6), torch.zeros(1, 6))
    assert rows.shown(NATS, 3).tolist() == [[1, 4], [7, 10], [0, 0]]
    assert rows.values(None, 3)[0, :, 0].tolist() == [1, 1, 1, 4, 4, 4]


@pytest.mark.parametrize("given", [1, 2, 6])
def test_what_is_the_same_for_all_attempts_is_put_once(given: int) -> None:
    rows = DrawnRows(1, 6, 1, attempts(), CPU)
    new = torch.arange(given).view(1, given, 1)
    rows.put(0, new, new[..., 0].float(), torch.full((1, given), torch.nan))
    spread = [each * given // 6 for each in range(6)]
    assert rows.values(None, 1)[0, :, 0].tolist() == spread
    assert rows.parts[NATS][0].tolist() == spread
    assert rows.parts[ENTROPIES].isnan().all()
