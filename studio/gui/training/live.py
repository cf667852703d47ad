"""What is seen of a training: how far it is, in figures and words,
its curves, and samples of each epoch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from studio.engine.checkpoints.words import meaning_of, unit_of
from studio.engine.runtime.texts import shortened
from studio.gui.training.curves import TrainingCurves
from studio.gui.training.sample_strip import SampleStrip
from studio.gui.training.times import time_left
from studio.gui.widgets import tips
from studio.gui.widgets.controls import Chip, described
from studio.gui.widgets.info_mark import InfoMark
from studio.gui.widgets.painted import painted

if TYPE_CHECKING:
    from studio.engine.training.callbacks import Progress
    from studio.engine.training.runs import Run

_BAR = 1000
_LONGEST = 200  # characters of a sentence
_LOWEST = 150  # pixels of height in which a curve still says something


class TrainingLive(QWidget):
    """`begin` with a run, `show_progress` as it comes, `say` how it stands, `end` it.

    Signals: stop_wanted(), open_wanted(), and settings_wanted() for the form of the next training.
    """

    stop_wanted = Signal()
    settings_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run: Run | None = None
        self._seen: tuple[int, object] = (-1, None)  # looks at the model so far
        self.standing = described(
            Sentence(),
            "State of the training",
            "What is being trained, and how far it has come",
        )
        self.stop = described(
            QPushButton("Stop and keep"),
            "Stop and keep",
            "Stop and keep the model; it can be resumed later",
        )
        self.open = QPushButton("Open in the stage")
        self.settings = described(
            QPushButton("Next training…"), "Next training", "Start another training, or resume one"
        )
        self.settings.clicked.connect(self.settings_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.bar = described(
            QProgressBar(maximum=_BAR),
            "Progress of the training",
            "How much of the training is done",
        )
        self.figures = described(
            Figures(),
            "Figures of the training",
            (
                "Bits/dim or bits/sample of the last steps, and of the validation data"
                " after each epoch"
            ),
        )
        self.meaning = InfoMark("What the figures mean")
        bold = self.standing.font()
        bold.setBold(True)
        self.standing.setFont(bold)
        self.curves = TrainingCurves()
        self.logarithmic = described(
            Chip("Log scale"),
            "Logarithmic epochs",
            "Logarithmic scale: shows the first epochs in more detail",
        )
        self.logarithmic.toggled.connect(self.curves.set_logarithmic)
        self.strip = SampleStrip()
        both = QSplitter(Qt.Orientation.Horizontal)
        both.setChildrenCollapsible(False)
        both.addWidget(self.curves)
        both.addWidget(self.strip)
        both.setSizes([500, 420])
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 1)
        self.curves.setMinimumSize(220, _LOWEST)
        self.strip.setMinimumSize(130, _LOWEST)
        top = QHBoxLayout()
        top.addWidget(self.standing, 1)
        top.addWidget(self.settings)
        top.addWidget(self.stop)
        top.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.bar)
        line = QHBoxLayout()
        line.addWidget(self.figures, 1)
        line.addWidget(self.meaning)
        line.addWidget(self.logarithmic)
        column.addLayout(line)
        column.addWidget(both, 1)

    def begin(self, run: Run, watch: str) -> None:
        """A training has been started, or goes on;
        watch: what can be done with its model."""
        self.run = run
        described(self.open, self.open.text(), f"{watch} as it is after its latest epoch")
        self._seen = (-1, None)
        self.bar.setValue(0)
        self.bar.setFormat("%p%")
        self.figures.show_parts([])
        self.curves.clear_curves()
        self.strip.clear()
        self.stop.setEnabled(True)
        self.stop.show()
        self.look_at_files()

    def say(self, text: str) -> None:
        self.standing.setText(shortened(text, _LONGEST))
        self.standing.setToolTip(tips.plain(text))  # all of it, where the dock is narrow

    def end(self, outcome: str) -> None:
        """The training is over, or was stopped."""
        self.say(outcome)
        self.stop.setEnabled(False)
        self.stop.hide()  # its room is for the outcome
        self.bar.setFormat("%p%")
        self.look_at_files()

    def show_progress(self, progress: Progress) -> None:
        """The figures at once, the curves when it is time for them."""
        self.bar.setValue(round(_BAR * progress.share))
        left = progress.seconds_left
        self.bar.setFormat(
            "%p%" if left is None or progress.share == 1 else f"%p%  ·  {time_left(left)}"
        )
        self.figures.show_parts(in_figures(progress))
        self.meaning.explain(meaning_of(progress.measure))
        self.curves.offer(progress)
        count, samples = len(progress.validation_history), progress.samples
        if count != self._seen[0] or samples is not self._seen[1]:
            self._seen = count, samples
            self.look_at_files()

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now; it may be the one that is shown."""
        if self.run is not None and self.run.folder == old:
            self.run = replace(self.run, folder=new)
            self.look_at_files()

    def look_at_files(self) -> None:
        """What the run's folder has by now."""
        if self.run is not None:
            self.strip.show_files(self.run.sample_files())
            self.open.setEnabled(self.run.latest.is_file())


class Sentence(QLabel):
    """A line that ends in an ellipsis where the dock is narrow; its tooltip has it all."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def seen(self) -> str:
        """As much of it as there is room for."""
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.drawText(self.contentsRect(), self.alignment(), self.seen)


class Figures(QLabel):
    """A line of figures, what matters most first: those at
    the end are left out where there is no room for them."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: list[str]) -> None:
        self._parts = parts
        self.setAccessibleDescription(", ".join(parts))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = ["  ·  ".join(self._parts[:count]) for count in range(len(self._parts), 0, -1)]
        fitting = (
            line for line in lines if self.fontMetrics().horizontalAdvance(line) <= self.width()
        )
        self.setText(next(fitting, lines[-1] if lines else ""))


def in_figures(progress: Progress) -> list[str]:
    """Such as: Epoch 1.50 of 4, 0.0912 bits/dim, validation 0.0902,
    900 examples/s, step 2,800 of 7,500."""
    parts = [f"Epoch {progress.in_epochs}"]
    if progress.loss is not None:
        parts.append(f"{progress.loss:.4f} {unit_of(progress.measure)}")
    if progress.validation is not None:
        parts.append(f"validation {progress.validation:.4f}")
    if progress.examples_per_second is not None:
        parts.append(f"{progress.examples_per_second:,.0f} examples/s")
    parts.append(f"step {progress.in_steps}")
    return parts
