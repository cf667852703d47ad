"""The figures of a network below each other, with arrows between them, and a bracket beside those
that are repeated together."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.ink import LEFT, arrow, write
from studio.gui.picture.anatomy.view import FigureView, view_of
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted

if TYPE_CHECKING:
    from models.anatomy import Part

_BETWEEN = 22  # pixels for an arrow
_BRACKET = 56  # on the right
_NAMED = 20  # modules of a part that a tip names


class Column(QWidget):
    """Signals: said(sentence) of what is under the pointer; opened(Part) when it is clicked."""

    said = Signal(str)
    opened = Signal(object)

    def __init__(self, parts: Iterable[Part]) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.views: list[FigureView] = []
        self._rows: list[QWidget] = []
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 12, 8)
        rows.setSpacing(_BETWEEN)
        for part in self.parts:
            view = view_of(part.figure)
            view.said.connect(self.said)
            view.opened.connect(lambda part=part: self.opened.emit(part))
            row = QWidget()
            within = QVBoxLayout(row)
            within.setContentsMargins(0, 0, _BRACKET, 0)
            within.setSpacing(3)
            if (heading := _heading(part, view.titled)) is not None:
                within.addWidget(heading)
            within.addWidget(view)
            rows.addWidget(row)
            self.views.append(view)
            self._rows.append(row)
        rows.addStretch(1)

    def follow(self, seen: Question | None) -> None:
        for view in self.views:
            view.follow(seen)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = [QRectF(row.geometry()).adjusted(0, 0, -_BRACKET, 0) for row in self._rows]
        for above, below in pairwise(places):
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


def _heading(part: Part, titled: bool) -> QLabel | None:
    """What it is, where it is found in the network, and in what those that are drawn as one
    differ."""
    title = f"<b>{html.escape(part.figure.name())}</b>" if titled else ""
    told = [title, html.escape(in_one(part.names)), html.escape(part.differences())]
    if not any(told):
        return None
    label = QLabel(" · ".join(filter(None, told)), textFormat=Qt.TextFormat.RichText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setWordWrap(True)
    label.setToolTip("\n".join(filter(None, part.names[:_NAMED])))
    return label


def in_one(names: Sequence[str]) -> str:
    """Names of modules as one, such as "blocks.0–5.down" for six of them."""
    split = [name.split(".") for name in names]
    if len({len(parts) for parts in split}) > 1:
        return f"{names[0]} … {names[-1]}"
    merged = []
    for parts in zip(*split, strict=True):
        merged.append(parts[0] if len(set(parts)) == 1 else f"{parts[0]}–{parts[-1]}")
    return ".".join(merged)


def _bracket(painter: QPainter, beside: QRectF, words: str) -> None:
    x = beside.right() + 8
    painter.setPen(QPen(theme.colour("muted"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = (x, beside.top()), (x + 8, beside.top()), (x + 8, beside.bottom())
    ends = [QPointF(*point) for point in (*corners, (x, beside.bottom()))]
    painter.drawPolyline(QPolygonF(ends))
    write(painter, QRectF(x + 14, beside.center().y() - 10, 40, 20), words, LEFT, bold=True)
