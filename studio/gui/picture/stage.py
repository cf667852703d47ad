"""The stage: the pictures while they are drawn, at integer zoom,
and the place where the person paints.

Unknown sites are hatched, what the person gave is tinted and has an edge, what the model drew is
plain; evidence that the model had not seen when it drew earlier sites is dotted. Only what has
changed since the last frame is painted again, and nothing at all is worked out while the stage is
hidden: the model has the processor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.editing.painting import Painting, Site
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.site_colours import draw_sites, site_colours
from studio.gui.picture.stage_layout import Layout
from studio.gui.widgets import theme
from studio.gui.widgets.marks import evidence_marks, glow, hatch_pattern
from studio.gui.widgets.overlays import overlays

_PAINTING_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
_MOST_WITH_BRUSH = 4  # pictures: of more, only the first shows the outline of the brush


class Stage(QWidget):
    """Shows a `Snapshot` and a `Painting`.

    Signals: pressed(row, column), dragged(row, column) and released() while a button is down,
    erasing with the right one: see `erasing`, and `picture` for which of the pictures; hovered(row,
    column) or (-1, -1); overlay_changed(its name).
    """

    pressed = Signal(int, int)
    dragged = Signal(int, int)
    released = Signal()
    hovered = Signal(int, int)
    overlay_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Stage")
        self.setToolTip("Paint with the left button, erase with the right one")
        self.overlay = "none"
        self.erasing = False
        self.picture = 0
        self._levels = 2
        self._snapshot: Snapshot | None = None
        self._painting: Painting | None = None
        self._layout = Layout.of(self.size(), 1, (28, 28))
        # What is on the screen: 0xAARRGGBB of every picture and site, 0 where it is unknown;
        # evidence; the next site.
        self._colours = np.zeros((1, 28, 28), np.uint32)
        self._known = np.zeros((28, 28), bool)
        self._unseen: NDArray[np.bool_] | None = None
        self._cursor: Site | None = None
        self._hover: Site | None = None
        self._stroke: int | None = None  # the picture in which the button was pressed
        self._captions: tuple[str, ...] = ()
        self._brush = 1
        self._marks: QPixmap | None = None
        self._prepare()

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def space(self) -> tuple[int, int]:
        """(height, width) of a picture, in sites."""
        return self._layout.space

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self._layout.rects)

    def show_painting(self, painting: Painting | None) -> None:
        """Another painting, or another state of it."""
        self._painting = painting
        if painting is not None and (
            painting.space != self.space or painting.levels != self._levels
        ):
            self._levels, self._snapshot = painting.levels, None
            self._lay_out(1, painting.space)
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Another moment of the generation."""
        self._snapshot = snapshot
        self._refresh()

    def value_at(self, row: int, column: int) -> tuple[int, ...] | None:
        """The levels, one a channel, that the picture last pressed on shows at a site; None where
        nothing is there."""
        snapshot, painting = self._snapshot, self._painting
        if painting is not None and painting.known[row, column]:
            return tuple(painting.values[:, row, column].tolist())
        if (
            snapshot is not None
            and row * self.space[1] + column in snapshot.order[: snapshot.position]
        ):
            return tuple(snapshot.values[self.picture, :, row, column].tolist())
        return None

    def set_overlay(self, name: str) -> None:
        """One of `overlays()` over picture 0, or "none"."""
        assert name == "none" or name in overlays()
        if name != self.overlay:
            self.overlay = name
            self._refresh()
            self.overlay_changed.emit(name)

    def set_brush(self, size: int) -> None:
        """How large the outline under the pointer is, in sites."""
        self._brush = size
        self.update()

    def _refresh(self) -> None:
        """Work out every site's colour, and have those painted that differ."""
        if not self.isVisible():
            return  # showEvent catches up
        snapshot = self._snapshot
        count = 1 if snapshot is None else snapshot.count
        captions = () if snapshot is None else snapshot.captions
        if count != self.count or captions != self._captions:
            self._captions = captions
            self._lay_out(count, self.space)
        colours = site_colours(
            (count, *self.space), self._levels, snapshot, self._painting, self.overlay
        )
        known = (
            np.zeros(self.space, bool)
            if self._painting is None or captions
            else self._painting.known
        )
        unseen = None if snapshot is None else snapshot.unseen
        if unseen is not self._unseen or not np.array_equal(known, self._known):
            self._known, self._unseen = known.copy(), unseen
            self._marks = evidence_marks(self._known, self._unseen, self._layout.zoom)
            self.update()
        before, self._colours = self._colours, colours
        cursor_before, self._cursor = self._cursor, None if snapshot is None else snapshot.next_site
        region = self._layout.strips((colours != before).any(0))
        if self._cursor != cursor_before:
            for site in {cursor_before, self._cursor} - {None}:
                mask = np.zeros(self.space, bool)
                mask[site] = True
                region += self._layout.strips(mask, self._glow_reach)
        self.update(region)

    # ---- where it is -----------------------------------------------------------------------------

    def picture_rect(self, index: int) -> QRect:
        """Where picture `index` is."""
        return self._layout.rects[index]

    def site_at(self, point: QPoint) -> tuple[int, Site] | None:
        """(picture, (row, column)) under a point; None beside the pictures."""
        return self._layout.site_at(point)

    def _lay_out(self, count: int, space: tuple[int, int]) -> None:
        self._layout = Layout.of(self.size(), count, space, self._header if self._captions else 0)
        if self._colours.shape != (count, *space):
            self._colours, self._cursor = np.zeros((count, *space), np.uint32), None
        if self._known.shape != space:
            self._known, self._unseen = np.zeros(space, bool), None
        self._prepare()
        self.update()

    @property
    def _header(self) -> int:
        """Pixels over a picture for its caption."""
        return self.fontMetrics().height() + 8

    def _prepare(self) -> None:
        """Draw once what every frame shows again."""
        zoom = self._layout.zoom
        self._hatch = QBrush(hatch_pattern(zoom))
        self._marks = evidence_marks(self._known, self._unseen, zoom)
        self._glow, self._glow_reach = glow(zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out(self.count, self.space)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the window turns light or dark
            self._prepare()
            self._refresh()

    # ---- painting it -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        region, layout = event.region(), self._layout
        painter.fillRect(event.rect(), self.palette().window())
        cursor = None
        if self._cursor is not None:
            row, column = self._cursor
            cursor = QPoint(column, row) * layout.zoom - QPoint(self._glow_reach, self._glow_reach)
        for index, rect in enumerate(layout.rects):
            shown = region.intersected(rect).boundingRect()
            if not shown.isEmpty():
                inner = shown.translated(-rect.topLeft())
                draw_sites(painter, rect, inner, self._colours[index], layout.zoom, self._hatch)
                if self._marks is not None:
                    painter.drawPixmap(shown, self._marks, inner)
            if cursor is not None:
                painter.drawPixmap(rect.topLeft() + cursor, self._glow)
        for caption, rect in zip(self._captions, layout.rects, strict=False):
            above = QRect(rect.left(), rect.top() - self._header, rect.width(), self._header)
            painter.setPen(self.palette().windowText().color())
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, caption)
        if self._hover is not None and self._painting is not None:
            self._draw_brush(painter, self._hover)

    def _draw_brush(self, painter: QPainter, site: Site) -> None:
        low = -((self._brush - 1) // 2)
        first = (site[0] + low, site[1] + low)
        last = (first[0] + self._brush - 1, first[1] + self._brush - 1)
        painter.setPen(QPen(theme.colour("accent"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index in self._with_brush():
            painter.drawRect(self._layout.sites(index, first, last).adjusted(0, 0, -1, -1))

    def _with_brush(self) -> range:
        return range(self.count if self.count <= _MOST_WITH_BRUSH else 1)

    # ---- the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.site_at(event.position().toPoint())
        if (
            found is not None
            and event.button() in _PAINTING_BUTTONS
            and not (self._captions and found[0])
        ):
            self._stroke = found[0]
            self.erasing = event.button() == Qt.MouseButton.RightButton
            self.picture = found[0]
            self.pressed.emit(*found[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if (
            event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton)
            and self._stroke is not None
        ):
            self.dragged.emit(*self._layout.site_of(self._stroke, point))
        self._set_hover(self.site_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() in _PAINTING_BUTTONS:
            self.released.emit()
            self.erasing, self._stroke = False, None

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(None)

    def _set_hover(self, found: tuple[int, Site] | None) -> None:
        before, self._hover = self._hover, None if found is None else found[1]
        if before == self._hover:
            return
        self.hovered.emit(*(self._hover or (-1, -1)))
        reach = self._brush + 1
        for site in (before, self._hover):
            if site is not None:
                for index in self._with_brush():
                    self.update(
                        self._layout.sites(
                            index,
                            (site[0] - reach, site[1] - reach),
                            (site[0] + reach, site[1] + reach),
                        )
                    )
