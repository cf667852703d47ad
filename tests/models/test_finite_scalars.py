"""Codes as a few rounded numbers: every code is one, and none is another."""

from __future__ import annotations

import math

import pytest
import torch

from models.layers.finite_scalars import FiniteScalars, values_of


@pytest.mark.parametrize(
    ("codes", "values"), [(240, (8, 6, 5)), (256, (8, 8, 4)), (2, (2,)), (7, (7,)), (11, (11,))]
)
def test_so_many_codes_are_so_many_values_of_each_number(codes: int, values: tuple[int, ...]):
    assert values_of(codes) == values
    assert math.prod(values) == codes


@pytest.mark.parametrize("codes", [2, 3, 16, 240])
def test_every_code_has_numbers_of_its_own_and_comes_back_from_them(codes: int):
    quantiser = FiniteScalars(codes)
    every = torch.arange(codes).view(1, 1, 1, codes)
    numbers = quantiser.numbers(every)
    assert numbers.abs().max() <= 1
    assert len(numbers[0, :, 0].T.unique(dim=0)) == codes
    assert torch.equal(quantiser.codes(numbers), every)


def test_whatever_comes_in_becomes_a_code_and_extremes_reach_the_first_and_the_last():
    quantiser = FiniteScalars(240)
    z = torch.cat([torch.full((1, 3, 1, 1), -50.0), torch.full((1, 3, 1, 1), 50.0)], 3)
    assert quantiser.codes(quantiser(z)).flatten().tolist() == [0, 239]
    wild = 3 * torch.randn(4, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    codes = quantiser.codes(quantiser(wild))
    assert 0 <= codes.min() <= codes.max() < 240
    torch.testing.assert_close(quantiser.numbers(codes), quantiser(wild))


def test_gradients_go_through_the_rounding():
    z = torch.zeros(1, 3, 1, 1, requires_grad=True)
    FiniteScalars(240)(z).sum().backward()
    assert z.grad is not None
    assert (z.grad > 0).all()
