"""`WayView`: one of the ways to draw a picture that are raced: the picture as it comes, with what
was computed last in another colour, how many numbers were multiplied, and how long it took."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.editing.site_words import of_sites
from studio.engine.insights.ways import CACHED, NAIVE, WAYS, WayMoment, in_words
from studio.engine.media.image_grid import greys
from studio.gui.picture.grid_cell import Line, Sentence
from studio.gui.picture.site_colours import draw_sites
from studio.gui.widgets import theme
from studio.gui.widgets.marks import hatch_pattern, tinted
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_TINT = 5  # tenths
_LEAST = QSize(84, 84)


class WayView(QWidget):
    """In its accessible name stands what is seen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        title = QLabel(name)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self.explanation = QLabel(WAYS[name], wordWrap=True)
        for label in (title, self.explanation):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.picture, self.bar = WayPicture(), Bar()
        self.multiplied, self.took = Line(), Line(muted=True)
        self.why_not = Sentence()
        self.why_not.setMinimumSize(_LEAST)
        self.why_not.hide()
        font = self.multiplied.font()
        font.setBold(True)
        self.multiplied.setFont(font)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(self.explanation)
        column.addWidget(self.picture, 1)
        column.addWidget(self.why_not, 1)
        for widget in (self.bar, self.multiplied, self.took):
            column.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What belongs together stays together: no room is left under the picture."""
        super().resizeEvent(event)
        self._hold_together()

    def _hold_together(self) -> None:
        height, width = self.picture.space
        needed = max(_LEAST.height(), self.picture.width() // width * height)
        words = self._column.minimumHeightForWidth(self.width()) - _LEAST.height()
        self.picture.setMaximumHeight(needed)
        self.setMaximumHeight(words + needed)

    def show_moment(self, way: WayMoment, most: float, levels: int) -> None:
        """most: multiplications of a full bar."""
        self.picture.setVisible(not way.why_not)
        self.why_not.setVisible(bool(way.why_not))
        self.why_not.show_text(way.why_not)
        self.picture.show_colours(colours(way, levels))
        self._hold_together()
        self.bar.show_share(way.multiplications / most if most else 0.0)
        many = in_words(way.multiplications)
        self.multiplied.show_texts(["" if way.why_not else f"{many} multiplications", many])
        one, several = ("step", "steps") if way.name == CACHED else ("pass", "passes")
        passes = one if way.passes == 1 else several
        speed, seconds = f"{way.sites_per_second:,.0f}", f"{way.seconds:,.2f} s"
        took = [
            of_sites(f"{way.passes:,} {passes} · {seconds} · {speed} pixels/s", way.coded),
            f"{way.passes:,} {passes} · {seconds} · {speed}/s",
            f"{way.passes:,} {passes} · {seconds}",
        ]
        self.took.show_texts(took if way.passes else [""])
        said = (self._name, way.why_not or self.multiplied.text, self.took.text)
        self.setAccessibleName(". ".join(part.rstrip(".") for part in said if part))
        self.explanation.setText(explained := tr(of_sites(WAYS[self._name], way.coded)))
        self.setToolTip(explained)


def colours(way: WayMoment, levels: int) -> NDArray[np.uint32]:
    """0xAARRGGBB of every site, (H, W); 0 where nothing is there nor was computed last."""
    grey = greys(way.values, levels).astype(np.uint32)
    red, green, blue = grey if len(grey) == 3 else (grey[0],) * 3
    there = 0xFF000000 | red << 16 | green << 8 | blue
    if way.name == NAIVE:  # it computes what follows too, and draws nothing of it
        unknown = np.uint32(theme.colour("unknown").rgb())
        there = np.where(way.there, there, unknown)
    last = tinted(there.astype(np.uint32), _TINT, "accent")
    return np.where(way.computed, last, np.where(way.there, there, 0)).astype(np.uint32)


class WayPicture(QWidget):
    """A picture at integer zoom; hatched where nothing is there."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._colours = np.zeros((28, 28), np.uint32)

    def show_colours(self, found: NDArray[np.uint32]) -> None:
        """0xAARRGGBB (H, W), 0 where nothing is there."""
        if not np.array_equal(found, self._colours):
            self._colours = found
            self.update()

    @property
    def space(self) -> tuple[int, int]:
        """(height, width) of the picture, in sites."""
        height, width = self._colours.shape
        return height, width

    def place(self) -> tuple[QRect, int]:
        """Where the picture is, and how many pixels a site has."""
        height, width = self.space
        zoom = max(1, min(self.width() // width, self.height() // height))
        rect = QRect(0, 0, width * zoom, height * zoom)
        rect.moveCenter(self.rect().center())
        return rect, zoom

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        rect, zoom = self.place()
        inner = rect.translated(-rect.topLeft())
        draw_sites(painter, rect, inner, self._colours, zoom, QBrush(hatch_pattern(zoom)))


class Bar(QWidget):
    """How much there is of something, as a share of the most."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float) -> None:
        """0..1."""
        if share != self.share:
            self.share = share
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, 10)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.fillRect(self.rect(), theme.colour("line"))
        if self.share > 0:  # a pixel at least: little is not nothing
            width = max(1.0, min(1.0, self.share) * self.width())
            painter.fillRect(QRectF(0, 0, width, self.height()), theme.colour("accent"))
