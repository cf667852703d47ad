"""The page on which it is seen why drawing is slow or fast: the same picture drawn naively, with
the cache and all at once, with the multiplications of each counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.insights.racing import RaceMoment, Racing
from studio.engine.insights.ways import NAIVE, WAYS
from studio.gui.page import Page
from studio.gui.picture.watch import Watch
from studio.gui.picture.way_view import WayView
from studio.gui.session import Session
from studio.gui.widgets.controls import icon_button
from studio.gui.widgets.flow_layout import together
from studio.gui.widgets.play_button import PlayButton
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import Model

TITLE = "Why is it slow or fast?"
_HOW = (
    "All have the same time of one processor core. Blue: computed in the latest pass or step."
    " Products of weights are counted, not what works on single numbers."
)
_PAUSE_MILLISECONDS = 200


class RacePage(Page):
    """Follows the model and the options of the session; what is painted is left out. A model for
    sound is told about in a sentence, and so is one that cannot be raced. Rests while it is not
    seen.
    """

    called = "Slow or fast"
    steps = False

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._watch = Watch(session, self)
        self._racing: Racing | None = None
        self._asked: tuple[object, ...] | None = None  # what the present race was made of
        self.latest: RaceMoment | None = None
        self._make_controls()
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._follow)
        session.options_changed.connect(self._soon.start)
        session.model_changed.connect(self._soon.start)
        self._watch.news.connect(self._show)
        self._watch.failed.connect(self._fail)
        self.restart_button.clicked.connect(self.restart)
        self.play_button.clicked.connect(self.toggle)

    def _make_controls(self) -> None:
        title = QLabel(TITLE)
        font = title.font()
        font.setPointSizeF(1.3 * font.pointSizeF())
        title.setFont(font)
        self.views = {name: WayView(name) for name in WAYS}
        row = QHBoxLayout()
        row.setSpacing(12)
        for view in self.views.values():
            row.addWidget(view, 1)
        self.restart_button = icon_button("restart", "Again", "Back to the beginning (Home)")
        self.play_button = PlayButton("Start or pause all (Space)")
        self.outcome = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.outcome.setMinimumHeight(3 * self.outcome.fontMetrics().height())  # nothing jumps
        self.how = QLabel(_HOW, wordWrap=True)
        self._buttons = together(self.restart_button, self.play_button)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(self._buttons)
        below.addWidget(self.how, 1)
        self.sentence = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(row)
        column.addWidget(self.sentence)
        column.addSpacing(8)
        column.addWidget(self.outcome)
        column.addStretch(1)
        column.addLayout(below)
        self._tell("")

    def _tell(self, sentence: str) -> None:
        """A sentence in the place of the pictures; "" for these."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        row = self._column.indexOf(self.sentence) - 1
        for place, seen in ((row, not sentence), (row + 1, bool(sentence))):
            self._column.setStretch(place, 1000 * seen)  # a hidden one would take its share as well
        for widget in (*self.views.values(), self.outcome, self.how, self._buttons):
            widget.setVisible(not sentence)

    # ---- what is raced ---------------------------------------------------------------------------

    def _follow(self) -> None:
        """Another race, where another model or other options are meant now."""
        session, model = self._session, self._session.model
        if not self.isVisible() or model is None or self._asked == (model, session.options):
            return
        self._end()
        self._asked = model, session.options
        if _makes_sound(model):
            self._tell(tr("Counting…"))
            session.work("Counting multiplications…", lambda job: _of_sample(model), self._tell_of)
        else:  # one that cannot be raced says why in its thread, where torch is imported
            self._tell("")
            self._racing = Racing(model, session.options, session.ending)
            self._watch.begin(self._racing)

    def _tell_of(self, found: tuple[Model, str]) -> None:
        """found: a model for sound, and what is to be said of it."""
        if self._asked is not None and self._asked[0] is found[0]:
            self._tell(found[1])

    def _show(self, moment: RaceMoment) -> None:
        self.latest, model = moment, self._session.model
        if model is None:
            return
        most = next(way.whole for way in moment.ways if way.name == NAIVE)
        for way in moment.ways:
            self.views[way.name].show_moment(way, most, model.spec.levels)
        self.play_button.show_playing(moment.playing)
        self.outcome.setText(moment.outcome)

    def _fail(self, sentence: str, traceback: str) -> None:
        self._end()
        self._tell(sentence)
        if traceback:
            self._session.failed.emit(sentence, traceback)

    def _end(self) -> None:
        self._racing = self.latest = self._asked = None
        self._watch.end()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window is not just minimised
            self.close_down()

    def close_down(self) -> None:
        """Nobody looks any more: its thread ends."""
        self._soon.stop()
        self._end()

    # ---- what can be asked of any page -----------------------------------------------------------

    def toggle(self) -> None:
        if self._racing is not None:
            playing = self.latest is not None and self.latest.playing
            (self._racing.pause if playing else self._racing.play)()
            self._watch.look()

    def finish(self) -> None:
        """To the end: there is one speed."""
        if self._racing is not None and (self.latest is None or not self.latest.playing):
            self.toggle()

    def restart(self) -> None:
        if self._racing is not None:
            self._racing.restart()
            self._watch.look()

    def looked_at(self) -> list[QRect]:
        return [QRect(view.pos(), view.size()) for view in self.views.values() if view.isVisible()]

    @property
    def edits(self) -> list[QAction]:
        return []

    def takes(self, suffix: str) -> bool:
        return False

    @property
    def why_not_save(self) -> str:
        return "Go to the stage to save what the model makes."

    def ask_to_save(self) -> None:
        self.message.emit(self.why_not_save)


def _makes_sound(model: Model) -> bool:
    from models.interface import AudioModel  # torch is there once a model is

    return isinstance(model, AudioModel)


def _of_sample(model: Model) -> tuple[Model, str]:
    from models.interface import AudioModel
    from studio.engine.insights.multiplications import of_sample

    assert isinstance(model, AudioModel)
    return model, str(of_sample(model))
