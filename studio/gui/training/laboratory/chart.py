"""The chart of the laboratory: the same curve of several runs over each other, and beside the
pointer what each of them has there.

Only what is new is drawn, and nothing that cannot be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtWidgets import QWidget

from studio.gui.training.laboratory.axes import LogAxis, unit_of_time
from studio.gui.training.laboratory.readings import Reading, Readings
from studio.gui.training.laboratory.run_colours import MARKS, colour_of
from studio.gui.training.plot import Plot, measured
from studio.gui.widgets import theme
from studio.gui.widgets.translation import tr

TITLES = {"steps": "Steps", "epochs": "Epochs", "time": "Time"}
_HIDDEN_SHARE = 2.0  # percent of the values, the steep beginning, that may leave a linear picture
_MARGIN = 0.05  # of the height, above and below
_Key = tuple[Path, bool]


@dataclass(frozen=True, eq=False)
class Line:
    """A curve: `x` and `y` (N,), the name and folder of its run and the run's place among the
    colours.

    validation: whether it is of the validation part, and has a mark at each value.
    """

    run: str
    folder: Path
    place: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    validation: bool = False

    def at(self, x: float) -> tuple[float, float] | None:
        """The nearest point; None where the curve has not come so far, or begins later."""
        if not len(self.x):
            return None
        slack = (self.x[-1] - self.x[0]) / len(self.x)
        if not self.x[0] - slack <= x <= self.x[-1] + slack:
            return None
        after = int(np.clip(np.searchsorted(self.x, x), 1, max(1, len(self.x) - 1)))
        near = min((after - 1, min(after, len(self.x) - 1)), key=lambda i: abs(self.x[i] - x))
        return float(self.x[near]), float(self.y[near])


class Chart(Plot):
    """`show_lines` takes all that there is to see.

    drawings: how often a curve was drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Curves of the chosen runs",
            "Thick and with marks: on validation data. Point at the curves to read them off",
            "Tick runs in the list to see their curves.",
            parent,
            left=LogAxis("left"),
        )
        self.lines: list[Line] = []
        self.drawings = 0
        self._axis, self._logarithmic = "steps", False
        self._figures = True  # whether the axes have any: an empty chart has none
        self._items: dict[_Key, tuple[Line, pg.PlotDataItem]] = {}
        self.marker = pg.InfiniteLine(angle=90, movable=False)
        self.marker.hide()
        self.addItem(self.marker, ignoreBounds=True)
        self.readings = Readings(self)
        self.scene().sigMouseMoved.connect(self._hover)
        self.paint_colours()

    # ---- what is shown ---------------------------------------------------------------------------

    def show_lines(
        self, lines: Sequence[Line], axis: str, measure: str, logarithmic: bool, nothing: str
    ) -> None:
        """axis: what `x` is, "steps", "epochs" or "time" in seconds. measure: what `y` is, in
        words. nothing: what is said where there is no curve. A line that is the same object as
        before is not drawn again."""
        self._axis = axis
        self.lines = [line for line in lines if len(line.x)]
        wanted = {(line.folder, line.validation): line for line in self.lines}
        other_scale = logarithmic != self._logarithmic
        for key in self._items.keys() - (set() if other_scale else wanted.keys()):
            self.removeItem(self._items.pop(key)[1])
        if other_scale:
            self._logarithmic = logarithmic
            self.setLogMode(x=False, y=logarithmic)
        for key, line in wanted.items():
            self._draw(key, line)
        self.empty.setText(nothing)
        self.empty.setVisible(not self.lines)
        self._label(measure)
        self._fit()

    def _draw(self, key: _Key, line: Line) -> None:
        shown = self._items.get(key)
        if shown is not None and shown[0] is line:
            return
        item = pg.PlotDataItem() if shown is None else shown[1]
        if shown is None:
            self.addItem(item)
        self._items[key] = line, item
        self._set(line, item)
        self.drawings += 1

    def _set(self, line: Line, item: pg.PlotDataItem) -> None:
        colour = colour_of(line.place)
        marked = line.validation or len(line.x) == 1  # a line has two points
        # where it cannot be shown, as 0 on a logarithmic axis, the line has a gap
        y = np.where(line.y > 0, line.y, np.nan) if self._logarithmic else line.y
        item.setData(
            line.x,
            y,
            pen=pg.mkPen(colour, width=2 if line.validation else 1),
            symbol=MARKS[line.place] if marked else None,
            symbolSize=7,
            symbolBrush=colour,
            symbolPen=None,
            antialias=True,
        )

    def _label(self, measure: str) -> None:
        size, unit = unit_of_time(self._last()) if self._axis == "time" else (1.0, "")
        bottom, left = self.getAxis("bottom"), self.getAxis("left")
        for axis, label in (
            (bottom, tr(unit.capitalize() or TITLES[self._axis])),
            (left, measured(measure)),
        ):
            if axis.labelText != label:
                axis.setLabel(label)
        if bottom.scale != 1 / size:
            bottom.setScale(1 / size)
        if self._figures != bool(self.lines):
            self._figures = bool(self.lines)
            for axis in (bottom, left):
                axis.setStyle(showValues=self._figures)

    def _last(self) -> float:
        return max((float(line.x[-1]) for line in self.lines), default=0.0)

    def _fit(self) -> None:
        """All that there is has all the room."""
        if not self.lines:
            return
        values = np.concatenate([line.y for line in self.lines])
        values = values[np.isfinite(values)]
        if self._logarithmic:
            values = np.log10(values[values > 0])
        if not len(values):
            return
        hidden = 0.0 if self._logarithmic else _HIDDEN_SHARE
        low, high = float(values.min()), float(np.percentile(values, 100 - hidden))
        margin = max(_MARGIN * (high - low), 1e-3)
        self.setYRange(low - margin, high + margin, padding=0)
        self.setXRange(0.0, self._last() or 1.0, padding=0.02)

    # ---- reading off -----------------------------------------------------------------------------

    @property
    def being_read(self) -> bool:
        return self.readings.isVisible()

    def _hover(self, place: QPointF) -> None:
        box = self.plotItem.vb
        if not self.lines or not box.sceneBoundingRect().contains(place):
            self._leave()
            return
        x = box.mapSceneToView(place).x()
        found: dict[Path, Reading] = {}
        nearest = []
        for line in self.lines:
            if (point := line.at(x)) is None:
                continue
            at, value = point
            known = found.get(line.folder, Reading(line.run, line.place))
            found[line.folder] = known.with_value(value, line.validation)
            if not line.validation:
                nearest.append(at)
        if not found:
            self._leave()
            return
        at = min(nearest, key=lambda one: abs(one - x), default=x)
        self.marker.setPos(at)
        self.marker.show()
        self.readings.show_readings(self._in_words(at), list(found.values()))
        left = self.readings.width() + 16 > self.width() - self.mapFromScene(place).x()
        self.readings.place(left, box.sceneBoundingRect().toRect())

    def _in_words(self, x: float) -> str:
        if self._axis == "steps":
            return f"Step {x:,.0f}"
        if self._axis == "epochs":
            return f"Epoch {x:.2f}"
        size, unit = unit_of_time(self._last())
        return f"{x / size:.1f} {unit}"

    def _leave(self) -> None:
        self.marker.hide()
        self.readings.hide()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave()

    # ---- light and dark --------------------------------------------------------------------------

    def paint_colours(self) -> None:
        super().paint_colours()
        self.marker.setPen(pg.mkPen(theme.colour("muted"), width=1))
        for line, item in self._items.values():
            self._set(line, item)
