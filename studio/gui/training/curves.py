"""The curves of a training: bits/dim in training and on
the validation part of the data, against epochs.

Drawing curves costs the training time, so it happens only where there is something new, three times
a second at most, and never while nobody can see it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from studio.engine.checkpoints.words import unit_of
from studio.gui.training.laboratory.axes import LogAxis
from studio.gui.training.plot import Plot, measured
from studio.gui.widgets import theme

if TYPE_CHECKING:
    from studio.engine.training.callbacks import Progress

# ms after news in which they are drawn: not at once, for the rest of the window draws them then
_LATER = 350
_HIDDEN_SHARE = (
    2.0  # percent of the training curve, its steep beginning, that may leave the picture at the top
)


class TrainingCurves(Plot):
    """`offer` takes the news and draws them a little later, `refresh` at once.

    drawings: how often the curves were drawn.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Curves of the training",
            "Bits for each value, on training and on validation data: lower is better",
            "The curve appears with the first steps",
            parent,
            bottom=LogAxis("bottom"),
        )
        self.drawings = 0
        self._news: Progress | None = None
        self._shown: tuple[int, int] = (0, 0)  # points in either curve
        self._timer = QTimer(self, singleShot=True, interval=_LATER)
        self._timer.timeout.connect(self.refresh)
        self._logarithmic = False
        self.plotItem.setLabel("bottom", "Epochs")
        self.plotItem.setLabel("left", "Bits/dim")
        self.legend = self.addLegend(offset=(-8, 4))
        self.training = self.plot(name="training")
        self.validation = self.plot(name="validation", symbol="o", symbolSize=6)
        self.paint_colours()

    def clear_curves(self) -> None:
        """Nothing to show: a new training begins."""
        self.empty.show()
        self._news, self._shown = None, (0, 0)
        self.training.setData([], [])
        self.validation.setData([], [])

    def set_logarithmic(self, on: bool) -> None:
        """Whether each factor of ten in epochs takes the same room,
        so that the first steps can be seen."""
        self._logarithmic, self._shown = on, (0, 0)
        self.setLogMode(x=on, y=False)
        self.refresh()

    def offer(self, progress: Progress) -> None:
        """Take the news, to be drawn with those that come until then."""
        self._news = progress
        if not self._timer.isActive():
            self._timer.start()
        label = measured(unit_of(progress.measure))
        if label != self.getAxis("left").labelText:
            self.plotItem.setLabel("left", label)

    def refresh(self) -> None:
        """Draw what is new, where it can be seen."""
        self._timer.stop()
        if (news := self._news) is None or not self.isVisible():
            return
        points = (len(news.history), len(news.validation_history))
        if points == self._shown:
            return
        self._shown = points
        self.drawings += 1
        steps_per_epoch = news.step / news.epoch if news.epoch else 1.0
        steps, losses = _columns(news.history)
        epochs, scores = _columns(news.validation_history)
        steps = steps / steps_per_epoch
        alone = len(steps) == 1  # a line has two points
        self.training.setData(steps, losses, symbol="o" if alone else None, symbolSize=6)
        self.validation.setData(epochs, scores)
        both = np.concatenate([losses, scores])
        if len(both):
            top = np.percentile(both, 100 - _HIDDEN_SHARE)
            margin = max(0.05 * (top - both.min()), 1e-3)
            self.setYRange(both.min() - margin, top + margin, padding=0)
        # what there is has all the room, and not what is still to come
        first, last = 0.0, max([*steps[-1:], *epochs[-1:]], default=news.epochs) or 1e-3
        self.empty.setVisible(not len(both))
        if self._logarithmic:  # pyqtgraph then counts in powers of ten
            first, last = (
                math.log10(max(epoch, 1e-6)) for epoch in (min([last / 10, *steps[:1]]), last)
            )
        self.setXRange(first, last, padding=0.02)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def paint_colours(self) -> None:
        super().paint_colours()
        accent, warm = theme.colour("accent"), theme.colour("evidence")
        self.training.setPen(pg.mkPen(accent, width=1))
        self.validation.setPen(pg.mkPen(warm, width=2, style=Qt.PenStyle.SolidLine))
        self.validation.setSymbolBrush(warm)
        self.validation.setSymbolPen(None)
        for _, label in self.legend.items:
            label.setText(label.text, color=self.palette().windowText().color().name())


def _columns(
    pairs: list[tuple[int, float]] | list[tuple[float, float]],
) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(pairs, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]
