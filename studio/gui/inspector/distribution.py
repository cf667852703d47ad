"""The distribution of the next site: a bar for every level;
for colour a lane each for red, green and blue.

Levels of sound are amplitudes, and are written as such, too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.widgets import theme, tips
from studio.gui.widgets.painted import painted

_AMPLITUDES = (-1.0, -0.1, 0.0, 0.1, 1.0)  # that are written on the axis
_FEW = 8  # levels that are written out, each with its probability
_HEIGHT, _BARS = 116, 26  # pixels: of one distribution, and of the bars of each of several
_LOW = 76  # of one, where there is little room
_COLOURS = ("red", "green", "blue")


class Distribution(QWidget):
    """Shows the probabilities (C, K) of the levels of the next site, of the picture that is shown.

    Two to eight shades have bars as high as they are probable, with their share below. In a lane
    the most probable level, which is named above it, is as high as the lane: of 256 levels even a
    likely one may have a few percent only.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tips.beside(self)
        self.probabilities: NDArray[np.float32] | None = None
        self._site = ""
        self._lanes = 1
        self._low = False
        self.show_kind(None)

    def show_kind(self, amplitudes: NDArray[np.float32] | None) -> None:
        """Whether the levels are those of pictures, or of sound with these amplitudes (K,)."""
        self.amplitudes = amplitudes
        if amplitudes is None:
            site, what = (
                "pixel",
                "value of the next pixel is, in the chosen picture or else the first",
            )
        else:
            site = "sample"
            what = (
                "amplitude of the next sample is, in the take that is heard: levels are finer where"
                " it is quiet"
            )
        self.setAccessibleName(f"Distribution of the next {site}")
        self.setToolTip(f"How probable each {what}")
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        if self._lanes == 1:
            return QSize(220, _LOW if self._low else _HEIGHT)
        return QSize(220, self._lanes * (line + _BARS + 3) + 2 * line + 6)

    def be_low(self, low: bool) -> None:
        """Whether there is little room for it."""
        self._low = low
        self.updateGeometry()

    def show_levels(self, probabilities: NDArray[np.float32] | None, site: str) -> None:
        """The probabilities (C, K) of the next site, and which that is; None at the end."""
        self.probabilities, self._site = probabilities, site
        if self.probabilities is not None and len(self.probabilities) != self._lanes:
            self._lanes = len(self.probabilities)
            self.updateGeometry()
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        line = self.fontMetrics().height()
        painter.setPen(theme.colour("muted"))
        if self.probabilities is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Everything is generated")
            return
        painter.drawText(0, line - 3, self._site)
        place = QRectF(0, line + 4, self.width(), self.height() - 2 * line - 6)
        channels, levels = self.probabilities.shape
        if channels == 1 and levels <= _FEW:
            self._draw_shares(painter, place, self.probabilities[0])
            return
        lane = place.height() / channels
        for channel, probabilities in enumerate(self.probabilities):
            name = _COLOURS[channel] if channels == len(_COLOURS) else ""
            self._draw_lane(
                painter,
                QRectF(0, place.top() + channel * lane, place.width(), lane),
                probabilities,
                name,
            )
        painter.setPen(self.palette().windowText().color())
        below = QRectF(place.left(), place.bottom(), place.width(), line + 2)
        if self.amplitudes is not None:
            self._draw_amplitudes(painter, below, self.amplitudes)
            return
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, str(levels - 1))

    def _draw_amplitudes(
        self, painter: QPainter, below: QRectF, amplitudes: NDArray[np.float32]
    ) -> None:
        """An axis of amplitudes: levels are finer where it is quiet,
        so they are not evenly spaced."""
        for amplitude in _AMPLITUDES:
            level = int(np.abs(amplitudes - amplitude).argmin())
            text = f"{amplitude:g}".replace("-", "−")
            width = self.fontMetrics().horizontalAdvance(text)
            middle = below.left() + (level + 0.5) * below.width() / len(amplitudes)
            left = min(max(middle - width / 2, below.left()), below.right() - width)
            painter.drawText(
                QRectF(left, below.top(), width, below.height()), Qt.AlignmentFlag.AlignCenter, text
            )

    def _draw_shares(
        self, painter: QPainter, place: QRectF, probabilities: NDArray[np.float32]
    ) -> None:
        """A few levels, each with its probability under it."""
        names = (
            ("black", "white")
            if len(probabilities) == 2
            else tuple(str(level) for level in range(len(probabilities)))
        )
        self._draw_bars(painter, place, probabilities, theme.colour("accent"))
        painter.setPen(self.palette().windowText().color())
        width = place.width() / len(probabilities)
        for level, p in enumerate(probabilities.tolist()):
            box = QRectF(level * width, place.bottom(), width, self.fontMetrics().height() + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{names[level]}  {100 * p:.1f} %")

    def _draw_lane(
        self, painter: QPainter, place: QRectF, probabilities: NDArray[np.float32], name: str
    ) -> None:
        """Many levels, as high as they are probable beside the most probable one."""
        best = int(probabilities.argmax())
        highest = float(probabilities[best])
        level = (
            str(best)
            if self.amplitudes is None
            else f"{_signed(self.amplitudes[best])} (level {best})"
        )
        said = f"{name} most likely {level}, {100 * highest:.1f} %".strip()
        line = self.fontMetrics().height()
        painter.setPen(self.palette().windowText().color())
        painter.drawText(
            QRectF(place.left(), place.top(), place.width(), line), said[:1].upper() + said[1:]
        )
        bars = place.adjusted(0, line, 0, -3 if name else 0)
        self._draw_bars(
            painter, bars, probabilities / max(highest, 1e-9), theme.colour(name or "accent")
        )

    def _draw_bars(
        self, painter: QPainter, place: QRectF, shares: NDArray[np.float32], colour: QColor
    ) -> None:
        """A bar for every level, of a share of the place's height."""
        width = place.width() / len(shares)
        few = len(shares) <= _FEW
        gap = width * 0.15 if few else 0.0
        across = max(2.0, width - 2 * gap)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().base())
        painter.drawRects(
            [_part(place, i * width + gap, across, 1.0) for i in range(len(shares))]
            if few
            else [place]
        )
        painter.setBrush(colour)
        painter.drawRects(
            [
                _part(place, i * width + gap, across, s)
                for i, s in enumerate(shares.tolist())
                if s > 0
            ]
        )


def _signed(amplitude: float) -> str:
    """With a sign as it is printed, and none before 0.000."""
    return f"{amplitude:z.3f}".replace("-", "−")


def _part(place: QRectF, left: float, width: float, share: float) -> QRectF:
    """A bar that stands on the bottom of a place, within it."""
    left = min(place.left() + left, place.right() - width)
    return QRectF(left, place.bottom() - share * place.height(), width, share * place.height())
