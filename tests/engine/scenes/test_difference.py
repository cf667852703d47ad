"""Where one scene differs from another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.engine.scenes.difference import colours_of, difference, share_that_differs
from tests.models.zoo import small


def snapshot(values: list[Any], position: int | None = None, channels: int = 1) -> Snapshot:
    """Of pictures (count, C, H, W), drawn up to a position."""
    levels = np.array(values, np.uint8)
    model = small("made", levels.shape[1:], 256)
    drawing = Generation(model, SamplingOptions(count=len(levels)))
    there = drawing.snapshot(None, False, 0.0)
    return replace(there, values=levels, position=drawing.length if position is None else position)


def compared(first: Snapshot, other: Snapshot, levels: tuple[int, int]) -> NDArray[np.float32]:
    """Their difference, where there is one."""
    found = difference(first, other, levels)
    assert found is not None
    return found


def test_it_is_signed_and_a_share_of_the_highest_level():
    found = compared(snapshot([[[[0, 4, 2]]]]), snapshot([[[[4, 0, 2]]]]), (5, 5))

    np.testing.assert_array_equal(found, [[[1, -1, 0]]])
    assert share_that_differs(found) == 2 / 3


def test_levels_of_two_models_are_compared_as_shares():
    found = compared(snapshot([[[[0, 1]]]]), snapshot([[[[0, 255]]]]), (2, 256))

    assert share_that_differs(found) == 0


def test_the_channel_that_differs_most_counts():
    first, other = [[[[9]], [[9]], [[9]]]], [[[[8]], [[3]], [[10]]]]

    np.testing.assert_allclose(compared(snapshot(first), snapshot(other), (11, 11)), [[[-0.6]]])


def test_what_is_not_there_yet_is_not_compared():
    found = compared(snapshot([[[[1, 1]]]], 1), snapshot([[[[0, 0]]]]), (2, 2))

    np.testing.assert_array_equal(found, [[[-1, np.nan]]])
    assert share_that_differs(found) == 1


def test_pictures_of_other_sizes_are_not_compared():
    assert difference(snapshot([[[[1, 1]]]]), snapshot([[[[1], [1]]]]), (2, 2)) is None


def test_alike_is_nearly_white_and_the_ends_are_blue_and_red():
    blue, alike, nothing, red = colours_of(np.array([-1, 0, np.nan, 1], np.float32)).tolist()

    assert min(alike) > 220
    assert nothing == alike
    assert blue[2] > 200 > blue[0] + 100
    assert red[0] > 180 > red[2] + 100
