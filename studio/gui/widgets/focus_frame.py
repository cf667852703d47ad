"""A frame round what has the keys, for those widgets that do not show it themselves: views, lists
and texts. It is seen once somebody goes from control to control by the keyboard, and a click takes
it away.

The frame is four thin widgets along the edges: what is painted between them is not painted again
for its sake.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted

_THICK = 2  # pixels
_SHOW_IT = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)


class FocusFrame(QObject):
    """Of all windows, as long as `parent` lives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._framed: QWidget | None = None
        self._edges: list[_Edge] = []
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._changed)

    def _changed(self, _: QWidget | None, now: QWidget | None) -> None:
        self._take_away()
        if now is None or isinstance(now, _SHOW_IT):
            return
        if now.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            self._framed = now
            self._edges = [_Edge(now) for _ in range(4)]
            now.installEventFilter(self)
            self._place()

    def _take_away(self) -> None:
        framed, self._framed = self._framed, None
        edges, self._edges = self._edges, []
        if framed is None or not isValid(framed):
            return
        framed.removeEventFilter(self)
        for edge in edges:
            edge.hide()
            edge.deleteLater()

    def _place(self) -> None:
        assert self._framed is not None
        width, height = self._framed.width(), self._framed.height()
        places = (
            QRect(0, 0, width, _THICK),
            QRect(0, height - _THICK, width, _THICK),
            QRect(0, 0, _THICK, height),
            QRect(width - _THICK, 0, _THICK, height),
        )
        for edge, place in zip(self._edges, places, strict=True):
            edge.setGeometry(place)
            edge.show()
            edge.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._take_away()
        return False


class _Edge(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.fillRect(event.rect(), theme.colour("accent"))
