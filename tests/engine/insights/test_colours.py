"""The colours of what an insight says of each site."""

from __future__ import annotations

import numpy as np

from studio.engine.insights.colours import colours_of
from studio.engine.insights.question import Map
from studio.engine.media.colour_maps import colour_map


def test_what_is_said_has_the_colour_of_its_map_and_nothing_else_any() -> None:
    found = colours_of(Map(np.array([[0, 1], [0.5, np.nan]], np.float32)), "viridis")
    table = colour_map("viridis")
    assert found.tolist() == [[table[0], table[255]], [table[128], 0]]


def test_what_is_a_colour_itself_keeps_it() -> None:
    values = np.zeros((3, 1, 2), np.float32)
    values[:, 0, 0] = 1, 0, 0.2
    values[1, 0, 1] = np.nan
    found = colours_of(Map(values), "viridis")
    assert found.tolist() == [[0xFFFF0033, 0]]
