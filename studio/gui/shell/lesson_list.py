"""The list of lessons: title, minutes, what it is about, and how far the person has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.engine.scenes.lessons import Listed
from studio.gui.shell.lesson_progress import progress
from studio.gui.widgets import icons, theme
from studio.gui.widgets.controls import described
from studio.gui.widgets.painted import painted
from studio.gui.widgets.scrolling import scrolled

_PADDING, _GAP = 9, 2  # pixels
_WRAPPED = Qt.TextFlag.TextWordWrap.value
_LONGEST = 300  # characters of a summary


class LessonList(QWidget):
    """Signals: chosen(Listed); open_requested(), of a lesson that lies elsewhere."""

    chosen = Signal(object)
    open_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[LessonRow] = []
        self.nothing = QLabel(
            "No lessons yet. Open a folder with one, or make your own: Help, Save as lesson step.",
            wordWrap=True,
        )
        self.nothing.setContentsMargins(_PADDING, _PADDING, _PADDING, _PADDING)
        self.open = described(
            QPushButton(icons.icon("open"), "Open a lesson…"),
            "Open a lesson",
            "Open the lesson.md of a lesson that lies elsewhere (or drop its folder on the window)",
        )
        self.open.clicked.connect(self.open_requested)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(2, 2, 2, 2)
        self._column.setSpacing(5)
        self._column.addWidget(self.nothing)
        self._column.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 6)
        self.area = scrolled(inside)
        column.addWidget(self.area, 1)
        column.addWidget(self.open)

    def show_lessons(self, found: Sequence[Listed]) -> None:
        """Those that are shown already stay: they may just be clicked."""
        said = [_said_of(one) for one in found]
        if said != [row.said for row in self.rows]:
            for row in self.rows:
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._fill([LessonRow(*one) for one in zip(found, said, strict=True)])
        self.nothing.setVisible(not self.rows)

    def _fill(self, rows: list[LessonRow]) -> None:
        self.rows = rows
        for place, row in enumerate(self.rows):
            row.clicked.connect(lambda _checked=False, one=row.listed: self.chosen.emit(one))
            self._column.insertWidget(place, row)


@dataclass(frozen=True)
class _Said:
    """What a row says of a lesson: `below` its title how long it takes and how far one has come."""

    path: Path
    title: str
    below: str
    about: str
    done: bool


def _said_of(listed: Listed) -> _Said:
    lesson = listed.lesson
    if lesson is None:
        about = shortened(listed.sentence, _LONGEST)
        return _Said(listed.path, shortened(listed.path.parent.name), "", about, False)
    came, steps = progress(lesson.name), len(lesson.steps)
    at = f"at step {min(came.step, steps - 1) + 1} of {steps}" if came.step else ""
    words = (f"{lesson.minutes} min" if lesson.minutes else "", "done" if came.done else at)
    below, about = " · ".join(filter(None, words)), shortened(lesson.summary, _LONGEST)
    return _Said(listed.path, shortened(lesson.title), below, about, came.done)


class LessonRow(QAbstractButton):
    """A lesson as a card that is as high as its words need."""

    def __init__(self, listed: Listed, said: _Said) -> None:
        super().__init__()
        self.listed, self.said = listed, said
        self.setText(said.title)
        self.setAccessibleName(said.title)
        self.setAccessibleDescription(f"{said.below}. {said.about}".lstrip(". "))
        self.setToolTip("Begin this lesson" if listed.lesson is not None else "This cannot be read")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(place.height() + _GAP for *_, place in self._lines(width)) + 2 * _PADDING - _GAP

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(240))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 3 * self.fontMetrics().lineSpacing())

    def _lines(self, width: int) -> list[tuple[str, QFont, str, QRect]]:
        """What is written: (text, font, colour, place)."""
        bold = QFont(self.font())
        bold.setBold(True)
        said = self.said
        state = "ok" if said.done else "accent"
        about = "muted" if self.listed.lesson is not None else "error"
        written = (
            (said.title, bold, ""),
            (said.below, self.font(), state),
            (said.about, self.font(), about),
        )
        found, top = [], _PADDING
        for text, font, colour in written:
            if not text:
                continue
            room = QRect(_PADDING, top, max(1, width - 2 * _PADDING), 10_000)
            place = QFontMetrics(font).boundingRect(room, _WRAPPED, text)
            place = QRect(room.left(), top, room.width(), place.height())
            found.append((text, font, colour, place))
            top += place.height() + _GAP
        return found

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        option.initFrom(self)
        accent = theme.colour("accent")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        painter.setPen(QPen(accent if focus else theme.colour("line"), 2 if focus else 1))
        painter.setBrush(theme.colour("card"))
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, 6, 6)
        if option.state & QStyle.StateFlag.State_MouseOver:
            tint = QColor(accent)
            tint.setAlphaF(0.14 if self.isDown() else 0.07)
            painter.setBrush(tint)
            painter.drawRoundedRect(box, 6, 6)
        for text, font, colour, place in self._lines(self.width()):
            painter.setFont(font)
            painter.setPen(theme.colour(colour) if colour else self.palette().text().color())
            painter.drawText(place, _WRAPPED, text)
