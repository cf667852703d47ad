"""A line over the stage that says what went wrong, or well.

What went wrong, or is asked, stays until it is dismissed, all else for as long as it takes to read
it. The line lies where it covers least of what is in use: no control and not the pointer, where
there is room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.gui.widgets import icons, theme
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

Kind = Literal["error", "info", "ok"]
_COLOURS = {"error": "error", "info": "accent", "ok": "ok"}
_MARGIN, _WIDEST = 12, 900  # pixels
_LONGEST = 600  # characters of a message
_AT_LEAST, _A_CHARACTER = 5000, 60  # ms that what is no error stays,
_TO_DECIDE = 2  # and so many times as long where a button is offered
_STEP = 8  # pixels between the places that are looked at
_POINTER = 24  # pixels round the pointer that are kept free
KEPT_FREE = "kept free"  # a property of a widget that is to be read at any time
_CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
# what covering a pixel of them costs; a picture's is 1
_OF_A_CONTROL, _OF_A_TEXT, _OF_THE_POINTER = 4, 20, 100


@dataclass(frozen=True, eq=False)
class Question:
    """text: what is asked. action: what a button says, and what it does. declined: is called where
    the person does not want that."""

    text: str
    action: tuple[str, Callable[[], object]]
    declined: Callable[[], object]


class MessageBar(QWidget):
    """Shows one message at a time, a new one in place of the old; hidden while there is none. It
    lies over what is there, so that nothing moves when it comes or goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = "accent"
        self._staying = 0  # ms, 0 for ever
        self._looked_at: Callable[[], list[QRect]] = list
        self._do: Callable[[], object] | None = None
        self._questions: list[Question] = []  # that are not answered; the first is asked
        self._asking = False  # whether the question is what is shown
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self.no = QPushButton("No")
        self.no.setToolTip("Leave it, and do not ask again")
        self.no.setAccessibleName("No")
        self.no.clicked.connect(self.dismiss)
        self.close_button = QToolButton()
        self.close_button.setIcon(icons.icon("close"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip("Dismiss this message (Escape)")
        self.close_button.setAccessibleName("Dismiss message")
        self.close_button.clicked.connect(self.dismiss)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 6, 6)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(self.no)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        self._settling = QTimer(self, singleShot=True, interval=0)
        self._settling.timeout.connect(self._settle)
        self.hide()

    def lie_over(self, place: QWidget, looked_at: Callable[[], list[QRect]] = list) -> None:
        """Over this widget; looked_at: the parts of it, in its coordinates, that are worth
        seeing."""
        self._looked_at = looked_at
        self.setParent(place)
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            place = self.parentWidget()
            if place is not None and not place.rect().contains(self.geometry()):
                self._settle()
            self.settle_soon()
        return super().eventFilter(watched, event)

    def settle_soon(self) -> None:
        """Look again for a place, once what lies under it has found its own; once, however often
        this is asked for until then."""
        if not self.isHidden():
            self._settling.start()

    def _settle(self) -> None:
        """As wide as the text, up to a line that is easily read, as high as it then needs, and
        where it covers least of what is in use: rather at the bottom than higher up."""
        place = self.parentWidget()
        if place is None or self.isHidden():
            return
        line = self.label.fontMetrics().horizontalAdvance(f"{self.label.text()}  ")
        margins = self._row.contentsMargins()
        buttons: list[QAbstractButton] = [self.close_button]
        buttons += [] if self._do is None else [self.button]
        buttons += [self.no] if self._asking else []
        beside = margins.left() + margins.right() + len(buttons) * self._row.spacing()
        beside += sum(button.sizeHint().width() for button in buttons)
        width = min(place.width() - 2 * _MARGIN, _WIDEST, line + beside)
        size = QSize(width, self.heightForWidth(width))
        parts, weights = zip(*self._in_use(place), strict=True)
        corners = _corners(place.size(), size)
        costs = _covered(corners, size, parts) @ np.array(weights)
        self.setGeometry(QRect(QPoint(*corners[int(costs.argmin())].tolist()), size))
        self.raise_()
        if not self._timer.isActive():  # Qt does not say that it left a pointer that rests
            self._wait()

    def _in_use(self, place: QWidget) -> Iterator[tuple[QRect, int]]:
        """What should not be covered, and what covering a pixel of it costs."""
        yield from self._controls(place, QPoint())
        for part in self._looked_at():
            yield part, 1
        near = QPoint(_POINTER, _POINTER)
        pointer = place.mapFromGlobal(QCursor.pos())
        yield QRect(pointer - near, pointer + near), _OF_THE_POINTER

    def _controls(self, widget: QWidget, corner: QPoint) -> Iterator[tuple[QRect, int]]:
        """What is seen within a widget whose corner lies there; pages that are not are passed
        over whole."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for child in widget.findChildren(QWidget, options=direct):
            if child is self or child.isHidden() or child.isWindow():
                continue
            place = QRect(corner + child.pos(), child.size())
            if child.property(KEPT_FREE):
                yield place, _OF_A_TEXT
            elif isinstance(child, _CONTROLS):
                yield place, _OF_A_CONTROL
            yield from self._controls(child, place.topLeft())

    def show_message(
        self,
        text: str,
        kind: Kind = "error",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a sentence, cut short where it is very long; `action` is what a button beside it
        says, and what it does (which dismisses the message)."""
        self._say(text, kind, action, asking=False)

    def _say(
        self,
        text: str,
        kind: Kind,
        action: tuple[str, Callable[[], object]] | None,
        asking: bool,
    ) -> None:
        self._asking = asking
        self.no.setVisible(asking)
        text = shortened(tr(text), _LONGEST)
        self._colour = _COLOURS[kind]
        self.label.setText(text)
        self.setAccessibleName(f"Error: {text}" if kind == "error" else text)
        self._do = None if action is None else action[1]
        self.button.setVisible(action is not None)
        if action is not None:
            self.button.setText(tr(action[0]))
            self.button.setToolTip(tr(action[0]))
            self.button.setAccessibleName(tr(action[0]))
        self._staying = 0 if kind == "error" else _AT_LEAST + _A_CHARACTER * len(text)
        if action is not None:
            self._staying *= 0 if asking else _TO_DECIDE
        self._wait()
        self.show()
        self._settle()
        self.settle_soon()  # what is there may just have changed too
        self.update()

    def ask(
        self, text: str, action: tuple[str, Callable[[], object]], declined: Callable[[], object]
    ) -> Question:
        """Show an offer that stays until it is answered, or dismissed by hand, which is said to
        `declined`; after another message it is shown again. Of several, one is asked at a time."""
        question = Question(text, action, declined)
        self._questions.append(question)
        if not self._asking:
            self._ask_on()
        return question

    def withdraw(self, question: Question) -> None:
        """It is not asked any longer."""
        asked = self._asking and self._questions[0] is question
        if question in self._questions:
            self._questions.remove(question)
        if asked:
            self._go()

    def _ask_on(self) -> None:
        question = self._questions[0]
        self._say(question.text, "info", question.action, asking=True)

    def _wait(self) -> None:
        """Go after a while, but not from under the pointer."""
        self._timer.stop()
        under_pointer = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        if self._staying and not under_pointer:
            self._timer.start(self._staying)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.isVisible():
            self._wait()

    def dismiss(self) -> None:
        """Take the message away, as the person wants."""
        question = self._questions.pop(0) if self._asking else None
        self._go()
        if question is not None:
            question.declined()

    def _go(self) -> None:
        """Take the message away, and forget what its button would have done; what is still asked
        comes back."""
        self._timer.stop()
        self._do, self._asking = None, False
        self.hide()
        if self._questions:
            self._ask_on()

    def _act(self) -> None:
        do = self._do
        if self._asking:
            self._questions.pop(0)
        self._go()
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


def _corners(room: QSize, size: QSize) -> NDArray[np.int64]:
    """Where a rectangle may lie in a room: (x, y) of its corner, the best places first, (N, 2)."""
    right = room.width() - size.width() - _MARGIN
    lowest = max(0, room.height() - size.height() - _MARGIN)
    columns = np.array([right // 2 + _MARGIN // 2, _MARGIN, right])
    rows = np.arange(lowest, -1, -_STEP)
    return np.stack([np.tile(columns, len(rows)), rows.repeat(len(columns))], axis=1)


def _covered(corners: NDArray[np.int64], size: QSize, parts: Sequence[QRect]) -> NDArray[np.int64]:
    """How many pixels of each part (P,) a rectangle covers in each place (N, 2): (N, P)."""
    far = np.array([(r.x(), r.y(), r.x() + r.width(), r.y() + r.height()) for r in parts])
    start = np.maximum(corners[:, None], far[:, :2])
    end = np.minimum((corners + size.toTuple())[:, None], far[:, 2:])
    return (end - start).clip(0).prod(-1)
