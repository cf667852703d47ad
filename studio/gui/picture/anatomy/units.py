"""Masked units: some of each layer with their numbers, the weights that are let through between
them, what flows into one under the pointer, and the masks themselves.

It is longer than other files: one figure, all of whose parts light up together.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from models.anatomy import Connection, Figure, MaskedUnits, spread
from studio.gui.picture.anatomy.ink import (
    CENTRE,
    LEFT,
    SMALL,
    two_coloured,
    width_of,
    wrapped,
    write,
)
from studio.gui.picture.anatomy.seen import Canvas, canvas_in, draw_picture, fill, mark, next_site
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

Unit = tuple[int, int]  # its layer, and its place among those that are drawn
Mask = NDArray[np.bool_]

_SHOWN = 13  # units of a layer that are drawn, at most
_LEFT, _ACROSS, _RADIUS = 24.0, 33.0, 12.5
_TOP, _DOWN = 40.0, 76.0  # of the first layer, from layer to layer
_MASKS_GAP = 16.0
_WIDTH = 632.0
_PICTURE = QRectF(470, 26, 156, 156)


class UnitsView(FigureView):
    """Things: ("unit", layer, place), ("mask", connection, row, column), ("site", row, column)."""

    figure: MaskedUnits
    follows = True

    def show_figure(self, figure: Figure) -> None:
        for name in ("shown", "_reach", "_numbers", "_plain_lines", "_mask_pictures"):
            self.__dict__.pop(name, None)
        super().show_figure(figure)

    def extent(self) -> tuple[float, float]:
        return _WIDTH, self._masks_top + 128

    @property
    def _masks_top(self) -> float:
        return _TOP + (len(self.figure.layers) - 1) * _DOWN + 50

    @functools.cached_property
    def shown(self) -> list[NDArray[np.int64]]:
        """Of each layer, the places of the units that are drawn."""
        return [spread(len(layer.numbers), _SHOWN) for layer in self.figure.layers]

    def place(self, layer: int, unit: int) -> QPointF:
        """Where the middle of a unit is: those of a layer are as far apart as of any other."""
        count = len(self.shown[layer])
        left = _LEFT + (_SHOWN - count) * _ACROSS / 2
        return QPointF(left + unit * _ACROSS, _TOP + layer * _DOWN)

    @functools.cached_property
    def _reach(self) -> dict[Unit, list[Mask]]:
        """What flows into each unit that is drawn; see `MaskedUnits.flows_into`."""
        found = {}
        for layer, places in enumerate(self.shown):
            flows = self.figure.flows_into(layer, places.tolist())
            for unit in range(len(places)):
                found[layer, unit] = [each[unit] for each in flows]
        return found

    @functools.cached_property
    def _numbers(self) -> dict[Unit, NDArray[np.int64]]:
        """Those of the inputs that flow into each unit that is drawn."""
        numbers = self.figure.layers[0].numbers
        return {unit: np.unique(numbers[flows[0]]) for unit, flows in self._reach.items()}

    def sites(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The raster indices of inputs or outputs, in the order in which is drawn."""
        order = self.figure.order if self.seen is None else self.seen.order
        found: NDArray[np.int64] = order[numbers - 1]
        return found

    def _own_site(self, layer: int, unit: int) -> int | None:
        """Of an input or an output that is drawn."""
        if layer not in (0, len(self.shown) - 1):
            return None
        return int(self.sites(self.figure.layers[layer].numbers[self.shown[layer][unit]]))

    @property
    def lit_unit(self) -> Unit | None:
        lit = self.lit
        return (lit[1], lit[2]) if isinstance(lit, tuple) and lit[0] == "unit" else None

    def lit_inputs(self) -> set[int]:
        """The sites that flow into the unit under the pointer."""
        return (
            set()
            if self.lit_unit is None
            else set(self.sites(self._numbers[self.lit_unit]).tolist())
        )

    # ---- drawing ---------------------------------------------------------------------------------

    def draw(self, painter: QPainter) -> None:
        self._draw_lines(painter)
        for layer in range(len(self.shown)):
            self._draw_name(painter, layer)
        for layer, places in enumerate(self.shown):
            for unit in range(len(places)):
                self._draw_unit(painter, layer, unit)
        self._draw_picture(painter)
        for number, box in enumerate(self._mask_boxes()):
            self._draw_mask(painter, number, box)

    def _draw_name(self, painter: QPainter, layer: int) -> None:
        """Over the lines, on a ground of its own."""
        drawn, units = len(self.shown[layer]), self.figure.layers[layer]
        some = "" if drawn == units.total else f": {drawn} of {units.total:,}"
        words = f"{units.called}{some}"
        box = QRectF(_LEFT - _RADIUS, _TOP + layer * _DOWN - 32, 0, 15)
        box.setWidth(width_of(painter, words, SMALL) + 6)
        painter.fillRect(box, self.palette().window())
        write(painter, box.adjusted(3, 0, 3, 0), words, LEFT, theme.colour("muted"), SMALL)

    def _draw_lines(self, painter: QPainter) -> None:
        """Weights between neighbouring layers; those that jump over one only where they are lit."""
        lit = self.lit_unit
        faint = QColor(theme.colour("muted"))
        faint.setAlphaF(0.4 if lit is None else 0.18)
        painter.setPen(QPen(faint, 0.8))
        painter.drawLines(self._plain_lines)
        if lit is not None:
            painter.setPen(QPen(theme.colour("accent"), 1.6))
            painter.drawLines(self._lines_into(lit))

    @functools.cached_property
    def _plain_lines(self) -> list[QLineF]:
        connections = self.figure.connections
        return [
            line
            for each in connections
            if each.later == each.earlier + 1
            for line in self._lines(each, self._between(each))
        ]

    def _lines_into(self, unit: Unit) -> list[QLineF]:
        """The weights over which something flows into a unit."""
        found: list[QLineF] = []
        flows = self._reach[unit]
        for each in self.figure.connections:
            if each.later <= unit[0]:
                upper, lower = (
                    flows[layer][self.shown[layer]] for layer in (each.earlier, each.later)
                )
                found += self._lines(each, self._between(each) & lower[:, None] & upper)
        return found

    def _between(self, connection: Connection) -> Mask:
        """The mask between units that are drawn, (later, earlier)."""
        rows, columns = self.shown[connection.later], self.shown[connection.earlier]
        return connection.mask[rows][:, columns]

    def _lines(self, connection: Connection, mask: Mask) -> list[QLineF]:
        """One for each place where the mask is 1."""
        return [
            QLineF(self.place(connection.earlier, upper), self.place(connection.later, lower))
            for lower, upper in np.argwhere(mask).tolist()
        ]

    def _draw_unit(self, painter: QPainter, layer: int, unit: int) -> None:
        lit = self.lit_unit
        among = lit is not None and layer <= lit[0]
        flows = among and lit is not None and self._reach[lit][layer][self.shown[layer][unit]]
        known = self._is_known(layer, unit)
        ground, ink = theme.colour("card"), None
        if known:
            ground, ink = theme.colour("ok"), theme.colour("card")
        if flows:
            ground, ink = theme.colour("accent"), theme.colour("card")
        painter.setPen(QPen(theme.colour("accent" if flows else "muted"), 1.4))
        painter.setBrush(ground)
        middle = self.place(layer, unit)
        painter.drawEllipse(middle, _RADIUS, _RADIUS)
        box = QRectF(middle.x() - _RADIUS, middle.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
        number = str(self.figure.layers[layer].numbers[self.shown[layer][unit]])
        write(painter, box, number, CENTRE, ink, 11 if len(number) < 4 else 8)

    def _is_known(self, layer: int, unit: int) -> bool:
        """Whether all that flows into it is there; of outputs, whether the site itself is."""
        if self.seen is None:
            return False
        there, own = self.seen.there.ravel(), self._own_site(layer, unit)
        return bool(there[self.sites(self._numbers[layer, unit]) if own is None else own].all())

    def _draw_picture(self, painter: QPainter) -> None:
        title = QRectF(_PICTURE.left(), 4, _PICTURE.width(), 16)
        words = "What flows in" if self.lit_unit else "Pixels so far"
        write(painter, title, words, bold=True)
        canvas = draw_picture(painter, _PICTURE, self.seen)
        if canvas is None or self.seen is None:
            return
        veil = QColor(theme.colour("accent"))
        veil.setAlphaF(0.55)
        fill(painter, canvas, (divmod(site, canvas.space[1]) for site in self.lit_inputs()), veil)
        mark(painter, canvas, next_site(self.seen), theme.colour("cursor"))
        own = None if self.lit_unit is None else self._own_site(*self.lit_unit)
        if own is not None:
            mark(painter, canvas, divmod(own, canvas.space[1]), theme.colour("evidence"))
        self._draw_key(painter)

    def _draw_key(self, painter: QPainter) -> None:
        """What the colours of the units mean."""
        for number, (name, words) in enumerate(
            (("ok", "known so far"), ("accent", "flows into it"))
        ):
            y = _PICTURE.bottom() + 22 + 20 * number
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(name))
            painter.drawEllipse(QPointF(_PICTURE.left() + 6, y), 5, 5)
            box = QRectF(_PICTURE.left() + 16, y - 8, _PICTURE.width() - 14, 16)
            write(painter, box, words, LEFT, theme.colour("muted"), SMALL)
        rule = QRectF(_PICTURE.left(), _PICTURE.bottom() + 56, _PICTURE.width(), 72)
        wrapped(painter, rule, self.figure.rule, theme.colour("muted"), SMALL)

    def _mask_boxes(self) -> list[QRectF]:
        count = len(self.figure.connections)
        side = min(96.0, (_WIDTH - 24 - (count - 1) * _MASKS_GAP) / count)
        pitch = (_WIDTH - 24 - count * side) / max(count - 1, 1) + side
        return [QRectF(12 + pitch * number, self._masks_top, side, side) for number in range(count)]

    @functools.cached_property
    def _mask_pictures(self) -> dict[tuple[int, int], list]:
        return {}

    def _draw_mask(self, painter: QPainter, number: int, box: QRectF) -> None:
        mask = self.figure.connections[number].mask
        on, off = theme.colour("accent"), theme.colour("card")
        key = on.rgb(), off.rgb()
        if key not in self._mask_pictures:
            self._mask_pictures.clear()
            self._mask_pictures[key] = [
                two_coloured(each.mask, on, off) for each in self.figure.connections
            ]
        painter.drawImage(box, self._mask_pictures[key][number])
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        connection, layers = self.figure.connections[number], self.figure.layers
        size = f"{layers[connection.later].total:,} × {layers[connection.earlier].total:,}"
        words = f"{_short(connection, len(layers))}\n{size}"
        below = QRectF(box.left() - 14, box.bottom() + 2, box.width() + 28, 28)
        write(painter, below, words, colour=theme.colour("muted"), size=SMALL)
        self._draw_row(painter, number, box, mask)

    def _draw_row(self, painter: QPainter, number: int, box: QRectF, mask: Mask) -> None:
        """The row of the unit under the pointer, or that which is pointed at."""
        lit, connection = self.lit, self.figure.connections[number]
        row = None
        if isinstance(lit, tuple) and lit[0] == "mask" and lit[1] == number:
            row = lit[2]
        elif (unit := self.lit_unit) is not None and unit[0] == connection.later:
            row = int(self.shown[unit[0]][unit[1]])
        if row is not None:
            y = box.top() + (row + 0.5) / len(mask) * box.height()
            painter.setPen(QPen(theme.colour("evidence"), 1.5))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    # ---- pointing --------------------------------------------------------------------------------

    def under(self, x: float, y: float) -> Hashable | None:
        for layer, places in enumerate(self.shown):
            for unit in range(len(places)):
                away = self.place(layer, unit) - QPointF(x, y)
                if QPointF.dotProduct(away, away) <= _RADIUS**2:
                    return "unit", layer, unit
        for number, box in enumerate(self._mask_boxes()):
            if box.contains(QPointF(x, y)):
                mask = self.figure.connections[number].mask
                canvas = Canvas(0, 0, 1, (mask.shape[0], mask.shape[1]))
                row = int((y - box.top()) / box.height() * canvas.space[0])
                column = int((x - box.left()) / box.width() * canvas.space[1])
                return "mask", number, min(row, len(mask) - 1), min(column, mask.shape[1] - 1)
        picture = canvas_in(_PICTURE, self.seen)
        site = None if picture is None else picture.site(x, y)
        return None if site is None else ("site", *site)

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        if thing[0] == "unit":
            return self._of_unit(thing[1], thing[2])
        if thing[0] == "mask":
            return self._of_mask(*thing[1:])
        row, column = thing[1:]
        return f"Pixel in row {row}, column {column}."

    def _of_unit(self, layer: int, unit: int) -> str:
        units = self.figure.layers[layer]
        place = self.shown[layer][unit]
        number, own = units.numbers[place], self._own_site(layer, unit)
        name = f"Number {number} of the {units.called}"
        if own is None:
            name = f"Unit {units.index[place] + 1:,} of the {units.called}, number {number}"
        if own is not None and self.seen is not None and len(self.seen.space) == 2:
            row, column = divmod(own, self.seen.space[1])
            name += f", the pixel in row {row}, column {column}"
        if layer == 0:
            return f"{name}."
        numbers = self._numbers[layer, unit]
        if not len(numbers):
            return f"{name}: nothing flows into it but its bias."
        return f"{name}: inputs 1 to {numbers.max()} flow into it."

    def _of_mask(self, number: int, row: int, column: int) -> str:
        connection, layers = self.figure.connections[number], self.figure.layers
        later, earlier = layers[connection.later], layers[connection.earlier]
        through = "let through" if connection.mask[row, column] else "masked"
        return (
            f"{connection.called.capitalize()}: the weight from number {earlier.numbers[column]}"
            f" into number {later.numbers[row]} is {through}."
        )


def _short(connection: Connection, layers: int) -> str:
    names = "inputs", *(f"hidden {i}" for i in range(1, layers - 1)), "outputs"
    return f"{names[connection.earlier]} → {names[connection.later]}"


VIEWS = {MaskedUnits: UnitsView}
