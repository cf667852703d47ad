"""Processes that train together score together: a share each, and the figures are those of all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.shares import ALONE, Report, Sample, Share, Sums
from tests.engine.scoring_together import scores
from tests.engine.two_processes import both, forks
from tests.thorough import thorough_only


def scored_by(share: Share, units: int, token: CancelToken | None = None) -> list[int]:
    """Which of so many units it scores."""
    found: list[int] = []

    def score(unit: int, report: Report) -> Sums:
        found.append(unit)
        return {"nats": 1.0}

    share.totals([1.0] * units, score, token=token)
    return found


class Other(Share):
    """One that waits for no other."""

    def added(self, sums: Sums | None) -> Sums | None:
        return sums


def test_every_unit_is_in_exactly_one_share() -> None:
    shares = [unit for rank in range(3) for unit in scored_by(Other(rank, 3), 11)]
    assert sorted(shares) == [*range(11)]
    assert scored_by(ALONE, 11) == [*range(11)]


def test_units_are_so_small_that_every_process_has_one() -> None:
    assert [ALONE.batch(12, 100), Share(0, 2).batch(12, 100), Share(0, 2).batch(500, 100)] == [
        12,
        6,
        100,
    ]


def test_a_sample_is_of_some_and_of_one_process_alone() -> None:
    sample = Sample(0, 4)
    assert scored_by(sample, 11) == [0, 4, 8]
    assert sample.added({"nats": 1.0}) == {"nats": 1.0}


def test_what_was_cancelled_has_no_total() -> None:
    token = CancelToken()

    def score(unit: int, report: Report) -> Sums:
        token.cancel()
        return {"nats": 1.0}

    assert ALONE.totals([1.0, 1.0], score, token=token) is None
    assert ALONE.totals([1.0], lambda unit, report: None) is None


def test_progress_is_told_by_how_much_work_a_unit_is() -> None:
    told: list[float] = []

    def score(unit: int, report: Report) -> Sums:
        report(0.5)
        return {}

    ALONE.totals([1.0, 3.0], score, told.append)
    assert told == [0.125, 0.25, 0.625, 1.0]


@forks
@thorough_only
def test_processes_that_train_together_score_a_share_each_and_say_what_one_alone_says(
    stripes: Path, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    first, second = both(partial(scores, stripes, tmp_path / "run"), tmp_path)
    assert (first["scored"], second["scored"]) == ([3, 6], [2, 6])  # of 5 and 12 images
    assert first["pictures"] == second["pictures"]
    assert first["pictures"] == pytest.approx(first["pictures alone"], rel=1e-6)
    for together, alone in zip(first["sound"], first["sound alone"], strict=True):
        assert together == pytest.approx(alone, rel=1e-6)
    assert first["sound"] == second["sound"]
    assert first["steps"] == second["steps"] > 1, "they go by one clock"
    assert [shown["cancelled"] for shown in (first, second)] == [True, True], "one of them was"
