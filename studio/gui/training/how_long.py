"""How long a training goes on: so many minutes, or so many epochs."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from studio.gui.widgets.controls import ChoiceBox, described
from studio.gui.widgets.number_boxes import NumberLine

_NONE = ("", "0")  # minutes with which epochs count
_SUGGESTED = "20"
_LINE_WIDTH = 64


class HowLong(QWidget):
    """epochs, minutes: the lines, of which the one shows that `unit` names.

    They are lines of the form like the others: minutes other than 0 are what counts, whoever has
    written them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.epochs, self.minutes = NumberLine(), NumberLine()
        self._last = _SUGGESTED  # minutes that were written before epochs were chosen
        self._lines = QStackedWidget()
        for line in (self.epochs, self.minutes):
            line.setMinimumWidth(_LINE_WIDTH)
            self._lines.addWidget(line)
        self._lines.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.unit = described(
            ChoiceBox(),
            "Minutes or epochs",
            "Minutes: it ends in time, and a faster machine learns more. Epochs: so many passes"
            " over the training data",
        )
        self.unit.addItems(["epochs", "minutes"])
        self.unit.activated.connect(self._choose)
        self.minutes.textChanged.connect(self._follow)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._lines, 1)
        row.addWidget(self.unit)
        self.setFocusProxy(self._lines)

    @property
    def by_clock(self) -> bool:
        return self.unit.currentIndex() == 1

    def _choose(self, which: int) -> None:
        """The person wants minutes, or epochs."""
        written = self.minutes.text().strip()
        if which == 1:
            self.minutes.setText(self._last if written in _NONE else written)
        else:
            self._last = self._last if written in _NONE else written
            self.minutes.setText("0")
        self._show(which)
        line = self.minutes if self.by_clock else self.epochs
        line.setFocus()
        line.selectAll()

    def _follow(self, text: str) -> None:
        """Show the line that counts; while it is written in, the same one."""
        if not self.minutes.hasFocus():
            self._show(int(text.strip() not in _NONE))

    def _show(self, which: int) -> None:
        with QSignalBlocker(self.unit):
            self.unit.setCurrentIndex(which)
        self._lines.setCurrentIndex(which)
