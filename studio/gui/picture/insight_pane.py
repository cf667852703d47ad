"""All that an insight says: its sentence, its list, and the maps for which there is no room over
the picture, each a small picture with its name."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.engine.insights import Answer, Insight, insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.colours import colours_of
from studio.engine.insights.question import Map
from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from studio.gui.widgets.controls import described
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.painted import painter_on
from studio.gui.widgets.translation import tr

_SIDE = 84  # pixels of a small map, at least; they are whole pixels a site
_LINES = 19  # of text, for which there is room at least, with its list and maps
_EMPTY = "Choose an insight: View > Overlay, or Overlay in the inspector."


class InsightPane(QWidget):
    """Shows what the insight on a stage says, as long as it is seen."""

    def __init__(self, session: Session, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._stage = session, stage
        self.title, self.words = QLabel(), QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        for label in (self.title, self.words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.rows = described(QTreeWidget(), "Listed pixels", "Where they are, and what is there")
        self.rows.setColumnCount(2)
        self.rows.setHeaderHidden(True)
        self.rows.setRootIsDecorated(False)
        self.rows.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.rows.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.rows.header().setStretchLastSection(False)
        self.maps = described(QListWidget(), "Maps", "Further maps of this insight")
        self.maps.setViewMode(QListView.ViewMode.IconMode)
        self.maps.setResizeMode(QListView.ResizeMode.Adjust)
        self.maps.setMovement(QListView.Movement.Static)
        self.maps.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.maps.setUniformItemSizes(True)
        self.maps.setSpacing(4)
        self.maps.setMinimumHeight(_SIDE + 2 * self.fontMetrics().height())  # a row with its names
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addWidget(self.rows, 1)
        column.addWidget(self.maps, 2)
        column.addStretch(0)
        self.setMinimumHeight(_LINES * self.fontMetrics().height())
        self._answer: Answer | None = None
        stage.overlay_changed.connect(lambda name: self._clear())
        session.insight.answered.connect(self._take)
        session.reading.connect(lambda moment: self._show_record())
        self._clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clear()
        if (latest := self._session.insight.latest) is not None:
            self._take(latest)
        self._show_record()

    def _clear(self) -> None:
        insight = insights().get(self._stage.overlay)
        self.title.setText(tr("Insight") if insight is None else tr(insight.title))
        self.words.setText(tr(_EMPTY) if insight is None else self._explained(insight))
        self._answer = None
        self.rows.clear()
        self.maps.clear()
        self.rows.setVisible(False)
        self.maps.setVisible(False)

    def _explained(self, insight: Insight) -> str:
        return tr(insight.explained(self._stage.coded))

    def _show_record(self) -> None:
        """Of an insight that is worked out with every picture."""
        layer = self._stage.layer
        if self.isVisible() and layer is not None and not layer.insight.needs_model:
            self._show(layer.insight, layer.answer)

    def _take(self, reply: Reply) -> None:
        if self.isVisible() and reply.insight.name == self._stage.overlay:
            self._show(reply.insight, reply.answer)

    def _show(self, insight: Insight, answer: Answer) -> None:
        before, self._answer = self._answer, answer
        self.words.setText(answer.sentence or self._explained(insight))
        if before is None or before.rows != answer.rows:
            self.rows.clear()
            for what, how_much in answer.rows:
                item = QTreeWidgetItem(self.rows, [what, how_much])
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        self.rows.setVisible(bool(answer.rows))
        further = answer.maps[1:]
        while self.maps.count() > len(further):
            self.maps.takeItem(self.maps.count() - 1)
        for number, found in enumerate(further):
            small = self.maps.item(number) or QListWidgetItem("", self.maps)
            pixmap = small_map(insight, found)
            small.setText(found.name)
            small.setIcon(QIcon(pixmap))
            self.maps.setIconSize(pixmap.size())
        self.maps.setVisible(bool(further))


def small_map(insight: Insight, found: Map) -> QPixmap:
    """A map in its insight's colours, hatched where it says nothing; whole pixels a site."""
    colours = np.ascontiguousarray(np.atleast_2d(colours_of(found, insight.colours)))
    height, width = colours.shape
    zoom = max(1, round(_SIDE / max(height, width)))
    size = QSize(width * zoom, height * zoom)
    pixmap = QPixmap(size)
    with painter_on(pixmap) as painter:
        painter.fillRect(pixmap.rect(), QBrush(hatch_pattern(7)))
        form = QImage.Format.Format_ARGB32
        image = QImage(colours.data, width, height, 4 * width, form)
        painter.drawImage(pixmap.rect(), image)
    return pixmap
