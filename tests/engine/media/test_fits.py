"""The ways to fit a picture are named."""

from __future__ import annotations

import pytest

from studio.engine.media.fits import FITS, Fitting


def test_nothing_is_thrown_away_or_inverted_unless_somebody_says_so() -> None:
    assert Fitting() == Fitting("pad", invert=False)
    assert next(iter(FITS)) == "pad"


def test_a_way_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'squash' is not one of pad, crop, stretch"):
        Fitting("squash")
