"""Clamping keeps what is given, and what was drawn before has not seen it."""

from __future__ import annotations

import numpy as np

from studio.engine.generation.completion import complete
from studio.engine.generation.methods.clamp import METHOD
from tests.engine.drawings import half, picture


def test_what_comes_before_the_evidence_is_drawn_as_if_there_were_none(opinionated):
    given, nothing = half(opinionated, "bottom"), np.zeros((2, 3), bool)
    clamped, free = (
        complete(opinionated, picture(opinionated), known, METHOD.name, count=200)
        for known in (given, nothing)
    )
    np.testing.assert_array_equal(clamped[:, :, ~given], free[:, :, ~given])
    assert not METHOD.sees_all


def test_what_comes_after_the_evidence_depends_on_it(opinionated):
    given = half(opinionated, "top")
    black, white = (
        complete(opinionated, np.full((1, 2, 3), level), given, METHOD.name, count=200)
        for level in (0, 1)
    )
    assert not np.array_equal(black[:, :, ~given], white[:, :, ~given])
