"""Orders of generation visit every site once, in the way their names say."""

from __future__ import annotations

import pytest
import torch

from models import orders


@pytest.mark.parametrize("name", orders.NAMES)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 3), (7, 7)])
def test_every_site_is_visited_once(name: str, size: tuple[int, int]) -> None:
    order = orders.NAMES[name](*size)
    assert orders.is_permutation(order, size[0] * size[1])


def test_zigzag_scans_as_jpeg_does() -> None:
    assert orders.zigzag(3, 3).tolist() == [0, 1, 3, 6, 4, 2, 5, 7, 8]


def test_an_s_curve_turns_back_at_the_end_of_a_row() -> None:
    assert orders.s_curve(2, 3).tolist() == [0, 1, 2, 5, 4, 3]


def test_a_spiral_begins_in_the_middle_and_never_jumps() -> None:
    order = orders.spiral(5, 5)
    assert order[0] == 12
    rows, columns = order // 5, order % 5
    assert ((rows.diff().abs() + columns.diff().abs()) == 1).all()


def test_a_random_order_comes_from_its_seed() -> None:
    assert torch.equal(orders.random(6, 6, 4), orders.random(6, 6, 4))
    assert not torch.equal(orders.random(6, 6, 4), orders.random(6, 6, 5))


def test_what_is_observed_comes_first_and_keeps_its_order() -> None:
    known = torch.tensor([[False, True], [True, False]])
    assert orders.observed_first(known, torch.tensor([3, 2, 1, 0])).tolist() == [2, 1, 3, 0]


def test_a_list_with_a_site_twice_is_no_order() -> None:
    assert not orders.is_permutation(torch.tensor([0, 1, 1]), 3)
    assert not orders.is_permutation(torch.tensor([0, 1]), 3)


@pytest.mark.parametrize("name", orders.NAMES)
def test_an_order_is_known_by_its_name(name: str) -> None:
    order = orders.named(name, 4, 5, seed=2)
    assert orders.name_of(order, 4, 5, seed=2) == name
    assert orders.name_of(order.flip(0), 4, 5, seed=2) is None


def test_who_changes_an_order_changes_their_own_copy() -> None:
    orders.named("zigzag", 4, 5)[0] = 7
    assert orders.named("zigzag", 4, 5)[0] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 3), (6, 6)])
def test_the_orders_of_training_visit_every_site_once_and_come_from_their_generator(
    size: tuple[int, int],
) -> None:
    first, again = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    for _ in range(50):
        order = orders.varied(*size, first)
        assert orders.is_permutation(order, size[0] * size[1])
        assert torch.equal(order, orders.varied(*size, again))


def test_the_orders_of_training_are_regular_ones_from_every_side_random_ones_and_a_part_first() -> (
    None
):
    generator = torch.Generator().manual_seed(0)
    found = {tuple(orders.varied(3, 3, generator).tolist()) for _ in range(2000)}
    raster = torch.arange(9).view(3, 3)
    for seen in (raster, raster.flip(0), raster.flip(1), raster.T, raster.T.flip(0)):
        assert tuple(seen.flatten().tolist()) in found
    assert tuple(orders.spiral(3, 3).tolist()) in found
    assert any(order[:4] == (4, 5, 7, 8) for order in found), "the lower right corner comes first"
    assert len(found) > 500


def test_orders_are_looked_at_but_where_they_are_known_to_be_right() -> None:
    order = torch.zeros(3, dtype=torch.long)
    with orders.trusted():
        assert orders.is_trusted(order)
    assert not orders.is_trusted(order)
    assert orders.is_trusted(order.to("meta"))
