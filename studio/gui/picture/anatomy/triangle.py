"""Causal attention as a triangle: which site looks at which, the start before all of them, and how
many keys and values are kept by now."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from models.moving_figures import AttentionTriangle
from studio.gui.picture.anatomy.ink import LEFT, RIGHT, SMALL, USUAL, arrow, frame, write
from studio.gui.picture.anatomy.states import State, draw_cell, draw_key
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_SHOWN, _SIDE = 11, 17.0  # sites that are drawn
_LEFT, _TOP = 62.0, 40.0
_USUAL = 6  # the site that is shown without a picture
_SIDE_BOX = 196.0
_START = -1  # where the other columns are ranks


class AttentionTriangleView(FigureView):
    """Things under the pointer: (query, key), both ranks, the key _START for the start."""

    figure: AttentionTriangle
    follows = True

    @property
    def position(self) -> int:
        return _USUAL if self.seen is None else self.seen.position

    @property
    def first(self) -> int:
        """The rank of the first site that is drawn."""
        return max(0, self.position - _SHOWN + 3)

    def _columns(self) -> list[int]:
        return [_START, *range(self.first, self.first + _SHOWN)]

    def _gap(self) -> float:
        """Room behind the start for the sites that are left out."""
        return _SIDE if self.first else 4.0

    def cell(self, query: int, key: int) -> QRectF:
        x = _LEFT if key == _START else _LEFT + _SIDE + self._gap() + _SIDE * (key - self.first)
        return QRectF(x, _TOP + _SIDE * (query - self.first), _SIDE, _SIDE)

    def state(self, query: int, key: int) -> State | None:
        """Of a weight; None where the mask lets nothing through."""
        if key != _START and key not in self.figure.seen(query):
            return None
        if query == self.position:
            return State.NOW
        return State.GONE if query < self.position else State.LATER

    def key_state(self, key: int) -> State:
        """Of a key and its value. Where the input is shifted, that of the site before is made in
        this step; else it was made when that was drawn."""
        if key == self.position - 1 and self.figure.shifted == "input":
            return State.NOW
        return State.KEPT if key < self.position else State.LATER

    def extent(self) -> tuple[float, float]:
        wide = _LEFT + _SIDE * (_SHOWN + 2) + 24 + _SIDE_BOX
        return wide, _TOP + _SIDE * _SHOWN + 34

    def draw(self, painter: QPainter) -> None:
        self._draw_names(painter)
        shown = range(self.first, self.first + _SHOWN)
        for query in shown:
            for key in self._columns():
                self._draw_cell(painter, query, key)
        if self.first:
            row = self.cell(self.position, _START)
            write(painter, QRectF(row.right(), row.top(), self._gap(), _SIDE), "…")
        self._draw_step(painter)
        draw_key(painter, _LEFT, self.extent()[1] - 14, State.NOW, State.KEPT, State.GONE)

    def _draw_cell(self, painter: QPainter, query: int, key: int) -> None:
        state, box = self.state(query, key), self.cell(query, key)
        if state is not None:
            draw_cell(painter, box, state, self.lit == (query, key))
            return
        painter.fillRect(box, theme.colour("unknown"))
        painter.setPen(QPen(theme.colour("hatch"), 1))
        painter.drawLine(box.bottomLeft(), box.topRight())

    def _draw_names(self, painter: QPainter) -> None:
        """Over each column whether its key is kept, beside each row the site that asks."""
        muted = theme.colour("muted")
        write(painter, QRectF(0, 0, _LEFT - 6, 14), "keys", RIGHT, size=SMALL, bold=True)
        write(painter, QRectF(0, _TOP - 16, _LEFT - 6, 14), "queries", RIGHT, size=SMALL, bold=True)
        for key in self._columns():
            box = self.cell(self.first, key)
            name = "start" if key == _START else str(key + 1)
            name = name if key == _START or key % 2 == 0 else ""
            write(
                painter,
                box.adjusted(-8, -_TOP, 8, 0).adjusted(0, 0, 0, -(_SIDE + 24)),
                name,
                size=SMALL,
            )
            place = QRectF(box.left() + 2, _TOP - 20, _SIDE - 4, 10)
            draw_cell(painter, place, self.key_state(key))
        for query in range(self.first, self.first + _SHOWN):
            box = self.cell(query, _START)
            now = query == self.position
            beside = QRectF(0, box.top(), _LEFT - 6, _SIDE)
            name = f"site {query + 1}" if now else str(query + 1)
            write(painter, beside, name, RIGHT, None if now else muted, SMALL, now)

    def _draw_step(self, painter: QPainter) -> None:
        """The products of this step."""
        figure, count = self.figure, self.position + 1
        left, wide = _LEFT + _SIDE * (_SHOWN + 2) + 24, _SIDE_BOX - 6
        keys = "1 key" if count == 1 else f"{count} keys"
        values = "1 value" if count == 1 else f"{count} values"
        heads = f"{figure.heads} heads" if figure.heads > 1 else "1 head"
        steps = (
            (f"1 query of {figure.key} numbers", State.NOW),
            (f"{keys} of {figure.key}", State.KEPT),
            ("softmax of their products", State.NOW),
            (f"mean of {values} of {figure.value}", State.KEPT),
        )
        write(painter, QRectF(left, 0, wide, 16), f"This step, {heads}", LEFT, bold=True)
        for number, (says, state) in enumerate(steps):
            box = QRectF(left, 26 + 44.0 * number, wide, 28)
            frame(painter, box, round_by=4)
            draw_cell(painter, QRectF(box.left() + 8, box.top() + 9, 10, 10), state)
            write(painter, box.adjusted(26, 0, -6, 0), says, LEFT, size=USUAL)
            if number:
                x = box.center().x()
                arrow(painter, (x, box.top() - 15), (x, box.top() - 2))
        shift = (
            "The input is shifted by one."
            if figure.shifted == "input"
            else ("Keys and values are shifted by one.")
        )
        below = QRectF(left, 26 + 44.0 * len(steps) - 12, wide, 14)
        write(painter, below, shift, LEFT, theme.colour("muted"), SMALL)

    def under(self, x: float, y: float) -> Hashable | None:
        for query in range(self.first, self.first + _SHOWN):
            for key in self._columns():
                if self.cell(query, key).contains(QPointF(x, y)):
                    return query, key
        return None

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        query, key = thing
        of = "the start" if key == _START else f"site {key + 1}"
        if self.state(query, key) is None:
            what = "itself" if query == key else f"site {key + 1}, which comes later"
            return f"Site {query + 1} does not look at {what}."
        return f"Site {query + 1} looks at {of}."


VIEWS = {AttentionTriangle: AttentionTriangleView}
