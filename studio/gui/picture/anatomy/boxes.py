"""Boxes: the parts that say nothing of themselves or that nothing draws, and what goes into a
network and comes out."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from models.anatomy import Box, Figure, Input, Output
from studio.gui.picture.anatomy.ink import SMALL, frame, write
from studio.gui.picture.anatomy.view import FigureView
from studio.gui.widgets import theme

_WIDTH, _HEIGHT = 420.0, 44.0


class _Words(FigureView):
    """Two lines in a frame."""

    titled = False

    def lines(self) -> tuple[str, str]:
        raise NotImplementedError

    def extent(self) -> tuple[float, float]:
        return _WIDTH, _HEIGHT

    def draw(self, painter: QPainter) -> None:
        above, below = self.lines()
        frame(painter, QRectF(1, 1, _WIDTH - 2, _HEIGHT - 2), self.lit is not None)
        write(painter, QRectF(8, 5, _WIDTH - 16, 18), above, bold=True)
        write(
            painter, QRectF(8, 22, _WIDTH - 16, 16), below, size=SMALL, colour=theme.colour("muted")
        )

    def under(self, x: float, y: float) -> Hashable | None:
        return "all" if 0 <= x < _WIDTH and 0 <= y < _HEIGHT else None

    def words(self, thing: Hashable) -> str:
        return ": ".join(filter(None, self.lines()))


class PlainView(_Words):
    """Of a kind of figure that another package adds, and that nothing draws."""

    figure: Figure

    def lines(self) -> tuple[str, str]:
        return self.figure.name(), self.figure.about


class BoxView(_Words):
    figure: Box

    def lines(self) -> tuple[str, str]:
        box = self.figure
        kernel = f" {_by(box.kernel)}" if box.kernel else ""
        stride = f", stride {_by(box.stride)}" if any(step > 1 for step in box.stride) else ""
        weights = [f"{name} {_by(shape)}" for name, shape in box.weights]
        return f"{box.kind}{kernel}{stride}", ", ".join(weights)


class InputView(_Words):
    figure: Input

    def lines(self) -> tuple[str, str]:
        channels, *space = self.figure.shape
        size = "open length" if None in space else _by(tuple(space))
        of_colour = "" if channels == 1 else f", {channels} channels"
        return self.figure.title, f"{size}{of_colour}, {self.figure.levels} levels"


class OutputView(_Words):
    figure: Output

    def lines(self) -> tuple[str, str]:
        count = self.figure.parameters
        numbers = "1 number" if count == 1 else f"{count} numbers"
        return self.figure.title, f"{numbers} for each site, read as {self.figure.likelihood}"


def _by(shape: tuple[object, ...]) -> str:
    return " × ".join(map(str, shape))


VIEWS = {Figure: PlainView, Box: BoxView, Input: InputView, Output: OutputView}
