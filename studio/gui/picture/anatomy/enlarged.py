"""One part of a network, as large as there is room, and each of those that are drawn as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.view import FigureView, view_of
from studio.gui.widgets.controls import Slider, described

if TYPE_CHECKING:
    from models.anatomy import Part


_LARGEST = 2.5


class Enlarged(QWidget):
    """Signal: said(sentence) of what is under the pointer."""

    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._part: Part | None = None
        self.view: FigureView | None = None
        self.title = QLabel(textFormat=Qt.TextFormat.PlainText)
        tip = "Which of the repeated layers is drawn, by its own weights"
        self.which = described(Slider(), "Which of them", tip)
        self.which.setFixedWidth(160)
        self.which.valueChanged.connect(self._choose)
        above = QHBoxLayout()
        above.addWidget(self.title, 1)
        above.addWidget(self.which)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(above)

    def show_part(self, part: Part, seen: Question | None) -> None:
        """The first of those that it stands for."""
        if self.view is not None:
            self._column.removeWidget(self.view)
            self.view.deleteLater()
        self._part = part
        self.view = view_of(part.figure)
        self.view.largest = _LARGEST
        self.view.said.connect(self.said)
        self._column.addWidget(self.view, 1)
        self.view.follow(seen)
        self.which.setVisible(part.count > 1)
        self.which.setRange(0, part.count - 1)
        self.which.setValue(0)
        self._choose(0)

    def _choose(self, number: int) -> None:
        if self._part is None or self.view is None:
            return
        figure = self._part.figures[number]
        self.view.show_figure(figure)
        told = [figure.name(), self._part.names[number]]
        if self._part.count > 1:
            told.append(f"{number + 1} of {self._part.count}")
        told += [" ".join(each) for each in figure.differences().items()]
        self.title.setText(" · ".join(filter(None, told)))

    def follow(self, seen: Question | None) -> None:
        if self.view is not None:
            self.view.follow(seen)
