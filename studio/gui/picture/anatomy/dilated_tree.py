"""Dilated layers as a tree: what is computed in this step, what waits in the queues, and beside it
how full the queue of every layer is."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from models.moving_figures import DilatedTree
from studio.gui.picture.anatomy.ink import CENTRE, LEFT, RIGHT, SMALL, write
from studio.gui.picture.anatomy.states import (
    State,
    draw_cell,
    draw_dot,
    draw_key,
    draw_line,
    fill_of,
)
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_SITES = 32  # that are drawn
_LEFT, _PITCH, _ROW, _TOP = 58.0, 13.0, 46.0, 18.0
_RADIUS = 4.2
_QUEUES = 104.0  # width of the queues beside the tree
_BAR = 56.0


class DilatedTreeView(FigureView):
    """Things under the pointer: ("unit", row, site), ("queue", layer)."""

    figure: DilatedTree
    follows = True

    @property
    def rows(self) -> int:
        """Of dilated layers that are drawn."""
        return self.figure.drawable(_SITES)

    @property
    def position(self) -> int:
        """The site whose step is shown; without a picture, one whose tree is whole."""
        return _SITES - 1 if self.seen is None else self.seen.position

    @property
    def first(self) -> int:
        """The first site that is drawn."""
        return max(0, self.position - _SITES + 1)

    def state(self, row: int, site: int) -> State:
        """Of the state of a row, 0 for the first layer, at a site."""
        if site >= self.position:
            return State.NOW if site == self.position else State.LATER
        if row == len(self.figure.dilations):  # nothing is above that would look back
            return State.GONE
        kept = site in self.figure.queue(row + 1, self.position)
        return State.KEPT if kept else State.GONE

    def place(self, row: int, site: int) -> QPointF:
        """Where its dot is."""
        x = _LEFT + _PITCH * (site - self.first + 0.5)
        return QPointF(x, _TOP + _ROW * (self.rows - row) + _ROW / 2)

    def extent(self) -> tuple[float, float]:
        bars = 24 + 12.0 * len(self.figure.dilations)
        high = max(_TOP + _ROW * (self.rows + 1), bars)
        return _LEFT + _PITCH * _SITES + 14 + _QUEUES, high + 22

    def draw(self, painter: QPainter) -> None:
        self._draw_edges(painter)
        lit = self._flowing_in()
        for row, site in self._units():
            state = self.state(row, site)
            draw_dot(painter, self.place(row, site), _RADIUS, state, (row, site) in lit)
        self._draw_names(painter)
        self._draw_queues(painter)
        high = self.extent()[1]
        draw_key(painter, _LEFT, high - 14, State.NOW, State.KEPT, State.GONE)

    def _units(self) -> Iterator[tuple[int, int]]:
        for row in range(self.rows + 1):
            for site in range(self.first, self.first + _SITES):
                yield row, site

    def _flowing_in(self) -> set[tuple[int, int]]:
        """All that flows into what is under the pointer."""
        if isinstance(self.lit, tuple) and self.lit[0] == "unit":
            return self.figure.tree(*self.lit[1:])
        return set()

    def _draw_edges(self, painter: QPainter) -> None:
        """The tree of this step, thick where it is computed, and that of what is pointed at."""
        muted, now, lit = (theme.colour(name) for name in ("hatch", "accent", "cursor"))
        self._draw_tree(painter, self.figure.tree(self.rows, self.position), muted, 1.2)
        of_step = {(row, self.position) for row in range(1, self.rows + 1)}
        self._draw_tree(painter, of_step, now, 1.8)
        self._draw_tree(painter, self._flowing_in(), lit, 2.2)

    def _draw_tree(
        self, painter: QPainter, units: set[tuple[int, int]], colour: QColor, thick: float
    ) -> None:
        for unit in units:
            for below in self.figure.sources(*unit):
                if below[1] >= self.first:
                    draw_line(painter, self.place(*below), self.place(*unit), colour, thick)

    def _draw_names(self, painter: QPainter) -> None:
        for row in range(self.rows + 1):
            y = self.place(row, 0).y()
            name = f"layer {row}" if row else "first layer"
            write(painter, QRectF(0, y - 13, _LEFT - 6, 14), name, RIGHT, size=SMALL)
            if row:
                apart = f"{self.figure.dilations[row - 1]} apart"
                box = QRectF(0, y - 1, _LEFT - 6, 14)
                write(painter, box, apart, RIGHT, theme.colour("muted"), SMALL)
        if self.rows < len(self.figure.dilations):
            above = QRectF(_LEFT, _TOP - 16, _PITCH * _SITES, 14)
            going_on = f"layers {self.rows + 1} to {len(self.figure.dilations)} go on above"
            write(painter, above, going_on, LEFT, theme.colour("muted"), SMALL)
        at = self.place(0, self.position)
        below = QRectF(at.x() - 45, at.y() + 8, 90, 14)
        write(painter, below, f"site {self.position + 1}", size=SMALL, bold=True)

    def _bars(self) -> Iterator[tuple[int, QRectF]]:
        """The bar of the queue of each layer, 1 for the first."""
        left, layers = _LEFT + _PITCH * _SITES + 14 + 18, len(self.figure.dilations)
        for layer in range(1, layers + 1):
            yield layer, QRectF(left, 22 + 12.0 * (layers - layer), _BAR, 9)

    def _draw_queues(self, painter: QPainter) -> None:
        muted = theme.colour("muted")
        left = _LEFT + _PITCH * _SITES + 14
        write(painter, QRectF(left, 2, _QUEUES, 14), "queues", CENTRE, size=SMALL, bold=True)
        for layer, bar in self._bars():
            places = self.figure.dilations[layer - 1]
            share = len(self.figure.queue(layer, self.position)) / places
            draw_cell(painter, bar, State.LATER, self.lit == ("queue", layer))
            full = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
            if share:
                inside = full.adjusted(1, 1, -1 if share == 1 else 0, 0)
                painter.fillRect(inside, fill_of(State.KEPT))
            beside = QRectF(left - 4, bar.top() - 2, 19, 12)
            write(painter, beside, str(layer), RIGHT, muted, SMALL)
            behind = QRectF(bar.right() + 4, bar.top() - 2, 28, 12)
            write(painter, behind, str(places), LEFT, muted, SMALL)

    def under(self, x: float, y: float) -> Hashable | None:
        for layer, bar in self._bars():
            if bar.adjusted(-18, -1, 24, 2).contains(x, y):
                return "queue", layer
        row = self.rows - int((y - _TOP) // _ROW)
        site = self.first + int((x - _LEFT) // _PITCH)
        inside = 0 <= row <= self.rows and 0 <= site - self.first < _SITES
        return ("unit", row, site) if inside else None

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        if thing[0] == "queue":
            layer = thing[1]
            there = len(self.figure.queue(layer, self.position))
            return (
                f"The queue of layer {layer}: {there} of {self.figure.dilations[layer - 1]} states."
            )
        _, row, site = thing
        what = f"Layer {row}" if row else "The first layer"
        told = f"{what} at site {site + 1}: {self.state(row, site).value}"
        from_sites = [f"{each + 1}" for _, each in self.figure.sources(row, site)]
        if from_sites:
            told += f"; made of the row below at site {' and '.join(from_sites)}"
        return told + "."


VIEWS = {DilatedTree: DilatedTreeView}
