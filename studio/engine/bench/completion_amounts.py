"""How much is measured of completion. Free of torch: the command line reads the defaults here."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN = 100_000  # pictures from which a judge learns, in about a minute


@dataclass(frozen=True)
class Amounts:
    """digits: held-out digits whose missing pixels are scored.
    completions: of these, how many are completed, once by each method, for the judge.
    particle_digits: of these, how many are scored and completed by particles, which take as many
    times as long as there are.
    particles: attempts at each of them.
    sweeps: of a method that refines what particles drew.
    samples: pictures drawn from nothing, for the judge.
    steps: passes of a model that predicts all unknown pixels at once, where it does not take one
    for each.
    step_digits: digits by which numbers of passes are compared.
    passes: how many missing pixels of a digit such a model is asked for, evenly spread; 0 for all.
    repeats: of what is timed.
    shown: pictures that the judge learns from, each counted as often as it is shown.
    """

    digits: int = 500
    completions: int = 100
    particle_digits: int = 20
    particles: int = 64
    sweeps: int = 4
    samples: int = 300
    steps: int = 50
    step_digits: int = 50
    passes: int = 0
    repeats: int = 3
    shown: int = SHOWN


QUICK = Amounts(
    digits=8,
    completions=4,
    particle_digits=2,
    particles=4,
    sweeps=1,
    samples=4,
    steps=4,
    step_digits=2,
    passes=8,
    repeats=1,
    shown=1_000,
)
