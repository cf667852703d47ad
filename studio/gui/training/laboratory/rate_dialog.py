"""Finds a learning rate: the loss while the rate rises from far too low to far too high, the rate
that is suggested marked in it, and a button that takes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.jobs import Job
from studio.gui.training.laboratory.axes import LogAxis
from studio.gui.training.laboratory.finding_dialog import Changes, FindingDialog
from studio.gui.training.plot import Plot, measured
from studio.gui.widgets import theme
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.training.rate_finding import RateTest, Tried

_ROOM = 1.3  # times the first loss, up to which the picture shows what diverges


class RateCurve(Plot):
    """Losses against the learning rate, each factor of which takes the same room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Loss at each learning rate",
            "The loss while the learning rate rises; the line marks the suggestion",
            "The curve appears with the first steps",
            parent,
            bottom=LogAxis("bottom"),
        )
        self.setLogMode(x=True, y=False)
        self.plotItem.setLabel("bottom", tr("Learning rate"))
        self.each, self.average = self.plot(), self.plot()
        self.suggestion = pg.InfiniteLine(angle=90, movable=False)
        self.suggestion.hide()
        self.addItem(self.suggestion, ignoreBounds=True)
        self.setMinimumSize(420, 240)
        self.paint_colours()

    def show_tried(self, tried: Sequence[Tried]) -> None:
        """The steps so far: the loss of each, and its moving average."""
        tried = [one for one in tried if math.isfinite(one.smoothed)]
        self.empty.setVisible(not tried)
        if not tried:
            return
        rates = np.array([one.rates["rate"] for one in tried])
        average = np.array([one.smoothed for one in tried])
        losses = np.array([one.loss for one in tried])
        self.each.setData(rates, np.where(np.isfinite(losses), losses, np.nan))
        self.average.setData(rates, average)
        low, high = float(average.min()), min(float(average.max()), _ROOM * float(average[0]))
        margin = max(0.05 * (high - low), 1e-3)
        self.setYRange(low - margin, high + margin, padding=0)
        first, last = math.log10(rates[0]), math.log10(rates[-1])
        self.setXRange(first, max(last, first + 1), padding=0.02)

    def show_suggestion(self, rate: float, measure: str) -> None:
        self.suggestion.setPos(math.log10(rate))
        self.suggestion.show()
        self.plotItem.setLabel("left", measured(unit_of(measure)))

    def paint_colours(self) -> None:
        super().paint_colours()
        self.each.setPen(pg.mkPen(theme.colour("line"), width=1))
        self.average.setPen(pg.mkPen(theme.colour("accent"), width=2))
        self.suggestion.setPen(pg.mkPen(theme.colour("evidence"), width=2))


class RateDialog(FindingDialog):
    """job: its mailbox carries the steps so far, its result is a `RateTest`."""

    def __init__(
        self,
        parent: QWidget,
        what: str,
        job: Job[RateTest],
        take: Callable[[Changes], object],
    ) -> None:
        title, use, curve = "Find a learning rate", "Use this rate", RateCurve()
        super().__init__(parent, title, what, job, curve, use, take)
        self.curve = curve
        self.outcome.say(tr("Trying rates from low to high…"))

    def _show(self, tried: Sequence[Tried]) -> None:
        self.curve.show_tried(tried)

    def _propose(self, result: RateTest) -> tuple[Changes, str]:
        self.curve.show_tried(result.tried)
        if result.suggested:
            self.curve.show_suggestion(result.suggested["rate"], result.measure)
        return result.suggested, result.reason
