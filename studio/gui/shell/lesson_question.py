"""The question of a lesson's step, and what is said to an answer at once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.engine.scenes.lesson_questions import BLACK, WHITE, Choices, NextPixel, Number, Question
from studio.gui.shell.lesson_text import LessonText
from studio.gui.widgets import theme
from studio.gui.widgets.controls import described
from studio.gui.widgets.painted import painted

_NOT_QUITE = "Not quite. Try again."
_NO_NUMBER = "Type a number, such as 0.25."
_PADDING = 10  # pixels round what is in the box
_MARK = 13  # pixels of the circle, or the square, before a choice,
_BESIDE = 5 + _MARK + 7  # and where its text begins


class QuestionBox(QWidget):
    """Signals: guessed(str), BLACK or WHITE, of a question whose answer has to be drawn first: what
    `take_next_pixel` gives it then; answered(), rightly; link_chosen(str).

    right: whether it is answered rightly, None before there is an answer.
    """

    guessed = Signal(str)
    answered = Signal()
    link_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.right: bool | None = None
        self._question: Question | None = None
        self._folder = Path()
        self._guess = ""
        self.asked = LessonText("Question", "What is asked")
        self.said = LessonText("Explanation", "Why this is the answer")
        for text in (self.asked, self.said):
            text.link_chosen.connect(self.link_chosen)
        self.verdict = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        font = self.verdict.font()
        font.setBold(True)
        self.verdict.setFont(font)
        self.number = described(QLineEdit(), "Answer", "Your answer, a number")
        self.number.setMaxLength(40)
        self.number.returnPressed.connect(self._check)
        self.check = described(QPushButton("Check"), "Check", "See whether this is right")
        self.check.clicked.connect(self._check)
        self.choices: list[Choice] = []
        self._answers = QVBoxLayout()
        self._answers.setSpacing(2)
        row = QHBoxLayout()
        row.addWidget(self.number, 1)
        row.addWidget(self.check)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(_PADDING, _PADDING, _PADDING, _PADDING)
        column.addWidget(self.asked)
        column.addLayout(self._answers)
        column.addLayout(row)
        column.addWidget(self.verdict)
        column.addWidget(self.said)

    def show_question(self, question: Question | None, folder: Path) -> None:
        """Nothing is seen where there is none."""
        self._question, self._folder, self.right = question, folder, None
        self.setVisible(question is not None)
        for old in self.choices:
            self._answers.removeWidget(old)
            old.hide()
            old.deleteLater()
        texts: tuple[str, ...] = ()
        if isinstance(question, Choices):
            texts = question.choices
        elif isinstance(question, NextPixel):
            texts = (BLACK, WHITE)
        several = isinstance(question, Choices) and len(question.right) > 1
        self.choices = [Choice(_plain(text), several) for text in texts]
        for choice in self.choices:
            self._answers.addWidget(choice)
            # a click is the answer, where one choice is; several are chosen first
            choice.clicked.connect(self._clear if several else self._check)
        self.number.setVisible(isinstance(question, Number))
        self.number.clear()
        self.check.setVisible(several or isinstance(question, Number))
        self.asked.show_text("" if question is None else question.text, folder)
        self._clear()

    def take_next_pixel(self, colour: str) -> None:
        """BLACK or WHITE: what the model draws."""
        self._judge(colour == self._guess)

    def _check(self) -> None:
        chosen = frozenset(i for i, choice in enumerate(self.choices) if choice.isChecked())
        if isinstance(self._question, Choices):
            self._judge(chosen == self._question.right)
        elif isinstance(self._question, NextPixel):
            self._guess = (BLACK, WHITE)[min(chosen)]
            self.guessed.emit(self._guess)
        elif isinstance(self._question, Number):
            try:
                self._judge(self._question.takes(self.number.text()))
            except ValueError:
                self._say(_NO_NUMBER)

    def _judge(self, right: bool) -> None:
        self.right = right
        if not right:
            self._say(_NOT_QUITE)
            return
        said = "" if self._question is None else self._question.said
        self._say("" if said else "✓ Right.")
        self.said.show_text(f"**✓** {said}", self._folder)
        self.said.setVisible(bool(said))
        self.answered.emit()

    def _clear(self) -> None:
        self.right = None
        self._say("")

    def _say(self, sentence: str) -> None:
        self.verdict.setText(sentence)
        self.verdict.setVisible(bool(sentence))
        self.said.hide()
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = {None: "line", True: "ok", False: "evidence"}[self.right]
        painter.setPen(QPen(theme.colour(colour), 1 if self.right is None else 1.6))
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class Choice(QAbstractButton):
    """One of several answers: its text goes on in another line where it is long. several: whether
    others can be right beside it."""

    def __init__(self, text: str, several: bool) -> None:
        super().__init__()
        self._several = several
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(not several)
        self.setAccessibleName(text)
        self.setToolTip("Choose this answer, and perhaps others" if several else "Answer this")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        place = QRect(0, 0, max(1, width - _BESIDE - 4), 10_000)
        lines = self.fontMetrics().boundingRect(place, Qt.TextFlag.TextWordWrap.value, self.text())
        return max(lines.height(), _MARK) + 8

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.fontMetrics().height() + 8)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            accent = theme.colour("accent")
            painter.setPen(QPen(accent, 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            accent.setAlphaF(0.1)
            painter.setBrush(accent)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._mark(painter)
        painter.setPen(self.palette().text().color())
        place = self.rect().adjusted(_BESIDE, 4, -4, 0)
        painter.drawText(place, Qt.TextFlag.TextWordWrap.value, self.text())

    def _mark(self, painter: QPainter) -> None:
        """A circle where one answer can be chosen, a square where several; filled when it is."""
        top = 4 + (self.fontMetrics().height() - _MARK) / 2
        box, round_ = QRectF(5.5, top, _MARK, _MARK), 3 if self._several else _MARK / 2
        chosen = self.isChecked()
        painter.setPen(QPen(theme.colour("accent" if chosen else "muted"), 1.4))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(box, round_, round_)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), round_ / 2, round_ / 2)


def _plain(markdown: str) -> str:
    """Without the marks of Markdown."""
    document = QTextDocument()
    document.setMarkdown(markdown, QTextDocument.MarkdownFeature.MarkdownNoHTML)
    return document.toPlainText().strip() or markdown
