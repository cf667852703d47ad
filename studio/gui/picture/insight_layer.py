"""`InsightLayer`: what an insight says, over the pictures on the stage: its colours, and on top of
them the sites that it outlines and the line that it draws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen

from studio.engine.editing.painting import Painting
from studio.engine.editing.patches import in_pixels
from studio.engine.insights import Answer, Insight
from studio.engine.insights.colours import colours_of
from studio.gui.widgets import theme

_THROUGH = 0.3  # share of the picture that is seen through colours
_ROOMY = 10  # pixels of a site, from which on its outline may be thicker


@dataclass(frozen=True, eq=False)
class InsightLayer:
    """picture: over which of them it lies."""

    insight: Insight
    answer: Answer
    picture: int

    def laid_over(
        self, colours: NDArray[np.uint32], painting: Painting | None
    ) -> NDArray[np.uint32]:
        """The colours of the pictures, 0xAARRGGBB (count, H, W), with its own over one of them."""
        if not self.answer.maps or self.picture >= len(colours):
            return colours
        own = colours_of(self.answer.maps[0], self.insight.colours)
        (height, width), sites = colours.shape[1:], own.shape
        if len(sites) != 2 or height % sites[0] or width % sites[1]:
            return colours  # of a model that is no longer in use
        own = in_pixels(own, (height // sites[0], width // sites[1]))
        if self.insight.of_unknown and painting is not None:
            own[painting.known] = 0  # a stroke is newer than what was said before it
        below = colours[self.picture]
        if self.insight.see_through:
            own = np.where((own > 0) & (below > 0), _mixed(own, below), own)
        laid = colours.copy()
        laid[self.picture] = np.where(own > 0, own, below)
        return laid

    def draw(self, painter: QPainter, rect: QRect, site: QSize) -> None:
        """Outlines and the line, on the picture in `rect`; site: how large one is on the screen."""
        answer, width = self.answer, rect.width() // site.width()
        sites = width * (rect.height() // site.height())
        if answer.path is not None and len(answer.path) > 1 and answer.path.max() < sites:
            self._draw_path(painter, rect, site)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        thick = _thickness(site)
        if answer.marked is not None:
            painter.setPen(_pen("accent", thick))
            for number in answer.marked.tolist():
                if number < sites:
                    painter.drawRect(_square(rect, site, number))
        if answer.site is not None and answer.site < sites:
            square = _square(rect, site, answer.site)
            painter.setPen(_pen("card", thick + 2))
            painter.drawRect(square)
            painter.setPen(_pen("changed", thick))
            painter.drawRect(square)

    def _draw_path(self, painter: QPainter, rect: QRect, site: QSize) -> None:
        assert self.answer.path is not None
        across, down = site.width(), site.height()
        rows, columns = np.divmod(self.answer.path, rect.width() // across)
        corner = QPointF(rect.topLeft()) + QPointF(across / 2, down / 2)
        points = [
            corner + QPointF(column * across, row * down)
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        # one by one: Qt takes a second for a line that crosses itself a thousand times
        lines = [QLineF(*each) for each in pairwise(points)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = _thickness(site)
        for pen in (_pen("card", 2 * thick), _pen("accent", thick)):  # seen on all colours of maps
            painter.setPen(pen)
            painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _pen(colour: str, thick: int) -> QPen:
    pen = QPen(theme.colour(colour), thick)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    return pen


def _thickness(site: QSize) -> int:
    return 2 if min(site.width(), site.height()) >= _ROOMY else 1


def _square(rect: QRect, site: QSize, number: int) -> QRect:
    row, column = divmod(number, rect.width() // site.width())
    corner = rect.topLeft() + QPoint(column * site.width(), row * site.height())
    return QRect(corner, site).adjusted(0, 0, -1, -1)


def _mixed(over: NDArray[np.uint32], below: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Opaque colours, with the ones below seen through."""
    mixed = np.full(over.shape, 0xFF000000, np.uint32)
    for shift in (0, 8, 16):
        upper, lower = (over >> shift) & 0xFF, (below >> shift) & 0xFF
        channel = (upper * (1 - _THROUGH) + lower * _THROUGH).astype(np.uint32)
        mixed |= channel << np.uint32(shift)
    return mixed
