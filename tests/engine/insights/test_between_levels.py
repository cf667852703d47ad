"""Levels as floats that gradients are taken by, of networks that look levels up in a table."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.insights.between_levels import between_levels


@pytest.fixture
def table() -> nn.Embedding:
    torch.manual_seed(0)
    return nn.Embedding(5, 3)


def test_at_a_level_a_table_gives_its_row(table: nn.Embedding):
    levels = torch.tensor([0.0, 2, 4], requires_grad=True)
    with between_levels():
        found = table(levels.long())
    torch.testing.assert_close(found, table(torch.tensor([0, 2, 4])), rtol=0, atol=0)


def test_the_gradient_by_a_level_is_the_difference_of_its_rows(table: nn.Embedding):
    levels = torch.tensor([1.0, 4.0], requires_grad=True)
    with between_levels():
        found = table(levels.to(torch.int64))
    (gradient,) = torch.autograd.grad(found.sum(), levels)
    rows = table.weight.sum(1)
    torch.testing.assert_close(gradient, torch.stack([rows[2] - rows[1], rows[4] - rows[3]]))


def test_hot_ones_are_read_between_levels_too():
    levels = torch.tensor([1.0], requires_grad=True)
    with between_levels():
        found = F.one_hot(levels.long(), 3)
    assert found.tolist() == [[0, 1, 0]]
    (gradient,) = torch.autograd.grad(found[0, 2], levels)
    assert gradient.tolist() == [1]


def test_what_takes_no_gradient_is_looked_up_as_ever(table: nn.Embedding):
    levels = torch.tensor([1.5])
    with between_levels():
        assert levels.long().dtype == torch.int64
        assert not torch.equal(table(levels.long())[0], table.weight[1:3].mean(0))


def test_afterwards_levels_are_whole_again(table: nn.Embedding):
    levels: Tensor = torch.tensor([1.5], requires_grad=True)
    with between_levels():
        pass
    assert levels.long().dtype == torch.int64
