"""Finds a batch for the device: examples a second while the batch grows, the one that is proposed
marked, and a button that takes it with the rates that go with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from studio.engine.runtime.jobs import Job
from studio.gui.training.laboratory.axes import LogAxis
from studio.gui.training.laboratory.finding_dialog import Changes, FindingDialog
from studio.gui.training.plot import Plot
from studio.gui.widgets import theme
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.training.batch_finding import Measured, Proposal


class BatchCurve(Plot):
    """Examples a second against the batch, each factor of which takes the same room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Examples a second with each batch",
            "How many examples are learnt from in a second; the line marks the suggestion",
            "The curve appears with the first batch",
            parent,
            bottom=LogAxis("bottom"),
        )
        self.setLogMode(x=True, y=False)
        self.plotItem.setLabel("bottom", tr("Batch"))
        self.plotItem.setLabel("left", tr("Examples a second"))
        self.line = self.plot(symbol="o", symbolSize=7)
        self.suggestion = pg.InfiniteLine(angle=90, movable=False)
        self.suggestion.hide()
        self.addItem(self.suggestion, ignoreBounds=True)
        self.setMinimumSize(420, 240)
        self.paint_colours()

    def show_measured(self, measured: Sequence[Measured]) -> None:
        """The batches so far."""
        self.empty.hide()
        batches = np.array([each.batch for each in measured], float)
        speeds = np.array([each.examples_per_second for each in measured])
        self.line.setData(batches, speeds)
        self.setYRange(0, float(speeds.max()), padding=0.05)
        first = math.log10(batches[0])
        self.setXRange(first, max(math.log10(batches[-1]), first + 0.5), padding=0.05)

    def show_suggestion(self, batch: int) -> None:
        self.suggestion.setPos(math.log10(batch))
        self.suggestion.show()

    def paint_colours(self) -> None:
        super().paint_colours()
        self.line.setPen(pg.mkPen(theme.colour("accent"), width=2))
        self.line.setSymbolPen(pg.mkPen(theme.colour("accent")))
        self.line.setSymbolBrush(pg.mkBrush(theme.colour("accent")))
        self.suggestion.setPen(pg.mkPen(theme.colour("evidence"), width=2))


class BatchDialog(FindingDialog):
    """job: its mailbox carries the batches so far, its result is a `Proposal`."""

    nothing_is_wrong = False  # the batch of the recipe is a good one then

    def __init__(
        self,
        parent: QWidget,
        what: str,
        job: Job[Proposal],
        take: Callable[[Changes], object],
    ) -> None:
        title, use, curve = "Find a batch", "Use this batch", BatchCurve()
        super().__init__(parent, title, what, job, curve, use, take)
        self.curve = curve
        self.outcome.say(tr("Trying larger and larger batches…"))

    def _show(self, tried: Sequence[Measured]) -> None:
        self.curve.show_measured(tried)

    def _propose(self, result: Proposal) -> tuple[Changes, str]:
        self.curve.show_measured(result.measured)
        self.curve.show_suggestion(result.batch)
        if result.batch == result.measured[0].batch:
            return {}, result.reason
        return {"batch": result.batch, **result.rates}, result.reason
