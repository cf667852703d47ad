"""`GridCell`: one scene of a grid: its title, its pictures while they are drawn, and what they cost
and took. A click, or Enter, chooses it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.engine.editing.painting import Painting
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import Answer
from studio.engine.media.image_grid import grid
from studio.engine.scenes.difference import colours_of, difference, share_that_differs
from studio.engine.scenes.grid import CellMoment, figures
from studio.engine.scenes.scene import Scene
from studio.gui.picture.stage_view import Place, StageView
from studio.gui.widgets import theme, tips
from studio.gui.widgets.painted import painted

_LEAST = QSize(96, 96)
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class GridCell(QWidget):
    """Signals: chosen(); pointed(Place), when the pointer comes to another site of a picture."""

    chosen = Signal()
    pointed = Signal(object)

    def __init__(self, scene: Scene, title: str, titled: bool) -> None:
        super().__init__()
        self.scene, self.title = scene, title
        self._moment: CellMoment | None = None
        self._first: CellMoment | None = None  # what it was compared with
        self._ready_for: tuple[int, ...] | None = None
        self._field: Reply | None = None  # what its model sees, over the pictures
        self._place: Place | None = None  # under the pointer
        self.setMouseTracking(True)
        self.setMinimumSize(_LEAST)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leads elsewhere
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.view = StageView()
        self.view.setMinimumSize(60, 50)
        self.view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.above, self.below = Line(), Line(muted=True)
        self.above.show_texts([title])
        self.above.setVisible(titled)
        self.why = Sentence()
        self.why.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(2)
        column.addStretch(1)
        column.addWidget(self.above)
        column.addWidget(self.view, 1000)
        column.addWidget(self.why, 1000)
        column.addWidget(self.below)
        column.addStretch(1)
        self._tell("")

    @property
    def moment(self) -> CellMoment | None:
        """What was shown last."""
        return self._moment

    def show_moment(self, moment: CellMoment, first: CellMoment | None) -> None:
        """What there is to see. first: what it is to be compared with; None for nothing."""
        if moment is self._moment and first is self._first:
            return
        self._moment, self._first = moment, first
        snapshot = moment.snapshot
        self.view.setVisible(snapshot is not None)
        self.why.setVisible(snapshot is None)
        if snapshot is None:
            self.why.show_text(moment.sentence)
            self.below.show_texts([""])
            self._tell(moment.sentence)
            return
        channels, height, width = snapshot.pictures.shape[1:]
        if self._ready_for != (channels, height, width, moment.levels):
            self._ready_for = channels, height, width, moment.levels
            self.view.show_painting(self._painting(channels, height, width, moment.levels))
            self._hold_together()
        apart = None
        if first is not None and first.snapshot is not None and first is not moment:
            apart = difference(first.snapshot, snapshot, (first.levels, moment.levels))
        self.view.over = None if apart is None else _coloured(apart)
        self.view.show_snapshot(snapshot)
        if self._field is not None:
            self.below.show_texts(_in_short(self._field.answer))
        elif apart is None:
            speed, seconds = moment.sites_per_second, moment.seconds
            self.below.show_texts(figures(moment.bits, speed, seconds, moment.coded))
        else:
            share = f"{100 * share_that_differs(apart):.1f} %"
            self.below.show_texts([f"{share} differ from the first", f"{share} differ", share])
        self._tell(moment.sentence)

    def show_field(self, reply: Reply | None) -> None:
        """What its model sees when it comes to a site; None for nothing."""
        if reply is self._field:
            return
        self._field = reply
        self.view.overlay = "none" if reply is None else reply.insight.name
        self.view.show_reply(reply)
        moment, first = self._moment, self._first
        if moment is not None:
            self._moment = None
            self.show_moment(moment, first)

    def _painting(self, channels: int, height: int, width: int, levels: int) -> Painting:
        """The evidence, as the stage shows it."""
        painting, given = Painting(channels, height, width, levels), self.scene.evidence
        if given is not None and given.values.shape == (channels, height, width):
            painting.replace(given.values, given.known)
        return painting

    def _hold_together(self) -> None:
        """No more room is left between the words and the pictures than these need."""
        snapshot = None if self._moment is None else self._moment.snapshot
        if snapshot is not None:
            count, _, height, width = snapshot.pictures.shape
            columns, rows = grid(count)
            captions = 2 * self.fontMetrics().height() if snapshot.captions else 0
            wanted = self.width() * rows * height // (columns * width) + captions
            self.view.setMaximumHeight(max(self.view.minimumHeight(), wanted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hold_together()

    def _tell(self, sentence: str) -> None:
        said = ". ".join(
            part.rstrip(".") for part in (self.title, self.below.text, sentence) if part
        )
        self.setAccessibleName(said)
        tip = tips.plain(
            *(line for line in (self.title, sentence) if line), "Show it on the stage (Enter)"
        )
        if tip != self.toolTip():
            self.setToolTip(tip)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.view.site_at(self.view.mapFrom(self, event.position().toPoint()))
        if place is not None and place != self._place:
            self._place = place
            self.pointed.emit(place)

    # ---- choosing it -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """A frame while it would be chosen."""
        if self.hasFocus() or self.underMouse():
            pen = QPen(theme.colour("accent"), 1)
            pen.setStyle(Qt.PenStyle.DotLine if self.hasFocus() else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _coloured(apart: NDArray[np.float32]) -> NDArray[np.uint32]:
    """0xAARRGGBB of a difference, 0 where nothing is compared."""
    rgb = colours_of(apart).astype(np.uint32)
    colours = 0xFF000000 | (rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2]
    return np.where(np.isnan(apart), np.uint32(0), colours).astype(np.uint32)


def _in_short(answer: Answer) -> tuple[str, ...]:
    """What an insight says, in several wordings, the longest first."""
    figures = [f"{what} {much}" for what, much in answer.rows[:2]]
    return answer.sentence, *(" · ".join(figures[:count]) for count in range(len(figures), 0, -1))


class Line(QWidget):
    """A line of text in the middle of its place, in the longest of several wordings that fits."""

    def __init__(self, muted: bool = False) -> None:
        super().__init__()
        self._texts: Sequence[str] = [""]
        self._muted = muted
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """In the longest wording."""
        return self._texts[0]

    def show_texts(self, texts: Sequence[str]) -> None:
        if texts != self._texts:
            self._texts = texts
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(60, self.fontMetrics().height() + 2)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        metrics, width = self.fontMetrics(), self.width()
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= width)
        last = metrics.elidedText(self._texts[-1], Qt.TextElideMode.ElideRight, width)
        palette = self.palette().windowText().color()
        painter.setPen(theme.colour("muted") if self._muted else palette)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, next(fitting, last))


class Sentence(QWidget):
    """Why there are no pictures, in their place; smaller, where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_text(self, text: str) -> None:
        self._text = text
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        place = self.rect().adjusted(6, 4, -6, -4)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        font = self.font()
        while font.pointSizeF() > 7:
            painter.setFont(font)
            needed: QRect = painter.boundingRect(place, flags, self._text)
            if needed.height() <= place.height() and needed.width() <= place.width():
                break
            font.setPointSizeF(font.pointSizeF() - 0.5)
        painter.setPen(theme.colour("muted"))
        painter.drawText(place, flags, self._text)
