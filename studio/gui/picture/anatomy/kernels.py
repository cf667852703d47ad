"""The masked kernels A and B: their taps, those that are masked out, and what the kernel lies on in
the picture that is drawn."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from models.anatomy import MaskedKernel
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

_SIDE = 196.0  # of the kernel, and of the picture
_TOP, _GAP = 22.0, 64.0


class KernelView(FigureView):
    """Things: ("tap", row, column) by its offset, or ("site", row, column) of the picture."""

    figure: MaskedKernel
    follows = True
    _picture = QRectF(_SIDE + _GAP + 8, _TOP, _SIDE, _SIDE)

    def extent(self) -> tuple[float, float]:
        return 2 * _SIDE + _GAP + 16, _TOP + _SIDE + 34

    @property
    def grid(self) -> TapGrid:
        size = len(self.figure.mask)
        return TapGrid(8, _TOP, _SIDE / size, (-(size // 2), -(size // 2)), (size, size))

    def looks_at(self, place: Site) -> bool:
        """Whether a tap, by its offset, is let through."""
        row, column = (each - first for each, first in zip(place, self.grid.first, strict=True))
        return bool(self.figure.mask[row, column])

    def _strength(self, place: Site) -> float:
        row, column = (each - first for each, first in zip(place, self.grid.first, strict=True))
        return float(self.figure.strength[row, column])

    def draw(self, painter: QPainter) -> None:
        figure, grid, muted = self.figure, self.grid, theme.colour("muted")
        most = float(figure.strength.max())
        share = shares(figure.strength)
        for place in grid.cells():
            seen = self.looks_at(place)
            at = place[0] - grid.first[0], place[1] - grid.first[1]
            draw_tap(painter, grid, place, float(share[at]) if seen else None, not seen)
        ring(painter, grid, (0, 0))
        shut = "centre shut" if figure.kind == "A" else "centre open"
        write(painter, QRectF(8, 0, _SIDE, 18), f"Mask {figure.kind}: {shut}", bold=True)
        draw_scale(painter, QRectF(28, _TOP + _SIDE + 8, _SIDE - 40, 22), most)
        write(painter, QRectF(self._picture.left(), 0, _SIDE, 18), "At the next pixel", bold=True)
        middle, right = _TOP + _SIDE / 2, grid.box.right()
        arrow(painter, (right + 14, middle), (right + _GAP - 14, middle))
        channels = f"{figure.inputs} → {figure.outputs}"
        write(painter, QRectF(right, middle - 22, _GAP, 14), channels, colour=muted, size=SMALL)
        write(painter, QRectF(right, middle + 8, _GAP, 14), "channels", colour=muted, size=SMALL)
        self._draw_picture(painter)
        if isinstance(self.lit, tuple) and self.lit[0] == "tap":
            ring(painter, grid, self.lit[1:], lit=True)

    def _draw_picture(self, painter: QPainter) -> None:
        canvas = draw_picture(painter, self._picture, self.seen)
        if canvas is None or self.seen is None:
            return
        site = next_site(self.seen)
        seen = [place for place in self.grid.cells() if self.looks_at(place)]
        outline(painter, canvas, seen, site, theme.colour("accent"))
        mark(painter, canvas, site, theme.colour("cursor"))
        if isinstance(self.lit, tuple) and self.lit[0] == "tap":
            there = site[0] + self.lit[1], site[1] + self.lit[2]
            if canvas.holds(*there):
                mark(painter, canvas, there, theme.colour("evidence"))

    def under(self, x: float, y: float) -> Hashable | None:
        if (place := self.grid.at(x, y)) is not None:
            return "tap", *place
        canvas = canvas_in(self._picture, self.seen)
        site = None if canvas is None else canvas.site(x, y)
        return None if site is None else ("site", *site)

    def words(self, thing: Hashable) -> str:
        assert isinstance(thing, tuple)
        what, row, column = thing
        if what == "site":
            return self._of_site((row, column))
        if self.looks_at((row, column)):
            return f"Tap {where(row, column)}: mean |w| {self._strength((row, column)):.3g}."
        if (row, column) == (0, 0):
            return "Tap at the site itself: masked out, since mask A leaves the centre out."
        return f"Tap {where(row, column)}: masked out, since that pixel comes later."

    def _of_site(self, site: Site) -> str:
        assert self.seen is not None
        at = next_site(self.seen)
        away = site[0] - at[0], site[1] - at[1]
        name = f"Pixel in row {site[0]}, column {site[1]}"
        if away in self.grid.cells():
            looked = self.looks_at(away)
            return f"{name}: {'looked at' if looked else 'masked out'}, {where(*away)}."
        return f"{name}: outside the kernel."


VIEWS = {MaskedKernel: KernelView}
