"""The pane of lessons: the list of them, or a step of one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.engine.scenes.lessons import Lesson
from studio.gui.shell.lesson_list import LessonList
from studio.gui.shell.lesson_question import QuestionBox
from studio.gui.shell.lesson_text import LessonText
from studio.gui.widgets import icons
from studio.gui.widgets.controls import described
from studio.gui.widgets.scrolling import scrolled


class LessonPane(QStackedWidget):
    """list: of lessons. step: of the one that runs.

    Signal: left(), by the Escape key.
    """

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = LessonList()
        self.step = StepView()
        self.addWidget(self.list)
        self.addWidget(self.step)

    def show_list(self) -> None:
        self.setCurrentWidget(self.list)

    def show_step(self, lesson: Lesson, number: int) -> None:
        self.step.show_step(lesson, number)
        self.setCurrentWidget(self.step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.currentWidget() is self.step:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class StepView(QWidget):
    """A step: its text, its question, and the ways to the others.

    Signals: back(), next(), which at the last step ends the lesson; reset(); left().
    """

    back = Signal()
    next = Signal()
    reset = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lesson_title = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.lesson_title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.title = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setBold(True)
        font.setPointSizeF(1.2 * font.pointSizeF())
        self.title.setFont(font)
        self.text = LessonText("Text of the step", "What this step is about")
        self.question = QuestionBox()
        self.back_button = self._button("Back", "The step before this one", self.back)
        self.next_button = self._button("Next", "The next step", self.next)
        self.next_button.setDefault(True)
        self.place = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.reset_button = self._button(
            "Reset this step", "Show again what this step begins with", self.reset
        )
        self.reset_button.setIcon(icons.icon("restart"))
        self.leave_button = self._button(
            "Leave lesson", "Back to what was there before the lesson (Escape)", self.left
        )
        for flat in (self.reset_button, self.leave_button):
            flat.setFlat(True)
        self._put_together()

    def _put_together(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 2, 6, 6)
        column.setSpacing(8)
        for widget in (self.lesson_title, self.title, self.text, self.question):
            column.addWidget(widget)
        column.addStretch()
        self.area: QScrollArea = scrolled(inside)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        steps, others = QHBoxLayout(), QHBoxLayout()
        steps.addWidget(self.back_button)
        steps.addWidget(self.place, 1)
        steps.addWidget(self.next_button)
        others.addWidget(self.reset_button)
        others.addStretch()
        others.addWidget(self.leave_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 6)
        whole.setSpacing(6)
        whole.addWidget(self.area, 1)
        whole.addLayout(others)
        whole.addLayout(steps)

    def show_step(self, lesson: Lesson, number: int) -> None:
        step, steps = lesson.steps[number], len(lesson.steps)
        last = number == steps - 1
        self.lesson_title.setText(lesson.title)
        self.title.setText(step.title)
        self.title.setVisible(bool(step.title))
        self.text.show_text(step.text, lesson.folder)
        self.text.setVisible(bool(step.text))
        self.question.show_question(step.question, lesson.folder)
        self.place.setText(f"Step {number + 1} of {steps}")
        self.back_button.setEnabled(number > 0)
        self.next_button.setText("Finish" if last else "Next")
        self.next_button.setAccessibleName(self.next_button.text())
        self.next_button.setToolTip(
            "End the lesson, and go back to what was there before it" if last else "The next step"
        )
        self.area.verticalScrollBar().setValue(0)

    def _button(self, text: str, tip: str, signal: SignalInstance) -> QPushButton:
        button = described(QPushButton(text), text, tip)
        button.clicked.connect(signal)
        return button
