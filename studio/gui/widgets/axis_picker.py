"""`AxisPicker`: in what the scenes of a grid differ, and by which values: a field from a box, and
its values from a list that is ticked, or typed as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStackedWidget,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from studio.engine.runtime.texts import shortened
from studio.engine.scenes.axes import FIELDS, Axis, axis_of, axis_with
from studio.gui.widgets.controls import ChoiceBox, described

NOTHING = ""  # the field of an axis that is not wanted
_WIDTH = 168  # pixels of the values
_ROWS = 12  # of a list that are seen at once
_LONGEST = 22  # characters of what is ticked


@dataclass(frozen=True)
class Choices:
    """What a field can be, (words, value), and which of them are ticked at first; or, of numbers,
    the text at first."""

    listed: Sequence[tuple[str, Any]] = ()
    ticked: Sequence[Any] = ()
    text: str = ""


class AxisPicker(QWidget):
    """Signal: changed(), when the person wants another axis, or other values."""

    changed = Signal()

    def __init__(self, title: str, optional: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = optional
        self._choices: Mapping[str, Choices] = {}
        self._texts: dict[str, str] = {}
        self._ticked: dict[str, list[Any]] = {}
        self._classes: Sequence[str] = ()
        tip = f"{title}: in what the scenes differ"
        self.field = described(ChoiceBox(), f"{title}, field", tip)
        self.field.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self.field.activated.connect(self._choose_field)
        self.numbers = described(
            QLineEdit(),
            f"{title}, values",
            "Two or more numbers, with commas between them; semicolons, where commas are decimal",
        )
        self.numbers.editingFinished.connect(self._type)
        self.many = described(QToolButton(), f"{title}, values", "Tick two or more")
        self.many.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.list = described(QListWidget(), f"{title}, values", "Tick two or more")
        self.menu = QMenu(self.many)
        held = QWidgetAction(self.menu)
        held.setDefaultWidget(self.list)
        self.menu.addAction(held)
        self.menu.aboutToHide.connect(self._tick)
        self.menu.aboutToShow.connect(self._fill_list)
        self.many.clicked.connect(self._open_list)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemPressed.connect(self._note_state)
        self._listed = NOTHING  # the field whose values are in the list
        self._pressed: tuple[QListWidgetItem, Qt.CheckState] | None = None
        self.values = QStackedWidget()
        for given in (self.numbers, self.many):
            given.setFixedWidth(_WIDTH)
            self.values.addWidget(given)
        self.values.setFixedWidth(_WIDTH)
        self.values.setFixedHeight(self.field.sizeHint().height())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        label = QLabel(title)
        label.setBuddy(self.field)
        for widget in (label, self.field, self.values):
            row.addWidget(widget)

    # ---- what there is to choose -----------------------------------------------------------------

    def offer(self, choices: Mapping[str, Choices], classes: Sequence[str] = ()) -> None:
        """Fields by name, and what each can be. What was chosen or typed stays, where it still can
        be."""
        chosen = self.chosen
        self._choices, self._classes = dict(choices), classes
        for name, given in choices.items():
            there = [value for _, value in given.listed]
            kept = [value for value in self._ticked.get(name, []) if value in there]
            self._ticked[name] = kept if len(kept) > 1 else list(given.ticked)
            self._texts.setdefault(name, given.text)
        self.field.clear()
        if self._optional:
            self.field.addItem("Nothing else", NOTHING)
        for name in choices:
            self.field.addItem(FIELDS[name].title, name)
        self.choose(chosen if chosen in choices else None)

    @property
    def chosen(self) -> str:
        """The name of the field; NOTHING for none."""
        return str(self.field.currentData() or NOTHING)

    def choose(self, name: str | None, text: str | None = None) -> None:
        """Another field, without a signal; None for the first one."""
        if text is not None and name is not None:
            self._texts[name] = text
        self.field.setCurrentIndex(max(0, self.field.findData(name)))
        self._show()

    def axis(self) -> Axis | None:
        """None where nothing is chosen; StudioError, one sentence, where the values are none."""
        name = self.chosen
        if name == NOTHING:
            return None
        if FIELDS[name].listed:
            return axis_with(name, self._ticked.get(name, []), self._classes)
        return axis_of(name, self._texts.get(name, ""), self._classes)

    # ---- what the person does --------------------------------------------------------------------

    def _choose_field(self) -> None:
        self._show()
        self.changed.emit()

    def _type(self) -> None:
        name, text = self.chosen, self.numbers.text().strip()
        if name in self._choices and text != self._texts.get(name):
            self._texts[name] = text
            self.changed.emit()

    def _open_list(self) -> None:
        self.menu.popup(self.many.mapToGlobal(QPoint(0, self.many.height())))

    def _note_state(self, item: QListWidgetItem) -> None:
        self._pressed = item, item.checkState()

    def _clicked(self, item: QListWidgetItem) -> None:
        """A click beside the box ticks it too."""
        if self._pressed is not None and self._pressed == (item, item.checkState()):
            ticked = item.checkState() == Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)

    def _tick(self) -> None:
        """The list is closed: what is ticked counts now, of the field that it was opened for."""
        name = self._listed
        items = (self.list.item(row) for row in range(self.list.count()))
        ticked = [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]
        if ticked != self._ticked.get(name):
            self._ticked[name] = ticked
            self._show()
            self.changed.emit()

    # ---- what is seen ----------------------------------------------------------------------------

    def _show(self) -> None:
        name = self.chosen
        self.values.setVisible(name != NOTHING)
        if name == NOTHING:
            return
        if not FIELDS[name].listed:
            self.numbers.setText(self._texts.get(name, ""))
            self.values.setCurrentWidget(self.numbers)
            return
        words = {value: said for said, value in self._choices[name].listed}
        ticked = [words.get(value, "") for value in self._ticked.get(name, [])]
        said = ", ".join(ticked) or "none"
        if len(said) > _LONGEST and len(ticked) > 1:
            said = f"{len(ticked)} of {len(words)}"
        self.many.setText(f"{shortened(said, _LONGEST).replace('&', '&&')} ▾")
        self.values.setCurrentWidget(self.many)

    def _fill_list(self) -> None:
        name = self._listed = self.chosen
        self.list.clear()
        ticked = self._ticked.get(name, [])
        given = self._choices[name].listed if name in self._choices else ()
        for words, value in given:
            item = QListWidgetItem(shortened(words, 60))
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            on = value in ticked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        height = max(1, self.list.sizeHintForRow(0)) * max(1, min(_ROWS, len(given)))
        wide = self.list.sizeHintForColumn(0) + 40
        self.list.setFixedSize(max(_WIDTH, wide), height + 2 * self.list.frameWidth() + 2)
