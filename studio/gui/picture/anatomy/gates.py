"""A gate with its two halves: the signal, and the sigmoid that it is multiplied with."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from models.anatomy import Gate
from studio.gui.picture.anatomy.ink import LEFT, RIGHT, SMALL, arrow, frame, write
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_HEIGHT, _SIGNAL, _SIGMOID = 172.0, 48.0, 124.0  # the heights of both halves
_SUM, _HALF, _TIMES = 190.0, 250.0, 440.0  # from the left
_BOX = 122.0, 62.0
_MIDDLE = (_SIGNAL + _SIGMOID) / 2
_RADIUS = 12.0


class GateView(FigureView):
    """Things: "signal", "sigmoid", "sum", "times", "condition", "after"."""

    figure: Gate

    def extent(self) -> tuple[float, float]:
        return 620, _HEIGHT

    def places(self) -> dict[str, QRectF]:
        """Where what can be pointed at lies."""
        wide, high = _BOX
        found = {
            "sum": _circle(_SUM, _MIDDLE),
            "times": _circle(_TIMES, _MIDDLE),
            "signal": QRectF(_HALF, _SIGNAL - high / 2, wide, high),
            "sigmoid": QRectF(_HALF, _SIGMOID - high / 2, wide, high),
            "before": QRectF(4, _MIDDLE - 26, 158, 52),
            "after": QRectF(484, _MIDDLE - 22, 132, 44),
        }
        if self.figure.condition:
            found["condition"] = QRectF(_SUM - 56, _HEIGHT - 28, 112, 26)
        return found

    def draw(self, painter: QPainter) -> None:
        figure, places, muted = self.figure, self.places(), theme.colour("muted")
        before, after = places["before"], places["after"]
        write(painter, before, "\n".join(figure.before), RIGHT, size=SMALL + 1)
        self._lines(painter)
        for half, words, curve in (
            ("signal", figure.signal or "as it is", math.tanh if figure.signal else float),
            ("sigmoid", "sigmoid", _sigmoid),
        ):
            frame(painter, places[half], self.lit == half)
            _curve(painter, places[half].adjusted(8, 8, -62, -8), curve)
            write(painter, places[half].adjusted(64, 0, -4, 0), words, LEFT, bold=True)
        self._operator(painter, "sum", "+")
        self._operator(painter, "times", "×")
        label = f"{figure.width} channels"
        above = QRectF(_HALF, _SIGNAL - _BOX[1] / 2 - 15, _BOX[0], 13)
        write(painter, above, label, colour=muted, size=SMALL)
        below = QRectF(_HALF, _SIGMOID + _BOX[1] / 2 + 2, _BOX[0], 13)
        write(painter, below, label, colour=muted, size=SMALL)
        write(painter, after, "\n".join(figure.after), LEFT, size=SMALL + 1)
        if figure.condition:
            frame(painter, places["condition"], self.lit == "condition")
            write(painter, places["condition"], figure.condition, size=SMALL + 1)

    def _lines(self, painter: QPainter) -> None:
        """From what comes in to both halves, to their product, and out."""
        right = _HALF + _BOX[0]
        middle = (_SUM + _RADIUS, _MIDDLE)
        arrow(painter, (166, _MIDDLE), (_SUM - _RADIUS, _MIDDLE))
        for height in (_SIGNAL, _SIGMOID):
            turn = (_SUM + 34, _MIDDLE), (_SUM + 34, height)
            arrow(painter, middle, *turn, (_HALF, height))
            edge = _MIDDLE - _RADIUS if height < _MIDDLE else _MIDDLE + _RADIUS
            arrow(painter, (right, height), (_TIMES, height), (_TIMES, edge))
        arrow(painter, (_TIMES + _RADIUS, _MIDDLE), (478, _MIDDLE))
        if self.figure.condition:
            top = self.places()["condition"].top()
            arrow(painter, (_SUM, top), (_SUM, _MIDDLE + _RADIUS), colour=theme.colour("evidence"))

    def _operator(self, painter: QPainter, name: str, sign: str) -> None:
        place = self.places()[name]
        lit = self.lit == name
        painter.setPen(QPen(theme.colour("accent" if lit else "muted"), 2 if lit else 1.5))
        painter.setBrush(theme.colour("card"))
        painter.drawEllipse(place)
        write(painter, place, sign, size=16)

    def under(self, x: float, y: float) -> Hashable | None:
        point = QPointF(x, y)
        return next((name for name, box in self.places().items() if box.contains(point)), None)

    def words(self, thing: Hashable) -> str:
        figure = self.figure
        if thing == "signal":
            through = f"through {figure.signal}" if figure.signal else "as they are"
            return f"The signal: {figure.width} channels, {through}. They say what."
        if thing == "sigmoid":
            return (
                f"The gate: {figure.width} channels, through a sigmoid, 0 to 1. They say how much."
            )
        if thing == "times":
            return "Each channel of the signal times its gate: 0 shuts it, 1 lets it through."
        if thing == "condition":
            return f"The condition ({figure.condition}), by 1 × 1 weights, is added to both halves."
        if thing == "after":
            return f"The product goes to: {', '.join(figure.after)}."
        come = ", ".join(figure.before)
        return f"Added up for both halves: {come}{', the condition' * bool(figure.condition)}."


def _circle(x: float, y: float) -> QRectF:
    return QRectF(x - _RADIUS, y - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)


def _sigmoid(x: float) -> float:
    return 2 / (1 + math.exp(-x)) - 1  # as high as tanh in its box


def _curve(painter: QPainter, box: QRectF, function: Callable[[float], float]) -> None:
    """A function of -4..4 with its axes."""
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.drawLine(QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom()))
    ground = box.bottom() if function is _sigmoid else box.center().y()
    painter.drawLine(QPointF(box.left(), ground), QPointF(box.right(), ground))
    points = []
    for step in range(33):
        x = -4 + step / 4
        y = min(max(function(x), -1.0), 1.0)
        points.append(
            QPointF(box.left() + box.width() * step / 32, box.center().y() - y * box.height() / 2)
        )
    painter.setPen(QPen(theme.colour("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


VIEWS = {Gate: GateView}
