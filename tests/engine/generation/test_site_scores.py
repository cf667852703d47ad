"""Scores of a picture that changes: the same as of one that is scored anew, for less."""

from __future__ import annotations

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from models.stepping import PrefixStepper
from studio.engine.editing.evidence import Evidence
from studio.engine.generation import site_scores
from studio.engine.generation.class_posterior import class_posterior
from studio.engine.generation.site_scores import SiteScores
from tests.engine.generation.exact import strong

SIDE = 6


@pytest.fixture
def model() -> AutoregressiveModel:
    return strong("gated-pixelcnn-class", (1, SIDE, SIDE))


@pytest.fixture
def scores(model) -> SiteScores:
    return SiteScores(model, 3)


def painted(*sites: int, black: tuple[int, ...] = ()) -> Evidence:
    values, known = np.zeros((1, SIDE, SIDE), np.uint8), np.zeros((SIDE, SIDE), bool)
    known.reshape(-1)[[*sites, *black]] = True
    values.reshape(-1)[list(sites)] = 1
    return Evidence(values, known)


def assert_right(scores: SiteScores, model: AutoregressiveModel, given: Evidence) -> None:
    np.testing.assert_allclose(
        scores.log_probs(given), class_posterior(model, given).log_probs, rtol=1e-4, atol=1e-4
    )


# a stroke that goes down, one above it, an eraser, an undo, and black pixels that were unknown
STROKES = [
    painted(14),
    painted(14, 20),
    painted(14, 20, 26),
    painted(3, 14, 20, 26),
    painted(3, 14, 26),
    painted(3, 14, 26, black=(4, 5, 35)),
    painted(14, 20, 26),
    painted(),
    painted(0),
    painted(*range(36)),
]


@pytest.mark.parametrize("steps", [0, 8, 64])
def test_after_every_change_they_are_those_of_a_fresh_start(model, scores, monkeypatch, steps):
    monkeypatch.setattr(site_scores, "_STEPS", steps)
    for given in STROKES:
        assert_right(scores, model, given)


def test_a_stroke_that_goes_on_takes_no_further_pass(model, scores, monkeypatch):
    monkeypatch.setattr(site_scores, "_STEPS", 8)
    for end in (20, 21):
        scores.log_probs(painted(*range(12, end)))
    before = scores.passes
    for end in range(22, 30):
        assert_right(scores, model, painted(*range(12, end)))
    assert scores.passes == before


def test_what_is_no_longer_there_takes_nothing(model, scores):
    scores.log_probs(painted(3, 9))
    model.stepper = model.conditionals = None  # type: ignore[assignment]
    scores.log_probs(painted(3))


def test_a_stepper_that_remembers_nothing_takes_single_steps_only(model, scores, monkeypatch):
    monkeypatch.setattr(
        type(model),
        "_stepper",
        lambda self, batch, condition, order: PrefixStepper(self, batch, condition, order),
    )
    for given in STROKES:
        assert_right(scores, model, given)
