"""The vertical and the horizontal stack: what each looks at, by how much the first layers are
moved, and how one reaches the other."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from models.anatomy import Stacks, Taps
from studio.gui.picture.anatomy.ink import SMALL, arrow, write
from studio.gui.picture.anatomy.seen import (
    Site,
    canvas_in,
    draw_picture,
    mark,
    next_site,
    outline,
    where,
)
from studio.gui.picture.anatomy.taps import TapGrid, draw_scale, draw_tap, ring, shares
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_SIDE = 162.0  # of a kernel's grid, and of the picture
_TOP, _GAP, _EDGE = 22.0, 54.0, 6.0
_LEAST = 3  # rows and columns round the site, at least
_STACKS = "vertical", "horizontal"


class StacksView(FigureView):
    """Things: (stack, row, column) of a cell, or ("site", row, column) of the picture."""

    figure: Stacks
    follows = True
    _picture = QRectF(_EDGE + 2 * (_SIDE + _GAP), _TOP, _SIDE, _SIDE)

    def extent(self) -> tuple[float, float]:
        return 3 * _SIDE + 2 * _GAP + 2 * _EDGE, _TOP + _SIDE + 32

    def taps(self, stack: str) -> Taps:
        return self.figure.vertical if stack == "vertical" else self.figure.horizontal

    def grid(self, stack: str) -> TapGrid:
        far = max(_LEAST, *(int(np.abs(self.taps(each).offsets).max()) for each in _STACKS))
        size = 2 * far + 1
        left = _EDGE + _STACKS.index(stack) * (_SIDE + _GAP)
        return TapGrid(left, _TOP, _SIDE / size, (-far, -far), (size, size))

    def places(self, stack: str) -> list[Site]:
        """What it looks at, as far from the site as it is."""
        return [(int(row), int(column)) for row, column in self.taps(stack).offsets]

    def draw(self, painter: QPainter) -> None:
        most = max(float(self.taps(stack).strength.max()) for stack in _STACKS)
        for stack in _STACKS:
            self._draw_stack(painter, stack)
        across = _EDGE + _SIDE + 6, _TOP + _SIDE / 2, _EDGE + _SIDE + _GAP - 6
        arrow(painter, across[:2], (across[2], across[1]), colour=_ink("vertical"))
        muted = theme.colour("muted")
        label = QRectF(_EDGE + _SIDE, across[1] - 20, _GAP, 14)
        write(painter, label, "1 × 1", colour=muted, size=SMALL)
        draw_scale(
            painter, QRectF(self._picture.left() + 16, _TOP + _SIDE + 8, _SIDE - 32, 22), most
        )
        write(painter, QRectF(self._picture.left(), 0, _SIDE, 18), "At the next pixel", bold=True)
        self._draw_picture(painter)
        if isinstance(self.lit, tuple) and self.lit[0] != "site":
            ring(painter, self.grid(self.lit[0]), self.lit[1:], lit=True)

    def _draw_stack(self, painter: QPainter, stack: str) -> None:
        grid, taps, ink = self.grid(stack), self.taps(stack), _ink(stack)
        share = dict(zip(self.places(stack), shares(taps.strength), strict=True))
        for place in grid.cells():
            draw_tap(painter, grid, place, share.get(place))
        ring(painter, grid, (0, 0))
        title = QRectF(grid.left, 0, _SIDE, 18)
        write(painter, title, f"{stack.capitalize()} stack", colour=ink, bold=True)
        below = QRectF(grid.left, _TOP + _SIDE + 4, _SIDE, 16)
        if taps.moved == (0, 0):
            told = "reads what is moved already"
            write(painter, below, told, colour=theme.colour("muted"), size=SMALL)
            return
        # where the kernel would lie if its features were not moved, with the site in its corner
        rows, columns = (sorted({place[axis] for place in share}) for axis in (0, 1))
        down, right = taps.moved
        dashed = QPen(ink, 1.6, Qt.PenStyle.DashLine)
        painter.setPen(dashed)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(grid.cell(rows[0] + down, columns[0] + right, len(rows), len(columns)))
        way = "down by a row" if down else "right by a column"
        write(painter, below, f"moved {way}", colour=ink, size=SMALL)
        site = grid.cell(0, 0).center()
        before = grid.cell(-down, -right).center()
        arrow(painter, (before.x(), before.y()), (site.x(), site.y()), colour=ink, thick=2)

    def _draw_picture(self, painter: QPainter) -> None:
        canvas = draw_picture(painter, self._picture, self.seen)
        if canvas is None or self.seen is None:
            return
        site = next_site(self.seen)
        for stack in _STACKS:
            outline(painter, canvas, self.places(stack), site, _ink(stack))
        mark(painter, canvas, site, theme.colour("cursor"))

    def under(self, x: float, y: float) -> Hashable | None:
        for stack in _STACKS:
            if (place := self.grid(stack).at(x, y)) is not None:
                return stack, *place
        canvas = canvas_in(self._picture, self.seen)
        site = None if canvas is None else canvas.site(x, y)
        return None if site is None else ("site", *site)

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        what, row, column = thing
        if what == "site":
            return self._of_site((row, column))
        taps, places = self.taps(what), self.places(what)
        name = f"{what.capitalize()} stack, {where(row, column)}"
        if (row, column) in places:
            strength = float(taps.strength[places.index((row, column))])
            return f"{name}: looked at, mean |w| {strength:.3g}."
        if (row, column) == (0, 0):
            return f"{name}: not looked at, since the features are moved."
        return f"{name}: not looked at by this layer."

    def _of_site(self, site: Site) -> str:
        assert self.seen is not None
        at = next_site(self.seen)
        away = site[0] - at[0], site[1] - at[1]
        name = f"Pixel in row {site[0]}, column {site[1]}"
        by = [stack for stack in _STACKS if away in self.places(stack)]
        if not by:
            return f"{name}: not under the kernels of this layer."
        return f"{name}: under the kernel of the {' and the '.join(by)} stack."


def _ink(stack: str) -> QColor:
    return theme.colour("accent" if stack == "vertical" else "evidence")


VIEWS = {Stacks: StacksView}
