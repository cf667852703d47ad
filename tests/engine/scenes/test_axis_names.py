"""The names of axes are those that there are."""

from __future__ import annotations

from models import orders
from studio.engine.generation.sampling_options import CERTAIN
from studio.engine.scenes import axis_names
from studio.engine.scenes.axes import FIELDS


def test_every_axis_has_its_name_and_every_name_its_axis() -> None:
    assert tuple(FIELDS) == axis_names.NAMES


def test_the_orders_are_those_of_the_models_and_the_most_certain_first() -> None:
    assert {*axis_names.ORDERS} == {*orders.NAMES, CERTAIN}
