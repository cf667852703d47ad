"""A score says what it has, and leaves out what does not apply."""

from __future__ import annotations

import json

import pytest

from studio.engine.scoring.scores import Score


def test_a_plain_score_is_its_figures_and_what_they_took() -> None:
    score = Score({"bits_per_dim": 0.1, "nats": 54.0}, examples=10, seconds=2.0)
    assert (score.bits_per_dim, score.nats) == (0.1, 54.0)
    assert score.to_dict() == {"bits_per_dim": 0.1, "nats": 54.0, "examples": 10, "seconds": 2.0}


def test_what_applies_to_some_models_only_is_there_for_them() -> None:
    score = Score({"nats": 1.0}, 1, 1.0, orders=3, completion={"top": 0.2}, baselines={"u": 8.0})
    document = json.loads(json.dumps(score.to_dict()))
    assert document["orders"] == 3
    assert document["completion"] == {"top": 0.2}
    assert document["baselines"] == {"u": 8.0}


def test_a_model_without_bits_per_dim_has_none_rather_than_nothing() -> None:
    score = Score({"plain_pixels_right": 0.9}, examples=1, seconds=1.0)
    for figure in ("bits_per_dim", "nats"):
        with pytest.raises(KeyError):
            getattr(score, figure)
