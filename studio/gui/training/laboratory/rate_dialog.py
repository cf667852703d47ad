"""Finds a learning rate: the loss while the rate rises from far too low to far too high, the rate
that is suggested marked in it, and a button that takes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.jobs import Job, State
from studio.gui.training.laboratory.axes import LogAxis
from studio.gui.training.laboratory.ending import Outcome, ending
from studio.gui.training.plot import Plot, measured
from studio.gui.widgets import theme
from studio.gui.widgets.controls import described
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.training.rate_finding import RateTest, Tried

_POLL = 200  # ms
_ROOM = 1.3  # times the first loss, up to which the picture shows what diverges
Rates = Mapping[str, float]


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


class RateDialog(QDialog):
    """what: the model and its data, in words. job: tries rates, and begins here; its mailbox
    carries the steps so far, its result is a `RateTest`. Whoever made it waits for its end: the
    dialog cancels it when it is closed. take: gets the rates that the person wants, by their names
    in the recipe.
    """

    def __init__(
        self,
        parent: QWidget,
        what: str,
        job: Job[RateTest],
        take: Callable[[Rates], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Find a learning rate"))
        self.job, self._take = job, take
        self.rates: Rates = {}
        self.curve = RateCurve()
        self.outcome = described(Outcome(3), "Suggestion", "The learning rate that is suggested")
        self.use = QPushButton(tr("Use this rate"))
        self.use.setToolTip(tr("Write it into the form of the training"))
        self.use.setEnabled(False)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(QLabel(what, textFormat=Qt.TextFormat.PlainText, wordWrap=True))
        column.addWidget(self.curve, 1)
        column.addWidget(self.outcome)
        column.addWidget(ending(self, self.use, "Keep the rate that the form has (Escape)"))
        self.outcome.say(tr("Trying rates from low to high…"))
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)
        self.job.start()
        self._timer.start()

    def _look(self) -> None:
        over = self.job.state.over and self.job.join(0)
        if (tried := self.job.mailbox.take()) is not None:
            self.curve.show_tried(tried)
        if not over:
            return
        self._timer.stop()
        if (test := self.job.result) is None:
            self.outcome.say(self.job.message, wrong=self.job.state is State.FAILED)
            return
        self.curve.show_tried(test.tried)
        self.outcome.say(test.reason, wrong=not test.suggested)
        if test.suggested:
            self.rates = test.suggested
            self.curve.show_suggestion(self.rates["rate"], test.measure)
            self.use.setEnabled(True)
            self.use.setDefault(True)
            self.use.setFocus()

    def accept(self) -> None:
        self._take(self.rates)
        super().accept()

    def done(self, result: int) -> None:
        """However it is closed, the job is to end."""
        self._timer.stop()
        self.job.cancel()
        super().done(result)
