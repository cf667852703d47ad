"""The list of the runs: which of them are in the chart, and how each stands. It is the legend too:
what is ticked has its colour and mark before its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.texts import shortened
from studio.gui.training.laboratory.run_colours import MOST, SWATCH, swatch
from studio.gui.training.laboratory.seen import Seen
from studio.gui.training.placeholder import placeholder
from studio.gui.widgets import theme, tips
from studio.gui.widgets.controls import described
from studio.gui.widgets.translation import tr

_FOLDER = Qt.ItemDataRole.UserRole
_LONGEST = 60  # characters of a name
_TICKED, _UNTICKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_NONE = "No runs yet.\n\nTrain a model, or open the folder of a run from elsewhere."


class _Rows(QStyledItemDelegate):
    """Rows whose boxes can be seen in a dark window too: Qt draws their outline in a shade of the
    window's ground."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.Window, theme.colour("muted"))


class RunList(QListWidget):
    """Signals: chosen_changed(), when other runs are ticked; refused(sentence)."""

    chosen_changed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        described(self, "Runs", "Tick runs to see their curves and samples")
        self.places: dict[Path, int] = {}  # of the ticked runs, among the colours
        self._runs: dict[Path, Seen] = {}
        self._ready = False  # whether there were runs already
        self._awaited: Path | None = None  # to be ticked as soon as it is listed
        self.setItemDelegate(_Rows(self))
        self.setIconSize(SWATCH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSpacing(1)
        self.itemChanged.connect(self._tick)
        self.empty = placeholder(self, tr(_NONE))

    # ---- what is there ---------------------------------------------------------------------------

    def show_runs(self, runs: Sequence[Seen]) -> None:
        """Rows keep their places; the first time the newest run is ticked, and all that are being
        trained."""
        self._runs = {run.folder: run for run in runs}
        with QSignalBlocker(self):
            if [run.folder for run in runs] != self._folders():
                self._fill(runs)
            for row, run in enumerate(runs):
                self._write(self.item(row), run)
        self.empty.setVisible(not runs)
        if gone := self.places.keys() - self._runs.keys():
            for folder in gone:
                del self.places[folder]
            self.chosen_changed.emit()
        if runs and not self._ready:
            self._ready = True
            running = [run.folder for run in runs if run.state == "running"]
            self.choose(running or [runs[0].folder])
        if (awaited := self._awaited) in self._runs and awaited is not None:
            self._awaited = None
            self.choose([awaited])

    def wait_for(self, folder: Path) -> None:
        """Tick a run as soon as it is listed."""
        self._awaited = folder

    @property
    def chosen(self) -> list[Seen]:
        """The ticked runs, in their order."""
        return [run for run in self._runs.values() if run.folder in self.places]

    @property
    def current(self) -> Seen | None:
        """The run that the person has chosen to do something with."""
        item = self.currentItem()
        return None if item is None else self._runs.get(item.data(_FOLDER))

    def choose(self, folders: Sequence[Path]) -> None:
        """Tick these besides, as far as there is room; the first is the current one."""
        for folder in folders:
            if folder in self._runs and folder not in self.places and len(self.places) < MOST:
                self.places[folder] = self._free()
        with QSignalBlocker(self):
            for row, folder in enumerate(self._folders()):
                self._show_tick(self.item(row), folder)
                if folders and folder == folders[0]:
                    self.setCurrentRow(row)
        self.chosen_changed.emit()

    # ---- the rows --------------------------------------------------------------------------------

    def _folders(self) -> list[Path]:
        return [self.item(row).data(_FOLDER) for row in range(self.count())]

    def _fill(self, runs: Sequence[Seen]) -> None:
        current, scrolled = self.current, self.verticalScrollBar().value()
        self.clear()
        for run in runs:
            item = QListWidgetItem()
            item.setData(_FOLDER, run.folder)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
            )
            self.addItem(item)
            self._show_tick(item, run.folder)
            if current is not None and run.folder == current.folder:
                self.setCurrentItem(item)
        self.verticalScrollBar().setValue(scrolled)

    def _write(self, item: QListWidgetItem, run: Seen) -> None:
        text = f"{shortened(run.name, _LONGEST)}\n{run.standing}"
        if item.text() != text:
            item.setText(text)
        lines = [run.name, run.model]
        if run.recipe is not None:
            lines[1] += f", {run.recipe.data}"
        if run.best is not None:
            best = f"{run.best:.4f} {unit_of(run.measure)}"
            lines.append(tr("best on validation data: {figure}").format(figure=best))
        lines += [*run.notes[-1:], *([run.last_error] if run.last_error else [])]
        if item.toolTip() != (tip := tips.plain(*lines, str(run.folder))):
            item.setToolTip(tip)

    def _show_tick(self, item: QListWidgetItem, folder: Path) -> None:
        place = self.places.get(folder)
        item.setCheckState(_UNTICKED if place is None else _TICKED)
        item.setIcon(swatch(place))

    def _free(self) -> int:
        return next(place for place in range(MOST) if place not in self.places.values())

    def _tick(self, item: QListWidgetItem) -> None:
        folder, ticked = item.data(_FOLDER), item.checkState() == _TICKED
        if ticked == (folder in self.places):
            return
        if not ticked:
            del self.places[folder]
        elif len(self.places) == MOST:
            self.refused.emit(
                tr("{count} runs are shown at once: untick another one first.").format(count=MOST)
            )
        else:
            self.places[folder] = self._free()
        with QSignalBlocker(self):
            self._show_tick(item, folder)
        self.chosen_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_ready"):
            with QSignalBlocker(self):
                for row, folder in enumerate(self._folders()):
                    self._show_tick(self.item(row), folder)
