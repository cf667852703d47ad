"""From what is seen of runs to the lines of the chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from studio.engine.checkpoints.words import unit_of
from studio.gui.training.laboratory.chart import Line
from studio.gui.training.laboratory.seen import COLUMNS, Curve, Seen
from studio.gui.training.laboratory.smoothing import smoothed
from studio.gui.widgets.translation import tr

_Made = tuple[Curve, tuple[object, ...], Line]


class Lines:
    """Makes them, and makes none anew that is the same as before: the chart draws only new ones."""

    def __init__(self) -> None:
        self._made: dict[tuple[Path, str], _Made] = {}

    def of(
        self,
        runs: Sequence[Seen],
        places: Mapping[Path, int],
        what: str,
        axis: str,
        strength: float,
    ) -> list[Line]:
        """what: one of `COLUMNS`. strength: of the smoothing, of all but the validation."""
        found: dict[tuple[Path, str], _Made] = {}
        for run in runs:
            for number, column in enumerate(COLUMNS[what]):
                validation = number > 0
                if (curve := run.curves.get(column)) is None:
                    continue
                asked = (places[run.folder], axis, 0.0 if validation else strength, run.name)
                before = self._made.get((run.folder, column))
                if before is None or before[0] is not curve or before[1] != asked:
                    values = curve.values if validation else smoothed(curve.values, strength)
                    place, along = places[run.folder], curve.along(axis)
                    known = np.isfinite(along)  # a table from elsewhere may lack the seconds
                    x, y = along[known], values[known]
                    line = Line(run.name, run.folder, place, x, y, validation)
                    before = curve, asked, line
                found[run.folder, column] = before
        self._made = found
        return [line for _, _, line in found.values()]


def measure_of(runs: Sequence[Seen], what: str) -> str:
    """What the values of such lines are, in words."""
    if what != "loss":
        return what
    units = dict.fromkeys(unit_of(run.measure) for run in runs if run.measure)
    return tr("{unit} (●: validation)").format(unit=", ".join(units)) if units else what
