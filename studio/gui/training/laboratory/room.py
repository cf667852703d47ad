"""What the page of the laboratory has on it, once pyqtgraph and the engine's part are there: the
runs and the queue at the left, their curves or the table of a sweep, and samples under them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.gui.training.laboratory.chart import TITLES, Chart
from studio.gui.training.laboratory.lines import Lines, measure_of
from studio.gui.training.laboratory.queue_pane import QueuePane
from studio.gui.training.laboratory.run_list import RunList
from studio.gui.training.laboratory.samples import Samples
from studio.gui.training.laboratory.seen import COLUMNS, Sight
from studio.gui.training.laboratory.smoothing import STRONGEST
from studio.gui.training.laboratory.sweep_table import SweepTable
from studio.gui.training.laboratory.watching import Wanted, Watching
from studio.gui.widgets.controls import Chip, ChoiceBox, described, offer, slider
from studio.gui.widgets.file_dialogs import ask_folder
from studio.gui.widgets.flow_layout import FlowLayout, together
from studio.gui.widgets.translation import tr

_POLL = 250  # ms between two looks for news
_SMOOTH = 50  # steps of the slider
_CHOOSE = "Choose a run in the list first."
_LEFT, _RIGHT = 250, 560  # pixels of width,
_ABOVE, _BELOW = 400, 200  # and of height


class Room(QWidget):
    """Signals: checkpoint_wanted(Path); duplicate_wanted and sweep_wanted(Seen);
    queue_start_wanted(); told(sentence); failed(sentence, traceback or "").

    sight: what is shown.
    """

    checkpoint_wanted = Signal(object)
    duplicate_wanted = Signal(object)
    sweep_wanted = Signal(object)
    queue_start_wanted = Signal()
    told = Signal(str)
    failed = Signal(str, str)

    def __init__(self, watching: Watching, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.watching = watching
        self.sight = Sight()
        self._lines = Lines()
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)
        left, right = self._make_left(), self._make_right()
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(left)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([_LEFT, _RIGHT])
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.addWidget(halves)
        self._connect()
        self._show_buttons()

    # ---- building --------------------------------------------------------------------------------

    def _make_left(self) -> QWidget:
        self.runs, self.queue = RunList(), QueuePane()
        self.runs_chip, self.queue_chip = Chip("Runs"), Chip("Queue")
        described(self.runs_chip, "Runs", "The runs there are")
        described(self.queue_chip, "Queue", "The trainings that wait for their turn")
        self._sides = QButtonGroup(self)
        self.left = QStackedWidget()
        self.duplicate = described(
            QPushButton("Duplicate and change…"),
            "Duplicate and change",
            "Open the training form with the model, the recipe and the settings of this run",
        )
        self.sweep = described(
            QPushButton("Sweep…"), "Sweep", "Train it several times, with other settings each time"
        )
        self.open_folder = described(
            QPushButton("Open folder…"),
            "Open folder",
            "Watch a run that lies elsewhere, or is trained by another program or machine",
        )
        of_runs = QWidget()
        column = QVBoxLayout(of_runs)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.runs, 1)
        column.addWidget(self.duplicate)
        line = QHBoxLayout()
        line.addWidget(self.sweep, 1)
        line.addWidget(self.open_folder, 1)
        column.addLayout(line)
        for number, (chip, widget) in enumerate(
            ((self.runs_chip, of_runs), (self.queue_chip, self.queue))
        ):
            self._sides.addButton(chip, number)
            self.left.addWidget(widget)
        self.runs_chip.setChecked(True)
        made = QWidget()
        whole = QVBoxLayout(made)
        whole.setContentsMargins(0, 0, 4, 0)
        chips = QHBoxLayout()
        chips.addWidget(self.runs_chip)
        chips.addWidget(self.queue_chip)
        chips.addStretch(1)
        whole.addLayout(chips)
        whole.addWidget(self.left, 1)
        made.setMinimumWidth(210)
        return made

    def _make_right(self) -> QWidget:
        self.what = described(ChoiceBox(), "Curve", "What the curves show")
        for name in COLUMNS:
            self.what.addItem(tr(name.capitalize()), name)
        self.axis = described(ChoiceBox(), "Along", "What the curves are drawn along")
        for name, title in TITLES.items():
            self.axis.addItem(tr(title), name)
        self.logarithmic = described(
            Chip("Log scale"),
            "Logarithmic values",
            "Each factor takes the same room: shows small differences between good runs",
        )
        self.logarithmic.setChecked(True)
        self.smoothing = slider(
            "Smoothing", "Average each value with those before it", _SMOOTH, 0, 60
        )
        label = QLabel("Smoothing")
        label.setBuddy(self.smoothing)
        self.table_chip = described(
            Chip("Table"), "Table", "The runs of a sweep as a table that sorts"
        )
        bar = FlowLayout(spacing=6)
        for part in (
            self.what,
            self.axis,
            self.logarithmic,
            together(label, self.smoothing),
            self.table_chip,
        ):
            bar.addWidget(part)
        self.chart, self.table, self.samples = Chart(), SweepTable(), Samples()
        self.chart.setMinimumSize(260, 160)
        self.above = QStackedWidget()
        self.above.addWidget(self.chart)
        self.above.addWidget(self.table)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.addWidget(self.above)
        both.addWidget(self.samples)
        both.setStretchFactor(0, 2)
        both.setStretchFactor(1, 1)
        both.setSizes([_ABOVE, _BELOW])
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(4, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(both, 1)
        return made

    def _connect(self) -> None:
        self._sides.idToggled.connect(self._show_side)
        self.runs.chosen_changed.connect(self._choose)
        self.runs.currentItemChanged.connect(lambda *_: self._show_buttons())
        self.runs.refused.connect(self.told)
        self.duplicate.clicked.connect(lambda: self.duplicate_wanted.emit(self.runs.current))
        self.sweep.clicked.connect(lambda: self.sweep_wanted.emit(self.runs.current))
        self.open_folder.clicked.connect(self._ask_for_folder)
        for box in (self.what, self.axis):
            box.currentIndexChanged.connect(self._draw)
        self.logarithmic.toggled.connect(self._draw)
        self.smoothing.valueChanged.connect(self._draw)
        self.table_chip.toggled.connect(self._show_table)
        self.table.chosen.connect(lambda folder: self.runs.choose([folder]))
        self.samples.epoch_wanted.connect(self._want)
        self.samples.checkpoint_wanted.connect(self.checkpoint_wanted)
        self.queue.move_wanted.connect(
            lambda entry, place: self.watching.with_queue(lambda queue: queue.move(entry, place))
        )
        self.queue.remove_wanted.connect(
            lambda entry: self.watching.with_queue(lambda queue: queue.remove(entry))
        )
        self.queue.start_wanted.connect(self.queue_start_wanted)

    # ---- what the window asks for ----------------------------------------------------------------

    def in_order(self) -> list[QWidget]:
        """Its controls, as Tab goes through them: row by row, from the top."""
        return [
            self.runs_chip,
            self.queue_chip,
            self.what,
            self.axis,
            self.logarithmic,
            self.smoothing,
            self.table_chip,
            self.runs,
            self.queue.list,
            self.table.sweep,
            self.table.table,
            self.samples.slider,
            self.duplicate,
            self.sweep,
            self.open_folder,
            self.queue.up,
            self.queue.down,
            self.queue.remove,
            self.queue.start,
        ]

    def open(self, folder: Path) -> None:
        """Watch a run that lies elsewhere."""
        self.watching.open(folder)
        self.runs.wait_for(folder)
        self.runs_chip.setChecked(True)

    # ---- news ------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _look(self) -> None:
        if (failure := self.watching.failures.take()) is not None:
            self.failed.emit(*failure)
        if (sight := self.watching.mailbox.take()) is not None:
            self._show(sight)

    def _show(self, sight: Sight) -> None:
        """Each part draws only what is new to it."""
        self.sight = sight
        self.runs.show_runs(sight.runs)
        self.queue.show_entries(sight.queue, sight.working)
        self.table.show_sight(sight)
        self._show_buttons()
        self._draw()
        self._show_samples()

    def _choose(self) -> None:
        """Other runs are ticked."""
        self._draw()
        self._show_samples()
        self._want()

    def _want(self) -> None:
        chosen = tuple(run.folder for run in self.runs.chosen)
        self.watching.show(Wanted(chosen, self.samples.epoch))

    def _draw(self) -> None:
        runs, what = self.runs.chosen, self.what.currentData()
        strength = STRONGEST * self.smoothing.value() / _SMOOTH
        lines = self._lines.of(runs, self.runs.places, what, self.axis.currentData(), strength)
        nothing = tr("Tick runs in the list to see their curves.")
        if runs:
            nothing = tr("The curves appear with the first steps.")
            if what != "loss" and any(run.curves for run in runs):
                nothing = tr("These runs have kept none: they were trained by an earlier version.")
        measure = measure_of(runs, what)
        logarithmic = self.logarithmic.isChecked()
        self.chart.show_lines(lines, self.axis.currentData(), measure, logarithmic, nothing)

    def _show_samples(self) -> None:
        before = self.samples.epoch
        self.samples.show_samples(self.runs.chosen, self.runs.places, self.sight.pictures)
        if self.samples.epoch != before:  # it has gone with the run that had it
            self._want()

    def _show_side(self, side: int, on: bool) -> None:
        if on:  # by a click, or because something was put into the queue
            self.left.setCurrentIndex(side)

    def _show_table(self, on: bool) -> None:
        self.above.setCurrentIndex(int(on))
        for part in (self.what, self.axis, self.logarithmic, self.smoothing):
            offer(part, not on, "Of the curves: turn the table off first.")

    def _show_buttons(self) -> None:
        for button in (self.duplicate, self.sweep):
            offer(button, self.runs.current is not None, _CHOOSE)

    def _ask_for_folder(self) -> None:
        folder = ask_folder(self, tr("Open the folder of a run"), "run")
        if folder is not None:
            self.open(folder)
