"""What there is to say of one code: its number, its place, the patch that it stands for, and how
probable it and others were there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.editing.painting import Site
from studio.gui.picture.code_map import code_colours
from studio.gui.widgets import theme
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_PATCH, _GAP = 40, 8  # pixels: of the picture of a patch, and beside it
_MOST = 5  # codes that are named
_SWATCH = 9  # pixels
_TIP = "The code under the pointer, else the next: how probable it and others were"
_HINT = "Point at a patch or a code to see how probable it was."


@dataclass(frozen=True, eq=False)
class CodeFacts:
    """site: which. code: what stands there, None where nothing does yet; upcoming: it is the next.
    patch: what it looks like in the picture, 0xAARRGGBB (rows, columns), 0 where it is unknown.
    shares: how probable each code was there, (K,); None where that is not known (yet)."""

    site: Site
    code: int | None
    patch: NDArray[np.uint32]
    shares: NDArray[np.float32] | None
    upcoming: bool = False

    @property
    def title(self) -> str:
        if self.code is None:
            return tr("Next code" if self.upcoming else "Not drawn yet")
        return tr("Code {code}").format(code=self.code)

    @property
    def where(self) -> str:
        return tr("row {row}, column {column}").format(row=self.site[0], column=self.site[1])

    @property
    def listed(self) -> list[tuple[int, float]]:
        """The most probable codes, and the one that stands there, wherever it comes."""
        if self.shares is None:
            return []
        best = np.argsort(-self.shares, kind="stable")[:_MOST].tolist()
        if self.code is not None and self.code not in best:
            best[-1] = self.code
        return [(code, float(self.shares[code])) for code in best]

    @property
    def words(self) -> str:
        """All of it."""
        told = [f"{code}: {100 * share:.1f} %" for code, share in self.listed]
        return ". ".join([f"{self.title}, {self.where}", *told])


class CodeFactsView(QWidget):
    """Shows them, always in the same room, so that nothing moves when another code is pointed
    at."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: CodeFacts | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Code")
        self.setToolTip(_TIP)

    def show_facts(self, facts: CodeFacts | None) -> None:
        """None for nothing."""
        self.facts = facts
        self.setAccessibleDescription("" if facts is None else facts.words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _PATCH + _GAP + _MOST * self._line)

    minimumSizeHint = sizeHint

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 1

    def patch_rect(self) -> QRect:
        """Where the picture of the patch is: in whole pixels a pixel, where it fits."""
        rows, columns = (1, 1) if self.facts is None else self.facts.patch.shape
        zoom = max(1, _PATCH // max(rows, columns))
        return QRect(QPoint(), QSize(columns * zoom, rows * zoom).boundedTo(QSize(_PATCH, _PATCH)))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        facts = self.facts
        if facts is None:
            painter.setPen(theme.colour("muted"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, tr(_HINT))
            return
        self._draw_patch(painter, facts)
        ink, line = self.palette().windowText().color(), self._line
        left = _PATCH + _GAP
        bold = self.font()
        bold.setBold(True)
        painter.setPen(ink)
        painter.setFont(bold)
        room = QRect(left, 0, self.width() - left, line)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, facts.title)
        painter.setFont(self.font())
        painter.setPen(theme.colour("muted"))
        painter.drawText(room.translated(0, line), Qt.AlignmentFlag.AlignLeft, facts.where)
        top = _PATCH + _GAP
        for number, (code, share) in enumerate(facts.listed):
            row = QRect(0, top + number * line, self.width(), line)
            self._draw_row(painter, row, facts, code, share, ink)

    def _draw_patch(self, painter: QPainter, facts: CodeFacts) -> None:
        place, colours = self.patch_rect(), np.ascontiguousarray(facts.patch)
        painter.fillRect(place, QBrush(hatch_pattern(7)))
        height, width = colours.shape
        form = QImage.Format.Format_ARGB32_Premultiplied
        painter.drawImage(place, QImage(colours.data, width, height, 4 * width, form))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _draw_row(
        self, painter: QPainter, row: QRect, facts: CodeFacts, code: int, share: float, ink: QColor
    ) -> None:
        """Colour, number, how probable, and a bar as long as that beside the most probable one."""
        assert facts.shares is not None
        metrics, count = self.fontMetrics(), len(facts.shares)
        number = metrics.horizontalAdvance(str(count - 1))
        percent = metrics.horizontalAdvance("100.0 %")
        box = QRect(row.left(), row.center().y() - _SWATCH // 2, _SWATCH, _SWATCH)
        colour = int(code_colours(np.array([code], np.uint8), count)[0])
        painter.fillRect(box, QColor.fromRgb(colour))
        here = code == facts.code
        painter.setPen(theme.colour("accent") if here else ink)
        left = box.right() + 5
        text = QRect(left, row.top(), number, row.height())
        to_the_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, to_the_right, str(code))
        left += number + 6
        room = max(0, row.right() - percent - 6 - left)
        long = max(1, round(room * share / max(float(facts.shares.max()), 1e-9)))
        bar = QRect(left, row.center().y() - 3, long, 7)
        painter.fillRect(bar, theme.colour("accent" if here else "muted"))
        end = QRect(row.right() - percent, row.top(), percent, row.height())
        painter.drawText(end, to_the_right, f"{100 * share:.1f} %")
