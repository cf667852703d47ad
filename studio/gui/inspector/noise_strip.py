"""The unit interval, with a part for each level as long as that is probable, and a mark where the
noise falls: the level in whose part it lies is the one that comes (inverse CDF)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPalette, QPen

from studio.gui.widgets import theme

HEIGHT = 7  # pixels, with what stands out of the mark
_OUT = 2  # pixels: how far the mark stands out above the strip
_TOLD_APART = 3.0  # pixels: from there on a part has an edge


def draw_strip(
    painter: QPainter,
    place: QRectF,
    probabilities: NDArray[np.float32],
    shades: NDArray[np.uint8],
    noise: float | None,
    palette: QPalette,
) -> None:
    """probabilities (K,), shades of the K levels, red, green and blue (K, 3); noise is None for no
    mark."""
    strip = place.adjusted(0, _OUT, 0, 0).toRect()
    ends = probabilities.cumsum(dtype=np.float64)
    ends *= strip.width() / max(float(ends[-1]), 1e-12)
    under = np.searchsorted(ends, np.arange(strip.width()) + 0.5).clip(0, len(ends) - 1)
    row = np.ascontiguousarray(shades[under])  # a colour for each pixel across
    image = QImage(row.data, strip.width(), 1, row.nbytes, QImage.Format.Format_RGB888)
    painter.drawImage(strip, image)
    apart = np.diff(ends, prepend=0.0) > _TOLD_APART
    edges = (strip.left() + ends[apart & (ends < strip.width() - 1)]).tolist()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("muted"), 1))
    painter.drawLines([QLineF(at, strip.top(), at, strip.bottom()) for at in edges])
    painter.drawRect(QRectF(strip).adjusted(0.5, 0.5, -0.5, -0.5))
    if noise is not None:
        across = mark_at(place, noise)
        for width, colour in ((5, palette.window().color()), (3, theme.colour("cursor"))):
            mark = QRectF(across - width / 2, place.top(), width, place.height())
            painter.fillRect(mark, colour)


def mark_at(place: QRectF, noise: float) -> float:
    """Where noise falls, across."""
    return min(max(place.left() + noise * place.width(), place.left() + 2), place.right() - 2)
