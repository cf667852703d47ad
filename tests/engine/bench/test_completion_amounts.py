"""How much is measured of completion."""

from __future__ import annotations

from dataclasses import asdict

from studio.engine.bench.completion_amounts import QUICK, Amounts


def test_quick_is_less_of_everything_that_takes_time():
    usual, quick = asdict(Amounts()), asdict(QUICK)
    # 0 passes are all of them
    assert all(quick[name] < usual[name] for name in usual if name != "passes")
    assert quick["passes"] > usual["passes"] == 0


def test_500_digits_are_scored_with_64_particles_by_default():
    assert (Amounts().digits, Amounts().particles) == (500, 64)
