"""What may need more room than there is, and can be scrolled then: so that nothing makes the window
larger than its screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget


def scrolled(widget: QWidget) -> QScrollArea:
    """The widget in an area that scrolls it both ways where it has to."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    return area


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
