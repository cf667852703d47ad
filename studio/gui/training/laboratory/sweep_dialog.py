"""Asks for a sweep: up to three settings and their values, and how long each run may take; says at
once how many runs that makes, and how long all of them take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.durations import about
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened
from studio.gui.training.choices import Setting
from studio.gui.training.laboratory.ending import Outcome, ending
from studio.gui.widgets.controls import ChoiceBox, described
from studio.gui.widgets.translation import tr

FIELDS = 3  # that a sweep can vary
_FIRST = ("rate", "batch", "width", "hidden")  # what is proposed
_NOT_VARIED = ("epochs", "minutes", "labels", "validation", "skip_damaged", "start")
_MINUTES, _USUAL = (1, 2, 5, 10, 20, 30, 60, 120, 240), 5
_NOTHING = ""
Values = Mapping[str, Sequence[str]]


class SweepDialog(QDialog):
    """what: what is varied, in words. settings: those of its model, with what they are now.
    made: gives the runs of a sweep with these values and minutes, or raises StudioError.
    take: gets them when they are wanted.
    """

    def __init__(
        self,
        parent: QWidget,
        what: str,
        settings: Sequence[Setting],
        made: Callable[[Values, float], Sequence[Any]],
        take: Callable[[Sequence[Any]], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Sweep")
        self._settings = {
            setting.key: setting for setting in settings if setting.key not in _NOT_VARIED
        }
        self._made, self._take = made, take
        self._runs: Sequence[Any] = ()
        self.fields: list[ChoiceBox] = []
        self.values: list[QLineEdit] = []
        grid = QGridLayout()
        grid.setColumnStretch(2, 1)
        for row in range(FIELDS):
            self._add_row(grid, row)
        self.meaning = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.meaning.setMinimumHeight(2 * self.meaning.fontMetrics().lineSpacing())
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.meaning.setForegroundRole(self.meaning.palette().ColorRole.PlaceholderText)
        self.minutes = described(ChoiceBox(), "Minutes each", "How long each run trains")
        for minutes in _MINUTES:
            self.minutes.addItem(str(minutes), minutes)
        self.minutes.setCurrentIndex(_MINUTES.index(_USUAL))
        self.minutes.currentIndexChanged.connect(self._count)
        self.outcome = Outcome(2)
        each = QHBoxLayout()
        label = QLabel("Minutes each")
        label.setBuddy(self.minutes)
        each.addWidget(label)
        each.addWidget(self.minutes)
        each.addStretch(1)
        self.add = QPushButton(tr("Put into the queue"))
        self.add.setToolTip(tr("Train these one after the other; the queue begins at once"))
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(QLabel(what, textFormat=Qt.TextFormat.PlainText, wordWrap=True))
        column.addLayout(grid)
        column.addWidget(self.meaning)
        column.addLayout(each)
        column.addWidget(self.outcome)
        column.addWidget(ending(self, self.add, "Train nothing (Escape)"))
        self.setMinimumWidth(520)
        self.add.setDefault(True)
        first = next((key for key in _FIRST if key in self._settings), None)
        self.fields[0].setCurrentIndex(max(0, self.fields[0].findData(first)))
        self._count()
        self.values[0].setFocus()

    def _add_row(self, grid: QGridLayout, row: int) -> None:
        field = described(ChoiceBox(), f"Setting {row + 1}", "A setting that is varied")
        field.addItem(tr("Nothing else"), _NOTHING)
        for key, setting in self._settings.items():
            field.addItem(setting.title or key, key)
        values = described(
            QLineEdit(),
            f"Values of setting {row + 1}",
            "Its values, with commas between them; semicolons, where a value has commas",
        )
        field.currentIndexChanged.connect(lambda _, row=row: self._choose(row))
        values.textChanged.connect(self._count)
        self.fields.append(field)
        self.values.append(values)
        grid.addWidget(field, row, 0)
        grid.addWidget(QLabel("="), row, 1)
        grid.addWidget(values, row, 2)
        values.setEnabled(False)

    def _choose(self, row: int) -> None:
        setting = self._settings.get(self.fields[row].currentData())
        self.values[row].setEnabled(setting is not None)
        self.values[row].setText("" if setting is None else proposed(setting.default))
        self.meaning.setText("" if setting is None else f"{setting.title}: {setting.meaning}.")
        self._count()

    @property
    def wanted(self) -> dict[str, list[str]]:
        """The values of each setting that is chosen."""
        found: dict[str, list[str]] = {}
        for field, line in zip(self.fields, self.values, strict=True):
            if key := field.currentData():
                found[key] = [*found.get(key, []), *split(line.text())]
        return found

    def _count(self) -> None:
        """How many runs, and how long; or what is wrong."""
        said, wrong = "", ""
        self._runs = ()
        if not any(self.wanted.values()):
            said = tr("Choose a setting, and write two or more values for it.")
        else:
            try:
                self._runs = self._made(self.wanted, self.minutes.currentData())
            except StudioError as error:
                wrong = str(error)
            else:
                said = in_words(len(self._runs), self.minutes.currentData())
        self.outcome.say(shortened(wrong or said, 300), wrong=bool(wrong))
        self.add.setEnabled(bool(self._runs))

    def accept(self) -> None:
        self._take(self._runs)
        super().accept()


def split(text: str) -> list[str]:
    """The values of a line: between semicolons, or else between commas."""
    parts = text.split(";") if ";" in text else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def proposed(now: str) -> str:
    """Values round the present one of a number, such as 0.001, 0.002, 0.004; of anything else that
    one."""
    try:
        number = float(now)
    except ValueError:
        return now if "," not in now else f"{now};"
    if not number:
        return now
    around = (number / 2, number, number * 2)
    whole = number == int(number) and "." not in now
    return ", ".join(f"{max(1, int(one))}" if whole else f"{one:g}" for one in around)


def in_words(count: int, minutes: float) -> str:
    """Such as: 6 runs of 5 minutes each: about 30 minutes in all."""
    if count == 1:
        return tr("1 run: {time}.").format(time=about(60 * minutes))
    return tr("{count} runs of {minutes} minutes each: {time} in all.").format(
        count=count, minutes=f"{minutes:g}", time=about(60 * minutes * count)
    )
