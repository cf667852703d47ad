"""What figures that move with the picture have in common: the colours of what is computed in this
step, what is kept of earlier ones, and the rest; and the key to them."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.gui.picture.anatomy.ink import LEFT, SMALL, write
from studio.gui.widgets import theme


class State(Enum):
    """Of a state of the network, in words."""

    NOW = "computed in this step"
    KEPT = "kept from earlier steps"
    GONE = "not needed any more"
    LATER = "not there yet"


def fill_of(state: State) -> QColor:
    name = {State.NOW: "accent", State.KEPT: "evidence", State.GONE: "line", State.LATER: "card"}
    return theme.colour(name[state])


def edge_of(state: State) -> QColor:
    return theme.colour("line") if state is State.LATER else fill_of(state)


def draw_dot(painter: QPainter, centre: QPointF, radius: float, state: State, lit: bool) -> None:
    painter.setPen(QPen(theme.colour("cursor") if lit else edge_of(state), 2 if lit else 1))
    painter.setBrush(fill_of(state))
    painter.drawEllipse(centre, radius, radius)


def draw_cell(painter: QPainter, box: QRectF, state: State, lit: bool = False) -> None:
    painter.setPen(QPen(theme.colour("cursor" if lit else "line"), 2 if lit else 1))
    painter.setBrush(fill_of(state))
    painter.drawRect(box)


def draw_key(painter: QPainter, left: float, top: float, *states: State) -> None:
    """What the colours mean, beside each other."""
    for state in states:
        draw_cell(painter, QRectF(left, top, 10, 10), state)
        space = painter.fontMetrics().horizontalAdvance(state.value) + 8
        write(painter, QRectF(left + 14, top - 3, space, 16), state.value, LEFT, size=SMALL)
        left += 26 + space


def draw_line(
    painter: QPainter, begin: QPointF, end: QPointF, colour: QColor, thick: float = 1.0
) -> None:
    painter.setPen(QPen(colour, thick, c=Qt.PenCapStyle.RoundCap))
    painter.drawLine(begin, end)
