"""A line over the stage that says what went wrong, or well, until it is dismissed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from studio.gui.widgets import icons, theme
from studio.gui.widgets.painted import painted

Kind = Literal["error", "info", "ok"]
_COLOURS = {"error": "error", "info": "accent", "ok": "ok"}
_MARGIN, _WIDEST = 12, 900  # pixels
_GONE_AFTER = 8000  # ms that good news stays; an error stays until it is dismissed


class MessageBar(QWidget):
    """Shows one message at a time, a new one in place of the old; hidden while there is none. It
    lies over what is there, so that nothing moves when it comes or goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = "accent"
        self._above = 0
        self._do: Callable[[], object] | None = None
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self.close_button = QToolButton()
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("Dismiss this message (Escape)")
        self.close_button.setAccessibleName("Dismiss message")
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 6, 6)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def lie_over(self, place: QWidget, above: int) -> None:
        """Over this widget, so many pixels above its lower edge."""
        self._above = above
        self.setParent(place)
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        """As wide as there is room for, up to a line that is easily read,
        and as high as the text needs."""
        place = self.parentWidget()
        if place is not None:
            width = min(place.width() - 2 * _MARGIN, _WIDEST)
            height = self.heightForWidth(width)
            self.setGeometry(
                (place.width() - width) // 2, place.height() - self._above - height, width, height
            )
            self.raise_()

    def show_message(
        self,
        text: str,
        kind: Kind = "error",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a sentence; `action` is what a button beside it says, and what it does (which
        dismisses the message)."""
        self._colour = _COLOURS[kind]
        self.label.setText(text)
        self.setAccessibleName(f"Error: {text}" if kind == "error" else text)
        self._do = None if action is None else action[1]
        self.button.setVisible(action is not None)
        if action is not None:
            self.button.setText(action[0])
            self.button.setToolTip(action[0])
            self.button.setAccessibleName(action[0])
        self._timer.stop()
        if kind != "error" and action is None:
            self._timer.start(_GONE_AFTER)
        self._settle()
        self.show()
        self.update()

    def dismiss(self) -> None:
        """Take the message away, and forget what its button would have done."""
        self._timer.stop()
        self._do = None
        self.hide()

    def _act(self) -> None:
        do = self._do
        self.dismiss()
        if do is not None:
            do()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.colour(self._colour)
        ground = QColor(colour)
        ground.setAlphaF(0.14)
        box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(colour)
        for brush in (self.palette().window(), ground):  # what lies under it is not to be seen
            painter.setBrush(brush)
            painter.drawRoundedRect(box, 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(box.left(), box.top(), 4, box.height()), 2, 2)
