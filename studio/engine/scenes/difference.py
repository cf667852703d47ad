"""Where the pictures of one scene differ from those of another, and the colours that show it."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.snapshot import Snapshot

# CET-D1 of Peter Kovesi, "Good Colour Maps" (arXiv:1509.03700), at nine points from -1 to 1: its
# lightness goes evenly from either end to the middle.
_CET_D1 = np.array(
    [
        (33, 81, 219),
        (111, 116, 225),
        (159, 155, 231),
        (201, 196, 236),
        (237, 231, 233),
        (240, 189, 177),
        (231, 139, 118),
        (214, 87, 62),
        (192, 2, 6),
    ],
    np.float32,
)

_HALF = 255


def difference(
    first: Snapshot, other: Snapshot, levels: tuple[int, int]
) -> NDArray[np.float32] | None:
    """other - first, as shares of the highest level: float32 (count, H, W) in -1..1, of the channel
    that differs most; 0 where they are alike, NaN where one of them has nothing yet.

    levels: of each. None where they cannot be compared: pictures of other sizes, or samples beside
    what a model has reconstructed.
    """
    ours, theirs = first.pictures, other.pictures
    if ours.shape[2:] != theirs.shape[2:] or bool(first.captions) != bool(other.captions):
        return None
    count = min(len(ours), len(theirs))
    # (count, C, H, W); grey beside colour is compared with each channel
    apart = theirs[:count] / np.float32(max(1, levels[1] - 1))
    apart = apart - ours[:count] / np.float32(max(1, levels[0] - 1))
    most = np.abs(apart).argmax(1)[:, None]
    found = np.take_along_axis(apart, most, 1)[:, 0].astype(np.float32)
    found[:, ~(first.there & other.there)] = np.nan
    return found


def share_that_differs(found: NDArray[np.float32]) -> float:
    """Of the sites that both have, 0 where there are none."""
    compared = int((~np.isnan(found)).sum())
    return float((np.nan_to_num(found) != 0).sum()) / compared if compared else 0.0


def colours_of(found: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Blue where the other is darker, red where it is lighter, nearly white where they are alike,
    by a map that is perceptually uniform: (..., 3). NaN is taken for alike."""
    place = np.nan_to_num(found) * _HALF + _HALF
    return _table()[np.rint(place).astype(np.int16)]


@functools.cache
def _table() -> NDArray[np.uint8]:
    """Colours from -1 to 1, (2 x 255 + 1, 3): looked up while models draw, so it is quick."""
    place, points = np.linspace(0, 1, 2 * _HALF + 1), np.linspace(0, 1, len(_CET_D1))
    channels = [np.interp(place, points, channel) for channel in _CET_D1.T]
    return np.rint(np.stack(channels, -1)).astype(np.uint8)
