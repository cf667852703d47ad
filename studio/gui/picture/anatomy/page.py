"""The page that draws the network of the model in use: all its figures below each other, one of
them large once it is clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from studio.engine.audio.listening import SoundSnapshot
from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights.question import Question, question_of
from studio.gui.page import Page
from studio.gui.picture.anatomy.column import Column
from studio.gui.picture.anatomy.enlarged import Enlarged
from studio.gui.session import Session
from studio.gui.widgets.controls import described, icon_button
from studio.gui.widgets.icons import icon
from studio.gui.widgets.scrolling import scrolled
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.anatomy import Part
    from models.interface import Model

_HINT = "Point at anything to read what it is; click a figure to see it large."


def how_far(moment: SoundSnapshot, levels: int) -> Question | None:
    """Of a sound, whose samples no figure shows: how many of them are there. None where nothing is
    to be made."""
    if not moment.length:
        return None
    order = np.arange(moment.length)
    there = order < moment.position
    values = np.zeros((1, moment.length), np.uint8)
    return Question(values, there, np.zeros_like(there), order, levels)


class AnatomyPage(Page):
    """Follows the model in use and what its stage draws. Rests while it is not seen.

    Signals: stage_wanted() to go back; step_wanted(count) by which the stage is to go on, or back.
    """

    called = "Anatomy"

    stage_wanted = Signal()
    step_wanted = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._asked: Model | None = None  # whose figures are there, or on their way
        self._there: Model | None = None  # whose figures are there
        self.column: Column | None = None
        self.enlarged = Enlarged()
        self.title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.says = QLabel(tr(_HINT), textFormat=Qt.TextFormat.PlainText)
        tip = "Back to all figures, then to the stage (Esc)"
        self.back = described(QPushButton(icon("up"), "Back"), "Back", tip)
        self.step_back = icon_button("step-back", "Step back", "One site back on the stage (,)")
        self.step_on = icon_button("step", "Step", "One site further on the stage (.)")
        self._put_together()
        session.model_changed.connect(self._look)
        session.reading.connect(lambda moment: self._follow())

    def _put_together(self) -> None:
        above = QHBoxLayout()
        for button in (self.back, self.step_back, self.step_on):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        above.addWidget(self.back)
        above.addWidget(self.title, 1)
        above.addWidget(self.step_back)
        above.addWidget(self.step_on)
        self._all = scrolled(QWidget())
        self._parts = QStackedWidget()
        self._parts.addWidget(self._all)
        self._parts.addWidget(self.enlarged)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addLayout(above)
        column.addWidget(self._parts, 1)
        column.addWidget(self.says)
        self.back.clicked.connect(self.go_back)
        self.step_back.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.step_on.clicked.connect(lambda: self.step_wanted.emit(1))
        self.enlarged.said.connect(self._say)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.go_back)

    # ---- which figures ---------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        """Draw the model in use, unless it is drawn already."""
        model = self._session.model
        if model is not self._asked:
            self._asked = self._there = None  # nothing keeps one that is no longer in use
        self._follow()
        if not self.isVisible() or model is None or model is self._asked:
            return
        self._asked = model

        def look() -> tuple[Part, ...]:
            from models.anatomy import figures
            from studio.gui.picture.anatomy.view import views

            views()  # else the window's thread would wait for them
            return figures(model)

        def take(parts: tuple[Part, ...]) -> None:
            if model is self._session.model:
                self._there = model
                self._show(parts)

        self._session.work("Looking at the network…", lambda job: look(), take)

    def _show(self, parts: tuple[Part, ...]) -> None:
        self.title.setText(tr("Anatomy of {name}").format(name=self._session.title))
        self.column = Column(parts)
        self.column.said.connect(self._say)
        self.column.opened.connect(self.open_part)
        self._all.setWidget(self.column)  # which ends the one before, and what was said of it
        self._say("")
        self._parts.setCurrentWidget(self._all)
        self._follow()

    def _say(self, sentence: str) -> None:
        self.says.setText(sentence or tr(_HINT))

    def _follow(self) -> None:
        """The picture as it is now."""
        if self.column is None or not self.isVisible():
            return
        seen = self._seen()
        for button in (self.step_back, self.step_on):
            button.setVisible(
                isinstance(self._session.latest, Snapshot) and self._session.generates
            )
        self.column.follow(seen)
        self.enlarged.follow(seen)

    def _seen(self) -> Question | None:
        latest, model = self._session.latest, self._session.model
        if model is None or model is not self._there:
            return None
        if isinstance(latest, SoundSnapshot):
            return how_far(latest, model.spec.levels)
        return question_of(latest, model.spec.levels) if isinstance(latest, Snapshot) else None

    # ---- one of them, and all --------------------------------------------------------------------

    def open_part(self, part: Part) -> None:
        """See it large."""
        self.enlarged.show_part(part, self._seen())
        self._parts.setCurrentWidget(self.enlarged)
        self._say("")

    def go_back(self) -> None:
        """From one figure to all, from all to the stage."""
        if self._parts.currentWidget() is self.enlarged:
            self._parts.setCurrentWidget(self._all)
            self._say("")
        else:
            self.stage_wanted.emit()

    @property
    def keys_for(self) -> QWidget | None:
        return self.back

    # ---- what can be asked of any page -----------------------------------------------------------

    @property
    def edits(self) -> list[QAction]:
        return []

    def takes(self, suffix: str) -> bool:
        return False
