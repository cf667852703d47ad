"""The distribution of the next site: a bar for every level;
for colour a lane each for red, green and blue.

Levels of sound are amplitudes, and are written as such, too. Of a picture, a bar can be taken for
the next pixel, by a click or by the arrow keys and Enter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.widgets import theme, tips
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

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

    taken(channel, level): the person wants that one, see `set_taking`.
    """

    taken = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tips.beside(self)
        self.probabilities: NDArray[np.float32] | None = None
        self._site = ""
        self._lanes = 1
        self._low = False
        self._taking = False
        self._marked: tuple[int, int] | None = None  # channel and level, under the pointer or so
        self.setMouseTracking(True)
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
        self._tip = f"How probable each {what}"
        self.set_taking(False)
        self.update()

    def set_taking(self, taking: bool) -> None:
        """Whether a bar can be taken for the next site."""
        self._taking = taking
        more = ". Click a bar to take that value by hand: the model goes on from it"
        self.setToolTip(self._tip + (more if taking else ""))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if taking else Qt.FocusPolicy.NoFocus)
        self._mark(None)

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
        if self._marked is not None and not self._exists(*self._marked):
            self._mark(None)
        self.update()

    # ---- taking one ------------------------------------------------------------------------------

    def bar(self, channel: int, level: int) -> QRectF:
        """Where a bar can be clicked; the levels are there."""
        assert self.probabilities is not None
        place, levels = self._places()[channel], self.probabilities.shape[1]
        width = place.width() / levels
        return QRectF(place.left() + level * width, place.top(), width, place.height())

    def _places(self) -> list[QRectF]:
        """Of the bars of each channel."""
        line = self.fontMetrics().height()
        place = QRectF(0, line + 4, self.width(), self.height() - 2 * line - 6)
        if self.probabilities is None:
            return []
        channels, levels = self.probabilities.shape
        if channels == 1 and levels <= _FEW:
            return [place]
        lane, below = place.height() / channels, 3 if channels == len(_COLOURS) else 0
        return [
            QRectF(0, place.top() + channel * lane + line, place.width(), lane - line - below)
            for channel in range(channels)
        ]

    def _exists(self, channel: int, level: int) -> bool:
        found = self.probabilities
        return found is not None and channel < len(found) and level < found.shape[1]

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        for channel, place in enumerate(self._places() if self._taking else []):
            if place.contains(point) and self.probabilities is not None:
                levels = self.probabilities.shape[1]
                return channel, min(levels - 1, int(point.x() / place.width() * levels))
        return None

    def _mark(self, place: tuple[int, int] | None) -> None:
        if place != self._marked:
            self._marked = place
            self.update()
        cursor = Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(cursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mark(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._mark(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.taken.emit(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key, found = Qt.Key(event.key()), self.probabilities
        if not self._taking or found is None:
            super().keyPressEvent(event)
        elif key in steps:
            channel, level = self._marked or (0, int(found[0].argmax()) - steps[key][1])
            down, right = steps[key]
            self._mark(
                (
                    min(max(channel + down, 0), len(found) - 1),
                    min(max(level + right, 0), found.shape[1] - 1),
                )
            )
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._marked is not None:
            self.taken.emit(*self._marked)
        else:
            super().keyPressEvent(event)

    def _draw_marked(self, painter: QPainter) -> None:
        if self._marked is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("changed"), 2))
            bar = self.bar(*self._marked).adjusted(1, 1, -1, -1)
            if bar.width() < 3:
                bar.setWidth(3)
            painter.drawRect(bar)

    # ---- painting it -----------------------------------------------------------------------------

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        line = self.fontMetrics().height()
        painter.setPen(theme.colour("muted"))
        if self.probabilities is None:
            if self.isEnabled():  # it is not before there is a model
                painter.drawText(
                    self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Everything is generated")
                )
            return
        painter.drawText(0, line - 3, self._site)
        places = self._places()
        channels, levels = self.probabilities.shape
        if channels == 1 and levels <= _FEW:
            self._draw_shares(painter, places[0], self.probabilities[0])
            self._draw_marked(painter)
            return
        for channel, (bars, probabilities) in enumerate(
            zip(places, self.probabilities, strict=True)
        ):
            name = _COLOURS[channel] if channels == len(_COLOURS) else ""
            self._draw_lane(painter, bars, probabilities, channel, name)
        self._draw_marked(painter)
        painter.setPen(self.palette().windowText().color())
        below = QRectF(0, self.height() - line - 2, self.width(), line + 2)
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
        self,
        painter: QPainter,
        bars: QRectF,
        probabilities: NDArray[np.float32],
        channel: int,
        name: str,
    ) -> None:
        """Many levels, as high as they are probable beside the most probable one; what is said of
        one, above them."""
        best = int(probabilities.argmax())
        highest = float(probabilities[best])
        level = (
            str(best)
            if self.amplitudes is None
            else f"{_signed(self.amplitudes[best])} (level {best})"
        )
        said = f"{name} most likely {level}, {100 * highest:.1f} %".strip()
        if self._marked is not None and self._marked[0] == channel:
            marked = self._marked[1]
            said = f"{name} take {marked}, {100 * float(probabilities[marked]):.1f} %".strip()
        line = self.fontMetrics().height()
        painter.setPen(self.palette().windowText().color())
        painter.drawText(
            QRectF(bars.left(), bars.top() - line, bars.width(), line), said[:1].upper() + said[1:]
        )
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
