"""Small pictures on one sheet."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.media.tiles import tiles


def test_tiles_are_taken_row_by_row() -> None:
    """Two rows of three squares, each of one value."""
    sheet = np.arange(6, dtype=np.uint8).reshape(2, 3).repeat(4, 0).repeat(4, 1)
    found = tiles(sheet, 4, 5)
    assert found.shape == (5, 1, 4, 4)
    assert (found == np.arange(5)[:, None, None, None]).all()


def test_colours_come_first_and_pixels_stay_where_they_were() -> None:
    sheet = np.random.default_rng(0).integers(0, 256, (2, 4, 3), dtype=np.uint8)
    found = tiles(sheet, 2, 2)
    assert found.shape == (2, 3, 2, 2)
    assert (found[1] == sheet[:, 2:].transpose(2, 0, 1)).all()


def test_a_sheet_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="no 7 of them"):
        tiles(np.zeros((8, 12), np.uint8), 4, 7)
