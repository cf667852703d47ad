"""The axis of amplitudes under the levels of sound. By the mu-law levels are finer where it is
quiet, so amplitudes are not evenly spaced: the ticks are those of a logarithm on both sides of 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.gui.widgets import theme

_NAMED = (-1.0, -0.1, -0.01, 0.0, 0.01, 0.1, 1.0)
_TICKS = tuple(sign * m * 10.0**-e for sign in (-1, 1) for e in (1, 2) for m in range(2, 10))
_LONG, _SHORT = 4, 2  # pixels of a tick


def draw(painter: QPainter, below: QRectF, amplitudes: NDArray[np.float32]) -> None:
    """below: the place under the levels, of which (K,) each sounds like that; in the painter's
    pen."""

    def across(amplitude: float) -> float:
        level = int(np.abs(amplitudes - amplitude).argmin())
        return below.left() + (level + 0.5) * below.width() / len(amplitudes)

    for amplitude in _NAMED:
        text = f"{amplitude:g}".replace("-", "−")
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(across(amplitude) - width / 2, below.left()), below.right() - width)
        place = QRectF(left, below.top(), width, below.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(theme.colour("muted"))
    for ticks, length in ((_NAMED, _LONG), (_TICKS, _SHORT)):
        top, bottom = below.top(), below.top() + length
        painter.drawLines([QLineF(at, top, at, bottom) for at in map(across, ticks)])


def signed(amplitude: float) -> str:
    """With a sign as it is printed, and none before 0.000."""
    return f"{amplitude:z.3f}".replace("-", "−")
