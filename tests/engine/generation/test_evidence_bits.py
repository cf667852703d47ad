"""The bits that evidence costs lie between the bounds that are given for them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.evidence_bits import bounds_in_bits
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.jobs import Cancelled
from tests.models.zoo import small

SIDE = 3  # rows and columns of the pictures, so few that all of them can be counted


def evidence(*known: tuple[int, int]) -> Evidence:
    """White pixels."""
    given = np.zeros((SIDE, SIDE), bool)
    for place in known:
        given[place] = True
    return Evidence(given[None].astype(np.uint8), given)


def true_bits(model: AutoregressiveModel, given: Evidence, condition: int | None = None) -> float:
    """By counting all pictures that have what is given."""
    every = torch.tensor([*itertools.product((0, 1), repeat=SIDE * SIDE)])
    fits = (every == torch.from_numpy(given.values.ravel()))[:, given.known.ravel()].all(1)
    pictures = every[fits].view(-1, 1, SIDE, SIDE)
    classes = None if condition is None else torch.full((len(pictures),), condition)
    return -float(model.log_prob(pictures, classes).logsumexp(0)) / math.log(2)


def bits(model: AutoregressiveModel, given: Evidence, **options: int) -> tuple[float, float]:
    return bounds_in_bits(model, given, SamplingOptions(**options), lambda: False)


def test_late_evidence_costs_what_lies_between_the_bounds() -> None:
    model, given = small("pixelcnn", (1, SIDE, SIDE)), evidence((2, 0), (2, 2))
    low, high = bits(model, given, particles=256)
    assert low - 0.05 < true_bits(model, given) < high + 0.05
    assert high - low < 0.3


def test_evidence_that_comes_first_costs_exactly_so_much() -> None:
    model, given = small("pixelcnn", (1, SIDE, SIDE)), evidence((0, 0), (0, 1))
    low, high = bits(model, given)
    assert low == pytest.approx(true_bits(model, given), abs=1e-3)
    assert high == pytest.approx(low, abs=1e-3)


def test_the_bits_are_those_of_the_class_that_is_chosen() -> None:
    model = small("gated-pixelcnn-class", (1, SIDE, SIDE), classes=3)
    given = evidence((0, 0), (0, 1))
    assert bits(model, given, condition=2)[0] == pytest.approx(
        true_bits(model, given, condition=2), abs=1e-3
    )


def test_it_stops_when_it_is_told_to() -> None:
    with pytest.raises(Cancelled):
        bounds_in_bits(
            small("pixelcnn", (1, SIDE, SIDE)), evidence((2, 2)), SamplingOptions(), lambda: True
        )
