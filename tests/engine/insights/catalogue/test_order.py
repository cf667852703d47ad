"""The order of drawing, as a path."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models import orders
from studio.engine.insights import insights
from studio.engine.insights.catalogue.order import path_of
from studio.engine.insights.question import question_of
from tests.engine.insights.questions import part
from tests.gui.picture.test_stage import moment
from tests.models.zoo import small


def test_the_first_is_at_one_end_and_the_last_at_the_other() -> None:
    order = np.arange(36)[::-1].copy()
    answer = insights()["order"].ask(None, question_of(replace(moment(36), order=order), 2))
    found = answer.maps[0].values
    assert (found[-1, -1], found[0, 0]) == (0, 1)


def test_what_is_not_drawn_has_no_colour() -> None:
    found = insights()["order"].ask(None, question_of(moment(6), 2)).maps[0].values
    assert np.isnan(found.ravel()[6:]).all()


def joined(path: np.ndarray, width: int) -> list[int]:
    """The sites on a line from corner to corner, but for the way back to the next row."""
    found = [int(path[0])]
    for here, there in itertools.pairwise(path):
        (y, x), (v, u) = divmod(int(here), width), divmod(int(there), width)
        steps = max(abs(v - y), abs(u - x))
        if v != y and abs(v - y) != abs(u - x) and u != x:
            found.append(int(there))
            continue
        found += [
            (y + (v - y) * n // steps) * width + x + (u - x) * n // steps
            for n in range(1, steps + 1)
        ]
    return found


@pytest.mark.parametrize("name", ["raster", "s_curve", "zigzag", "spiral"])
def test_the_path_of_a_regular_order_goes_through_every_site_with_few_corners(name: str) -> None:
    order = getattr(orders, name)(28, 28).numpy()
    path, whole = path_of(order, (28, 28))
    assert whole
    assert path is not None
    assert joined(path, 28) == order.tolist()
    assert len(path) < 0.2 * len(order)


def test_of_an_order_without_a_pattern_the_latest_steps_are_joined() -> None:
    order = np.random.default_rng(0).permutation(784)
    path, whole = path_of(order[:400], (28, 28))
    assert not whole
    assert path is not None
    assert path.tolist() == order[376:400].tolist()


def test_there_is_no_path_before_the_second_site() -> None:
    assert path_of(np.array([3]), (28, 28)) == (None, True)


def test_it_says_how_far_the_drawing_is() -> None:
    answer = insights()["order"].ask(None, part(small("made"), 20))
    assert answer.sentence == "20 pixels of 42, the latest in row 3, column 1."
    assert int(np.isfinite(answer.maps[0].values).sum()) == 20
