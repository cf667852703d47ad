"""The distribution of the next site: a bar for every level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.player import Snapshot
from studio.gui import theme


class Distribution(QWidget):
    """Shows the probabilities (C, K) of the levels of the next site of picture 0: those of the first channel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Distribution of the next pixel")
        self.setToolTip("How probable each value of the next pixel is, in the first picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.probabilities: NDArray[np.float32] | None = None
        self._site: tuple[int, int] | None = None

    def sizeHint(self) -> QSize:
        return QSize(220, 116)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """The next site of a moment."""
        self.probabilities = None if snapshot is None else snapshot.probabilities
        self._site = None if snapshot is None else snapshot.next_site
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text, muted = self.palette().windowText().color(), theme.colour("muted")
        line = self.fontMetrics().height()
        if self.probabilities is None:
            painter.setPen(muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Nothing comes next")
            return
        levels = self.probabilities[0]
        row, column = self._site or (0, 0)
        painter.setPen(muted)
        painter.drawText(0, line - 3, f"Pixel in row {row}, column {column}")
        top, bottom = line + 4.0, float(self.height() - line - 2)
        width = self.width() / len(levels)
        painter.setPen(Qt.PenStyle.NoPen)
        few = len(levels) <= 8
        for level, p in enumerate(levels.tolist()):
            bar = (bottom - top) * p
            gap = width * 0.15 if few else 0.0
            left, across = level * width + gap, max(1.0, width - 2 * gap)
            painter.fillRect(QRectF(left, top, across, bottom - top), self.palette().base())
            painter.fillRect(QRectF(left, bottom - bar, across, bar), theme.colour("accent"))
        painter.setPen(text)
        if few:
            names = ("black", "white") if len(levels) == 2 else tuple(str(level) for level in range(len(levels)))
            for level, p in enumerate(levels.tolist()):
                box = QRectF(level * width, bottom, width, line + 2)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{names[level]}  {100 * p:.1f} %")
        else:
            painter.drawText(0, self.height() - 3, "0")
            painter.drawText(QRectF(0, bottom, self.width(), line + 2), Qt.AlignmentFlag.AlignRight, str(len(levels) - 1))
