"""What each curve has where the pointer is, in a box over the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.engine.runtime.texts import shortened
from studio.gui.training.laboratory.run_colours import SWATCH, draw_swatch
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_LONGEST = 26  # characters of a name
_PADDING, _GAP = 6, 8  # pixels


@dataclass(frozen=True)
class Reading:
    """A run, its place among the colours, and what it has there; None for nothing."""

    run: str
    place: int
    value: float | None = None
    validation: float | None = None

    def with_value(self, value: float, validation: bool) -> Reading:
        if validation:
            return replace(self, validation=value)
        return replace(self, value=value)

    @property
    def words(self) -> str:
        """Such as: 0.0912, validation 0.0902."""
        parts = [] if self.value is None else [f"{self.value:.4g}"]
        if self.validation is not None:
            parts.append(tr("validation {value}").format(value=f"{self.validation:.4g}"))
        return ", ".join(parts)


class Readings(QWidget):
    """Hidden as long as the pointer is elsewhere; lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title = ""
        self.rows: list[Reading] = []
        self.hide()

    def show_readings(self, title: str, rows: Sequence[Reading]) -> None:
        """title: where along the axis."""
        self.title, self.rows = title, list(rows)
        self.setAccessibleName("; ".join([title, *(f"{row.run} {row.words}" for row in rows)]))
        self.resize(self.sizeHint())
        self.show()
        self.update()

    def place(self, left: bool, room: QRect) -> None:
        """In an upper corner of `room`, of the parent."""
        x = room.left() + _GAP if left else room.right() - _GAP - self.width()
        self.move(x, room.top() + _GAP)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        widths = [metrics.horizontalAdvance(self.title)]
        widths += [
            SWATCH.width() + 2 * _GAP + sum(map(metrics.horizontalAdvance, self._texts(row)))
            for row in self.rows
        ]
        height = metrics.lineSpacing() * (1 + len(self.rows))
        return QSize(max(widths) + 2 * _PADDING, height + 2 * _PADDING)

    def _texts(self, row: Reading) -> tuple[str, str]:
        return shortened(row.run, _LONGEST), row.words

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("card"))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        metrics, ink = self.fontMetrics(), self.palette().windowText().color()
        line, y = metrics.lineSpacing(), _PADDING
        painter.setPen(theme.colour("muted"))
        painter.drawText(_PADDING, y + metrics.ascent(), self.title)
        for row in self.rows:
            y += line
            draw_swatch(painter, QPointF(_PADDING, y + (line - SWATCH.height()) / 2), row.place)
            painter.setPen(ink)
            name, words = self._texts(row)
            painter.drawText(_PADDING + SWATCH.width() + _GAP, y + metrics.ascent(), name)
            right = self.width() - _PADDING - metrics.horizontalAdvance(words)
            painter.drawText(right, y + metrics.ascent(), words)
