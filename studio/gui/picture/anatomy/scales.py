"""A network of several resolutions: a box for what each part makes, as large as it is, lower where
it is coarser, and short-cuts as arcs."""

from __future__ import annotations

import functools
from collections.abc import Hashable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from models.moving_figures import Scales
from studio.gui.picture.anatomy.ink import CENTRE, SMALL, arrow, write
from studio.gui.picture.anatomy.lattice import Pixel, pixel_of
from studio.gui.picture.anatomy.states import State, draw_key, fill_of
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_SIDE = 46.0  # of the picture
_BETWEEN, _STREAM = 15.0, 4.0
_ARCS, _BELOW = 62.0, 30.0  # room for the arcs of the finest, and between two resolutions


class ScalesView(FigureView):
    """Things under the pointer: the number of a grid, or ("short-cut", number of its way)."""

    figure: Scales
    follows = True

    @property
    def now(self) -> Pixel:
        height, width = self.figure.space
        return pixel_of(self.seen, width, (height // 2, width // 2))

    def strides(self) -> list[int]:
        """Of all resolutions, the finest first."""
        return sorted({self.figure.stride(number) for number in range(len(self.figure.grids))})

    @functools.cached_property
    def boxes(self) -> list[QRectF]:
        """Of each grid; a cell is as large on all of them. They depend on the form of the figure
        alone."""
        finest, strides = self.figure.grids[0], self.strides()
        cell = _SIDE / max(finest.rows, finest.columns)
        tops, top, left = {}, _ARCS, 4.0
        for stride in strides:
            tops[stride] = top
            top += _SIDE * strides[0] / stride + _BELOW
        found = []
        for number, grid in enumerate(self.figure.grids):
            wide, high = cell * grid.columns, cell * grid.rows
            found.append(QRectF(left, tops[self.figure.stride(number)], wide, high))
            left += wide + _BETWEEN
        return found

    def extent(self) -> tuple[float, float]:
        boxes = self.boxes
        return boxes[-1].right() + 10, max(box.bottom() for box in boxes) + 44

    def draw(self, painter: QPainter) -> None:
        boxes = self.boxes
        for number, way in enumerate(self.figure.ways):
            begin, end = boxes[way.begin], boxes[way.end]
            if way.kind == "short-cut":
                self._draw_arc(painter, begin, end, self.lit == ("short-cut", number))
            elif way.kind == "on":
                y = begin.center().y()
                arrow(painter, (begin.right() + _STREAM, y), (end.left() - 1, y))
            else:
                self._draw_bend(painter, begin, end, way.kind == "down")
        for number, box in enumerate(boxes):
            self._draw_grid(painter, number, box)
        self._draw_sizes(painter, boxes)
        states = [State.NOW, State.KEPT, State.LATER] if self.figure.cached else [State.NOW]
        draw_key(painter, 4, self.extent()[1] - 14, *states)

    def _draw_arc(self, painter: QPainter, begin: QRectF, end: QRectF, lit: bool) -> None:
        path = self._arc(begin, end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("cursor" if lit else "muted"), 2.5 if lit else 1.3))
        painter.drawPath(path)
        tip = QPointF(end.center().x(), end.top() - 1)
        arrow(painter, (tip.x(), tip.y() - 7), (tip.x(), tip.y()), colour=painter.pen().color())

    def _arc(self, begin: QRectF, end: QRectF) -> QPainterPath:
        """Higher the longer it is, and no higher than there is room."""
        start, tip = QPointF(begin.center().x(), begin.top()), QPointF(end.center().x(), end.top())
        share = (tip.x() - start.x()) / max(self.boxes[-1].right(), 1)
        room = (_ARCS if begin.top() == _ARCS else _BELOW) - 6
        rise = 4 / 3 * room * min(1.0, max(share, 0.2))
        path = QPainterPath(start)
        path.cubicTo(start - QPointF(0, rise), tip - QPointF(0, rise), tip)
        return path

    def _draw_bend(self, painter: QPainter, begin: QRectF, end: QRectF, down: bool) -> None:
        """To another resolution: down out of the bottom, or up into it."""
        if down:
            x, y = begin.center().x(), end.center().y()
            arrow(painter, (x, begin.bottom() + _STREAM), (x, y), (end.left() - 1, y))
        else:
            x, y = end.center().x(), begin.center().y()
            arrow(painter, (begin.right() + _STREAM, y), (x, y), (x, end.bottom() + _STREAM + 1))

    def _draw_grid(self, painter: QPainter, number: int, box: QRectF) -> None:
        """Each stream a sheet, the front one with what is there and the cell of this site."""
        lit = self.lit == number
        painter.setPen(QPen(theme.colour("cursor" if lit else "muted"), 2 if lit else 1))
        for sheet in reversed(range(self.figure.streams)):
            painter.setBrush(fill_of(State.LATER))
            painter.drawRect(box.translated(_STREAM * sheet, _STREAM * sheet))
        if not self.figure.cached:
            painter.setBrush(fill_of(State.NOW))
            painter.drawRect(box)
            return
        stride, (row, column) = self.figure.stride(number), self.now
        row, column = row // stride, column // stride
        side = box.height() / self.figure.grids[number].rows
        kept = fill_of(State.KEPT)
        inner = box.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.fillRect(QRectF(inner.left(), inner.top(), inner.width(), side * row), kept)
        line = QRectF(inner.left(), box.top() + side * row, side * column, side)
        painter.fillRect(line, kept)
        self._draw_cell(painter, number, QRectF(line.right(), line.top(), side, side))

    def _draw_cell(self, painter: QPainter, number: int, cell: QRectF) -> None:
        state = State.NOW if self.figure.computed(number, *self.now) else State.KEPT
        more = max(0.0, (4 - cell.width()) / 2)  # so that it is seen
        painter.fillRect(cell.adjusted(-more, -more, more, more), fill_of(state))

    def _draw_sizes(self, painter: QPainter, boxes: list[QRectF]) -> None:
        """Under the first box of each resolution its size."""
        muted: QColor = theme.colour("muted")
        for stride in self.strides():
            number = next(i for i in range(len(boxes)) if self.figure.stride(i) == stride)
            grid, box = self.figure.grids[number], boxes[number]
            under = QRectF(box.left() - 20, box.bottom() + 6, max(box.width(), 40) + 40, 13)
            words = f"{grid.rows} × {grid.columns}"
            below = QRectF(0, under.top(), 70, 13) if number == 0 else under
            write(painter, below, words, CENTRE, muted, SMALL)

    def under(self, x: float, y: float) -> Hashable | None:
        boxes = self.boxes
        for number, box in enumerate(boxes):
            if box.adjusted(-2, -2, _STREAM, _STREAM).contains(x, y):
                return number
        near = QRectF(x - 3, y - 3, 6, 6)
        for number, way in enumerate(self.figure.ways):
            if way.kind == "short-cut" and _touches(
                self._arc(boxes[way.begin], boxes[way.end]), near
            ):
                return "short-cut", number
        return None

    def words(self, thing: Hashable) -> str:
        if isinstance(thing, tuple):
            way = self.figure.ways[thing[1]]
            grid = self.figure.grids[way.begin]
            return f"A short-cut from {grid.rows} × {grid.columns} cells past all that is between."
        assert isinstance(thing, int)
        grid, stride = self.figure.grids[thing], self.figure.stride(thing)
        told = f"{grid.says[:1].upper()}{grid.says[1:]}: {grid.rows} × {grid.columns}"
        told += f" cells of {grid.channels} numbers"
        if self.figure.streams > 1:
            told += f" in each of {self.figure.streams} streams"
        if not self.figure.cached:
            return f"{told}, computed anew in every pass."
        if stride > 1:
            told += f", computed at one of {stride * stride} pixels"
        return f"{told}."


def _touches(path: QPainterPath, near: QRectF) -> bool:
    """Whether a line, not the area below it, comes near."""
    if not path.controlPointRect().intersects(near):
        return False
    return any(near.contains(path.pointAtPercent(part / 60)) for part in range(61))


VIEWS = {Scales: ScalesView}
