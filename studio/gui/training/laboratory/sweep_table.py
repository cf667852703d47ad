"""What came of a sweep: its runs with what is their own and how well they did. A click on a heading
sorts; a click on a row puts the run into the chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.texts import shortened
from studio.gui.training.laboratory.seen import Sight
from studio.gui.training.placeholder import placeholder
from studio.gui.training.plot import measured
from studio.gui.widgets import tips
from studio.gui.widgets.controls import ChoiceBox, described
from studio.gui.widgets.translation import tr

_FOLDER, _VALUE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_NONE = "No sweep yet.\n\nChoose a run and press Sweep… to train it with several settings."
_LONGEST = 40  # characters of a cell


@dataclass(frozen=True)
class Row:
    """A run of a sweep, or what waits to become one, which has no folder yet. changes: what is its
    own, by setting, as text; best: its best figure on the validation part, None before there is
    one."""

    sweep: str
    name: str
    folder: Path | None
    state: str
    changes: Mapping[str, str]
    measure: str = ""
    best: float | None = None
    epoch: float = 0.0
    seconds: float = 0.0
    error: str = ""


def rows_of(sight: Sight) -> list[Row]:
    """All rows of all sweeps: the runs, then what has not become one."""
    rows = [
        Row(
            run.sweep,
            run.name,
            run.folder,
            run.state,
            run.changes,
            run.measure,
            run.best,
            run.epoch,
            run.seconds,
            run.last_error,
        )
        for run in sight.runs
        if run.sweep
    ]
    begun = {row.folder for row in rows}
    for entry in sight.queue:
        sweep, changes = entry.request.get("sweep"), entry.request.get("changes")
        if sweep and isinstance(changes, dict) and (not entry.run or Path(entry.run) not in begun):
            rows.append(Row(str(sweep), entry.name, None, entry.state, changes, error=entry.error))
    return rows


class SweepTable(QWidget):
    """Signal: chosen(Path), the folder of the run that was clicked on."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._headings: list[str] = []
        self._wanted = ""  # the sweep to be listed as soon as there is anything of it
        self.sweep = described(ChoiceBox(), "Sweep", "The sweep whose runs are listed")
        self.sweep.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.sweep.currentIndexChanged.connect(self._fill)
        self.table = described(
            QTableWidget(),
            "Runs of the sweep",
            "Click on a heading to sort, on a row to see its curve",
        )
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        rows = self.table.verticalHeader()
        rows.hide()
        rows.setDefaultSectionSize(self.table.fontMetrics().lineSpacing() + 8)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.table.setSortingEnabled(True)
        for clicked in (self.table.itemClicked, self.table.itemActivated):
            clicked.connect(lambda item: self._choose(item.row()))
        self.empty = placeholder(self.table, tr(_NONE))
        top = QHBoxLayout()
        label = QLabel("Sweep")
        label.setBuddy(self.sweep)
        top.addWidget(label)
        top.addWidget(self.sweep)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        self._fill()

    def show_sight(self, sight: Sight) -> None:
        """The rows of all sweeps that there are; those of the chosen one are listed."""
        if (rows := rows_of(sight)) == self._rows:
            return
        self._rows = rows
        names = list(dict.fromkeys(row.sweep for row in rows))
        if names != [self.sweep.itemText(row) for row in range(self.sweep.count())]:
            chosen = self._wanted if self._wanted in names else self.sweep.currentText()
            self._wanted = "" if chosen == self._wanted else self._wanted
            self.sweep.blockSignals(True)
            self.sweep.clear()
            self.sweep.addItems(names)
            self.sweep.setCurrentIndex(max(0, self.sweep.findText(chosen)))
            self.sweep.blockSignals(False)
        self._fill()

    def choose(self, sweep: str) -> None:
        """List the runs of this one, as soon as there are any."""
        self._wanted = sweep

    def _fill(self) -> None:
        self.sweep.setEnabled(self.sweep.count() > 0)
        rows = [row for row in self._rows if row.sweep == self.sweep.currentText()]
        keys = list(dict.fromkeys(key for row in rows for key in row.changes))
        unit = next((unit_of(row.measure) for row in rows if row.measure), tr("best"))
        headings = [*keys, measured(unit), tr("Epochs"), tr("Minutes"), tr("State")]
        header, scrolled = self.table.horizontalHeader(), self.table.verticalScrollBar().value()
        by, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        if len(headings) != len(self._headings):  # another sweep: the best first
            by, order = len(keys), Qt.SortOrder.AscendingOrder
        self._headings = headings
        self.table.setSortingEnabled(False)  # else each cell that is filled in moves its row
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(len(headings))
        self.table.setHorizontalHeaderLabels(headings)
        for number, row in enumerate(rows):
            cells = [_Cell(row.changes.get(key, "")) for key in keys]
            cells.append(_Cell("" if row.best is None else f"{row.best:.4f}", row.best))
            cells.append(_Cell(f"{row.epoch:.3g}" if row.epoch else "", row.epoch))
            cells.append(_Cell(f"{row.seconds / 60:.1f}" if row.seconds else "", row.seconds))
            cells.append(_Cell(row.state))
            for column, cell in enumerate(cells):
                cell.setData(_FOLDER, None if row.folder is None else str(row.folder))
                cell.setToolTip(tips.plain(row.name, row.error or row.state))
                self.table.setItem(number, column, cell)
        self.table.sortByColumn(by, order)
        self.table.setSortingEnabled(True)
        self.table.verticalScrollBar().setValue(scrolled)
        self.empty.setVisible(not rows)

    def _choose(self, row: int) -> None:
        item = self.table.item(row, 0)
        if item is not None and (folder := item.data(_FOLDER)):
            self.chosen.emit(Path(folder))


class _Cell(QTableWidgetItem):
    """Sorted by its number, where it has one; what has none comes after those that have."""

    def __init__(self, text: str, value: float | None = None) -> None:
        super().__init__(shortened(text, _LONGEST))
        try:
            value = float(text) if value is None else value
        except ValueError:
            value = None
        self.setData(_VALUE, value)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return bool(_rank(self) < _rank(other))


def _rank(cell: QTableWidgetItem) -> tuple[bool, float, str]:
    value = cell.data(_VALUE)
    return value is None, 0.0 if value is None else float(value), cell.text()
