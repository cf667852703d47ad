"""The unit interval, with a stretch for each level as long as that is probable, and a mark where
the noise falls: the level in whose stretch it lies is the one that comes (inverse CDF)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen

from studio.gui.widgets import theme

HEIGHT = 7  # pixels, with what stands out of the mark
_OUT = 2  # pixels: how far the mark stands out above the strip
_NARROW, _TOLD_APART = 0.5, 3.0  # pixels: of a stretch that is not drawn, and that has edges


def draw_strip(
    painter: QPainter,
    place: QRectF,
    probabilities: NDArray[np.float32],
    shades: list[QColor],
    noise: float | None,
    palette: QPalette,
) -> None:
    """probabilities (K,), shades of the K levels; noise is None for no mark."""
    strip = place.adjusted(0, _OUT, 0, 0)
    ends = probabilities.cumsum(dtype=np.float64)
    ends = strip.left() + ends / max(float(ends[-1]), 1e-12) * strip.width()
    begins = np.concatenate([[strip.left()], ends[:-1]])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.base())
    painter.drawRect(strip)
    apart: list[QLineF] = []
    for level in np.flatnonzero(ends - begins > _NARROW).tolist():
        begin, end = float(begins[level]), float(ends[level])
        painter.fillRect(QRectF(begin, strip.top(), end - begin, strip.height()), shades[level])
        if end - begin > _TOLD_APART and end < strip.right() - 1:
            apart.append(QLineF(end, strip.top(), end, strip.bottom()))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("muted"), 1))
    painter.drawLines(apart)
    painter.drawRect(strip.adjusted(0.5, 0.5, -0.5, -0.5))
    if noise is not None:
        across = mark_at(place, noise)
        for width, colour in ((5, palette.window().color()), (3, theme.colour("cursor"))):
            mark = QRectF(across - width / 2, place.top(), width, place.height())
            painter.fillRect(mark, colour)


def mark_at(place: QRectF, noise: float) -> float:
    """Where noise falls, across."""
    return min(max(place.left() + noise * place.width(), place.left() + 2), place.right() - 2)
