"""What may need more room than there is, and can be scrolled then, so that nothing makes the window
larger than its screen; and what has one place, of which one is seen at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QScrollArea,
    QStackedLayout,
    QStackedWidget,
    QWidget,
)


def scrolled(widget: QWidget) -> QScrollArea:
    """The widget in an area that scrolls it both ways where it has to."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    return area


def stacked(column: QBoxLayout, *widgets: QWidget) -> QStackedLayout:
    """Widgets of which one is seen at a time, the first one now, in what is left of a column that
    has its place: without one the first would be a window of its own for a moment."""
    made = QStackedLayout()
    column.addLayout(made, 1)
    for widget in widgets:
        made.addWidget(widget)
    return made


class Pages(QStackedWidget):
    """One page at a time; one that needs more room than there is can be scrolled."""

    def addWidget(self, page: QWidget) -> int:
        return super().addWidget(scrolled(page))

    def currentWidget(self) -> QWidget:
        return self._page(self.currentIndex())

    def setCurrentWidget(self, page: QWidget) -> None:
        self.setCurrentIndex(next(i for i in range(self.count()) if self._page(i) is page))

    def _page(self, index: int) -> QWidget:
        area = self.widget(index)
        assert isinstance(area, QScrollArea)
        page = area.widget()
        assert page is not None
        return page
