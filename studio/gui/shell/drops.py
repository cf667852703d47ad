"""Files that are dragged over the window: a sign says what happens when they are dropped, or why
nothing would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.engine.scenes.document import is_scene
from studio.gui.shell.opening import Opening
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted

_ONE_ONLY = (
    "Drop one file or folder at a time. To train on many pictures or recordings, drop their folder."
)
_SCENE = "Open the scene"
_NOT_HERE = "Save this as a file first, then drop it."
_MARGIN, _ROUND, _PADDING = 10, 12, 22  # pixels


class Drops(QObject):
    """what_for: what becomes of a path. open_text: takes the text of a scene. refuse: is told why
    nothing becomes of something, when it is dropped all the same."""

    def __init__(
        self,
        window: QWidget,
        what_for: Callable[[Path], Opening],
        open_text: Callable[[str], object],
        refuse: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window, self._what_for, self._refuse = window, what_for, refuse
        self._open_text = open_text
        self._opening: Opening | None = None
        self.sign = DropSign(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        leave_to_window(window)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            self._opening = self._read(event.mimeData())
            if self._opening is not None:
                self.sign.show_words(self._opening.words, self._opening.do is not None)
                self._answer(event)
            return True
        if isinstance(event, QDragMoveEvent):
            self._answer(event)
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._forget()
            return True
        if isinstance(event, QDropEvent):
            opening = self._read(event.mimeData())
            self._forget()
            event.acceptProposedAction()
            if opening is not None and opening.do is not None:
                opening.do()
            elif opening is not None:
                self._refuse(opening.words)
            return True
        return super().eventFilter(watched, event)

    def _answer(self, event: QDragMoveEvent) -> None:
        """Files are taken, if only to say why nothing becomes of them; texts and the like are not,
        but for scenes."""
        if self._opening is None:
            event.ignore()
        else:
            event.acceptProposedAction()

    def _read(self, data: QMimeData) -> Opening | None:
        """What becomes of what is dragged; None where it is neither a file nor a scene."""
        if not data.hasUrls():
            text = data.text() if data.hasText() else ""
            return Opening(_SCENE, lambda: self._open_text(text)) if is_scene(text) else None
        urls = data.urls()
        if len(urls) != 1:
            return Opening(_ONE_ONLY)
        url = urls[0]
        return self._what_for(Path(url.toLocalFile())) if url.isLocalFile() else Opening(_NOT_HERE)

    def _forget(self) -> None:
        self._opening = None
        self.sign.hide()


def leave_to_window(part: QWidget) -> None:
    """Files that are dragged over a part of the window are for all of it."""
    for line in part.findChildren(QLineEdit):
        line.setAcceptDrops(False)  # it would write the address of the file into itself


class DropSign(QWidget):
    """Lies over the window while something is dragged over it: a frame, and words in the middle."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window = window
        self.words, self.possible = "", False
        self.hide()

    def show_words(self, words: str, possible: bool) -> None:
        self.words, self.possible = words, possible
        self.setAccessibleName(words)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.colour("accent" if self.possible else "error")
        tint = QColor(colour)
        tint.setAlphaF(0.16)
        painter.setPen(QPen(colour, 3, Qt.PenStyle.DashLine))
        painter.setBrush(tint)
        margin = float(_MARGIN)
        frame = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        painter.drawRoundedRect(frame, _ROUND, _ROUND)
        font = self.font()
        font.setPointSizeF(1.4 * font.pointSizeF())
        font.setBold(True)
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        text = painter.boundingRect(frame.adjusted(80, 0, -80, 0), flags, self.words)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(self.palette().window())
        box = text.adjusted(-_PADDING, -_PADDING, _PADDING, _PADDING)
        painter.drawRoundedRect(box, _ROUND, _ROUND)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(text, flags, self.words)
