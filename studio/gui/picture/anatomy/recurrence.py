"""The Diagonal BiLSTM with its skewed rows, and the triangle of the Row LSTM."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from models.moving_figures import Diagonals, RowTriangle
from studio.gui.picture.anatomy.ink import CENTRE, LEFT, SMALL, arrow, write
from studio.gui.picture.anatomy.lattice import Lattice, Pixel, in_raster, pixel_of, window
from studio.gui.picture.anatomy.states import State, draw_cell, draw_key, draw_line, fill_of
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_ROWS, _COLUMNS, _SIDE = 5, 5, 22.0
_SKEWED = (_ROWS + _COLUMNS - 1) * _SIDE
_TOP, _GAP = 44.0, 30.0


class DiagonalsView(FigureView):
    """Things under the pointer: (panel, row, column), panel "right", "left" or "sum"."""

    figure: Diagonals
    follows = True

    @property
    def now(self) -> Pixel:
        return pixel_of(self.seen, self.figure.columns, (3, min(2, self.figure.columns - 1)))

    def lattices(self) -> dict[str, Lattice]:
        columns = min(_COLUMNS, self.figure.columns)
        first = window(self.now, _ROWS, columns, self.figure.columns)
        size = _ROWS, columns
        beside = _SKEWED + _GAP
        return {
            "right": Lattice(4, _TOP, _SIDE, first, size, 1),
            "left": Lattice(4 + beside, _TOP, _SIDE, first, size, -1),
            "sum": Lattice(4 + 2 * beside, _TOP, _SIDE, first, size),
        }

    def extent(self) -> tuple[float, float]:
        return 2 * (_SKEWED + _GAP) + _COLUMNS * _SIDE + 8, _TOP + _ROWS * _SIDE + 56

    def state(self, panel: str, pixel: Pixel) -> State:
        """The LSTM to the left goes over a row once that is there."""
        if panel == "right":
            return in_raster(pixel, self.now)
        return State.KEPT if pixel[0] < self.now[0] else State.LATER

    def sources(self, panel: str, pixel: Pixel) -> list[tuple[str, Pixel]]:
        """What flows into a state, of each panel."""
        if panel == "sum":
            row, column = pixel
            return [("right", pixel), ("left", (row - 1, column))]
        way = 1 if panel == "right" else -1
        return [(panel, each) for each in self.figure.sources(*pixel, way)]

    def draw(self, painter: QPainter) -> None:
        lattices = self.lattices()
        titles = {
            "right": ("to the right", "rows skewed: a column is a diagonal"),
            "left": ("to the left", "skewed the other way, a row behind"),
            "sum": ("added", "the second a row down"),
        }
        for panel, lattice in lattices.items():
            wide = _COLUMNS * _SIDE if panel == "sum" else _SKEWED
            above = QRectF(lattice.left, 2, wide, 16)
            write(painter, above, titles[panel][0], CENTRE, bold=True)
            below = QRectF(lattice.left - 6, 18, wide + 12, 14)
            write(painter, below, titles[panel][1], CENTRE, theme.colour("muted"), SMALL)
            for pixel in lattice.pixels():
                self._draw_pixel(painter, panel, lattice, pixel)
        self._draw_ways(painter, lattices)
        bottom = _TOP + _ROWS * _SIDE
        muted = theme.colour("muted")
        write(
            painter,
            QRectF(4, bottom + 6, _SKEWED * 2 + _GAP, 14),
            "In training all cells of a column are one step, from the column before.",
            LEFT,
            muted,
            SMALL,
        )
        draw_key(painter, 4, bottom + 32, State.NOW, State.KEPT, State.LATER)

    def _draw_pixel(self, painter: QPainter, panel: str, lattice: Lattice, pixel: Pixel) -> None:
        cell, lit = lattice.cell(*pixel), self.lit == (panel, *pixel)
        if panel != "sum":
            draw_cell(painter, cell, self.state(panel, pixel), lit)
            return
        corners = cell.bottomLeft(), cell.topRight()
        halves = zip((cell.topLeft(), cell.bottomRight()), self.sources("sum", pixel), strict=True)
        painter.setPen(Qt.PenStyle.NoPen)
        for corner, (source, of) in halves:
            state = self.state(source, of)
            if source == "left" and of[0] < 0:
                state = State.LATER  # above the first row there is nothing
            painter.setBrush(fill_of(state))
            painter.drawPolygon(QPolygonF([corner, *corners]))
        painter.setPen(QPen(theme.colour("cursor" if lit else "line"), 2 if lit else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cell)
        painter.drawLine(*corners)

    def _draw_ways(self, painter: QPainter, lattices: dict[str, Lattice]) -> None:
        """What flows into what is pointed at, else into the pixel of this step: within an LSTM by
        arrows, from both into their sum by a line round each."""
        into: list[tuple[str, Pixel]] = [("sum", self.now), ("right", self.now)]
        if self.now[0]:
            into.append(("left", (self.now[0] - 1, self.now[1])))
        if isinstance(self.lit, tuple):
            panel, row, column = self.lit
            into = [(panel, (row, column))]
        colour = theme.colour("cursor")
        for panel, pixel in into:
            if panel == "sum":
                self._ring(painter, lattices[panel].cell(*pixel))
            for source, of in self.sources(panel, pixel):
                if of[0] < 0 or not lattices[source].holds(of):
                    continue
                if panel == "sum":
                    self._ring(painter, lattices[source].cell(*of))
                    continue
                begin, end = lattices[source].middle(*of), lattices[panel].middle(*pixel)
                end -= (end - begin) * 0.25
                arrow(painter, (begin.x(), begin.y()), (end.x(), end.y()), colour=colour, thick=2)
        for sign, after in (("+", "right"), ("=", "left")):
            box = QRectF(lattices[after].left + _SKEWED, _TOP, _GAP, _ROWS * _SIDE)
            write(painter, box, sign, size=18, bold=True)

    @staticmethod
    def _ring(painter: QPainter, cell: QRectF) -> None:
        painter.setPen(QPen(theme.colour("cursor"), 2.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cell)

    def under(self, x: float, y: float) -> Hashable | None:
        for panel, lattice in self.lattices().items():
            if (pixel := lattice.at(x, y)) is not None:
                return panel, *pixel
        return None

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        panel, row, column = thing
        place = f"row {row + 1}, column {column + 1}"
        if panel == "sum":
            return f"{place}: the state to the right here, and the one to the left a row up."
        side = "left" if panel == "right" else "right"
        told = f"The state to the {panel} at {place}: {self.state(panel, (row, column)).value}"
        return f"{told}; made of those above and to the {side}, a column before."


_WIDE, _HIGH, _CELL = 13, 6, 26.0
_AROUND = 60.0  # on both sides


class RowTriangleView(FigureView):
    """Things under the pointer: (row, column)."""

    figure: RowTriangle
    follows = True

    @property
    def now(self) -> Pixel:
        return pixel_of(self.seen, self.figure.columns, (4, min(6, self.figure.columns - 1)))

    def lattice(self) -> Lattice:
        columns = min(_WIDE, self.figure.columns)
        first = window(self.now, _HIGH, columns, self.figure.columns)
        return Lattice(_AROUND, 6, _CELL, first, (_HIGH, columns))

    def extent(self) -> tuple[float, float]:
        return _WIDE * _CELL + 2 * _AROUND, _HIGH * _CELL + 34

    def triangle(self, pixel: Pixel) -> list[set[Pixel]]:
        """A state, and what flows into it, row by row upwards."""
        lattice, rows = self.lattice(), [{pixel}]
        while rows[-1]:
            above = {each for one in rows[-1] for each in self.figure.sources(*one)}
            rows.append({each for each in above if lattice.holds(each)})
        return rows[:-1]

    def draw(self, painter: QPainter) -> None:
        lattice, now = self.lattice(), self.now
        pointed = isinstance(self.lit, tuple)
        of = (self.lit[0], self.lit[1]) if isinstance(self.lit, tuple) else now
        rows = self.triangle(of)
        inside: set[Pixel] = set().union(*rows)
        for pixel in lattice.pixels():
            state = in_raster(pixel, now)
            if state is State.KEPT and pixel not in inside:
                state = State.GONE
            draw_cell(painter, lattice.cell(*pixel), state, pixel == self.lit)
        colour = theme.colour("cursor" if pointed else "card")
        for row in rows[:-1]:
            for pixel in row:
                for source in self.figure.sources(*pixel):
                    if lattice.holds(source):
                        ends = lattice.middle(*source), lattice.middle(*pixel)
                        draw_line(painter, *ends, colour, 1.4)
        bottom = lattice.top + _HIGH * _CELL + 12
        _draw_triangle_key(painter, bottom)

    def under(self, x: float, y: float) -> Hashable | None:
        return self.lattice().at(x, y)

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        row, column = thing
        return f"Row {row + 1}, column {column + 1}: made of the three states above it."


def _draw_triangle_key(painter: QPainter, top: float) -> None:
    named = ((State.NOW, "this step"), (State.KEPT, "its triangle"), (State.GONE, "not seen"))
    for number, (state, name) in enumerate(named):
        left = _AROUND + 94.0 * number
        draw_cell(painter, QRectF(left, top, 10, 10), state)
        write(painter, QRectF(left + 14, top - 3, 78, 16), name, LEFT, size=SMALL)


VIEWS = {Diagonals: DiagonalsView, RowTriangle: RowTriangleView}
