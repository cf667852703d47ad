"""The lasso: what a stroke marks."""

from __future__ import annotations

import numpy as np

from studio.engine.editing.lasso import Lasso

SPACE = (10, 10)


def marked(*sites: tuple[int, int], size: int = 1) -> np.ndarray:
    lasso = Lasso(SPACE, size)
    for site in sites:
        lasso.go_to(site)
    return lasso.mask


def test_nothing_is_marked_before_it_begins() -> None:
    assert not Lasso(SPACE).mask.any()


def test_a_point_marks_what_is_under_the_brush() -> None:
    assert marked((4, 4)).sum() == 1
    assert marked((4, 4), size=3).sum() == 9


def test_a_line_marks_what_it_goes_over() -> None:
    assert marked((2, 1), (2, 8)).sum() == 8


def test_a_loop_marks_its_inside_too() -> None:
    mask = marked((2, 2), (2, 7), (7, 7), (7, 2), (3, 2))
    assert mask[2:8, 2:8].all()
    assert mask.sum() == 36


def test_an_open_arc_marks_only_what_it_goes_over() -> None:
    mask = marked((7, 1), (2, 1), (2, 8), (7, 8))
    assert not mask[5, 4]


def test_a_loop_beyond_the_edge_marks_what_is_inside_the_picture() -> None:
    mask = marked((-3, -3), (-3, 4), (4, 4), (4, -3), (-2, -3))
    assert np.array_equal(np.argwhere(mask).max(0), (4, 4))
    assert mask[:5, :5].all()
