"""How much is tried: `THOROUGH=1 make test` tries everything; without it the slowest tests try
less, so that all of them take less than ten minutes on two processors."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable

import pytest

import models

THOROUGH = bool(os.environ.get("THOROUGH"))


@functools.cache
def sketch(name: str) -> models.Model:
    """A listed model without its weights, to be asked what it can do: each process that collects
    the tests asks many times."""
    return models.build(name).to("meta")


def some_of(names: Iterable[str], conditions: bool = True) -> list[str]:
    """All of some models where it is to be thorough, else the first of each family, in one order
    and in any, and, where `conditions` are to be told apart, of each kind of condition."""
    firsts: dict[object, str] = {}
    for name in (names := [*names]):
        model = sketch(name)
        kind = type(model), model.any_order, conditions and type(model.conditioning)
        firsts.setdefault(kind, name)
    return names if THOROUGH else [*firsts.values()]


thorough_only = pytest.mark.skipif(not THOROUGH, reason="tried with THOROUGH=1")
