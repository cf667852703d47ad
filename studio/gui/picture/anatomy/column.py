"""The figures of a network below each other, with arrows between them, and a bracket beside those
that are repeated together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.ink import LEFT, arrow, write
from studio.gui.picture.anatomy.view import FigureView, view_of
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted

if TYPE_CHECKING:
    from models.anatomy import Part

_BETWEEN = 26  # pixels for an arrow
_SIDE, _BRACKET = 172, 64  # of the names on the left, of the bracket on the right
_NAMED = 3  # modules of a part that are named


class Column(QWidget):
    """Signals: said(sentence) of what is under the pointer; opened(Part) when it is clicked."""

    said = Signal(str)
    opened = Signal(object)

    def __init__(self, parts: Iterable[Part]) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.views: list[FigureView] = []
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 12, 8)
        rows.setSpacing(_BETWEEN)
        for part in self.parts:
            view = view_of(part.figure)
            view.said.connect(self.said)
            view.opened.connect(lambda part=part: self.opened.emit(part))
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(_heading(part))
            row.addWidget(view, 1)
            row.addSpacing(_BRACKET)
            rows.addLayout(row)
            self.views.append(view)
        rows.addStretch(1)

    def follow(self, seen: Question | None) -> None:
        for view in self.views:
            view.follow(seen)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = [QRectF(view.geometry()) for view in self.views]
        for above, below in zip(places, places[1:], strict=False):
            middle = above.center().x()
            arrow(painter, (middle, above.bottom() + 3), (middle, below.top() - 3))
        for first, last, count in self._repeated():
            _bracket(painter, places[first].united(places[last]), f"× {count}")

    def _repeated(self) -> Iterator[tuple[int, int, int]]:
        """(first view, last view, how often) of what is there more than once."""
        for _, each in groupby(range(len(self.parts)), lambda i: self.parts[i].group):
            group = list(each)
            if (count := self.parts[group[0]].count) > 1:
                yield group[0], group[-1], count

    def place_of(self, part: Part) -> QRect:
        """Where its figure is."""
        return self.views[self.parts.index(part)].geometry()


def _heading(part: Part) -> QLabel:
    names = [name for name in part.names if name]
    listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    lines = [part.figure.title, listed, part.differences()]
    label = QLabel("\n".join(filter(None, lines)), textFormat=Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFixedWidth(_SIDE)
    label.setToolTip(", ".join(names))
    return label


def _bracket(painter: QPainter, beside: QRectF, words: str) -> None:
    x = beside.right() + 8
    painter.setPen(QPen(theme.colour("muted"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = (x, beside.top()), (x + 8, beside.top()), (x + 8, beside.bottom())
    ends = [QPointF(*point) for point in (*corners, (x, beside.bottom()))]
    painter.drawPolyline(QPolygonF(ends))
    write(painter, QRectF(x + 14, beside.center().y() - 10, 40, 20), words, LEFT, bold=True)
