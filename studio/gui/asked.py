"""`Asked`: insights that a widget shows, asked of the model in a session in a thread of their own.

A timer looks after the thread while it has something to do. A widget that is not seen asks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.engine.insights import Answer, Insight, Question
from studio.engine.insights.asking import Asking, Reply

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.runtime.jobs import Stoppable
    from studio.gui.session import Session

_POLL_MILLISECONDS = 16


class Asked(QObject):
    """Signals: answered(Reply); gone() when another model is in use, of which nothing is known yet.

    latest: what was answered last about the model in use.
    """

    answered = Signal(object)
    gone = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asking: Asking | None = None
        self._ending: list[Asking] = []
        self._last: tuple[Insight, Question] | None = None
        self.latest: Reply | None = None
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._poll)
        session.model_changed.connect(self._begin_again)

    @property
    def resting(self) -> bool:
        """Whether nothing is being worked out, and all that was has been heard of."""
        return not self._timer.isActive()

    def ask(self, insight: Insight, question: Question, hurried: bool = False) -> None:
        """Nothing, where the same was asked last. hurried: whether something is drawn as fast as it
        goes meanwhile."""
        model = self._session.model
        if model is None or not model.autoregressive:
            return
        last = self._last
        if last is not None and last[0] is insight and question.same(last[1]):
            return
        self._last = insight, question
        if self._asking is None:
            self._asking = Asking(cast("AutoregressiveModel", model), tuple(self._ending))
        self._asking.ask(insight, question, hurried)
        self._timer.start()

    def refuse(self, insight: Insight, question: Question, sentence: str) -> None:
        """Answer at once, and once, for a model in use that no insight can be asked of."""
        if self.latest is None or self.latest.insight is not insight:
            self.latest = Reply(insight, question, Answer(sentence=sentence), refused=True)
            self.answered.emit(self.latest)

    def forget(self) -> None:
        """Nobody looks any more; the same will be answered anew."""
        self._last = self.latest = None
        if self._asking is not None:
            self._asking.cancel()

    def end(self) -> list[Stoppable]:
        """Work out nothing more; returns the threads that may still run."""
        self._timer.stop()
        self._let_go()
        ending, self._ending = self._ending, []
        return [*ending]

    def _begin_again(self) -> None:
        """Another model is in use."""
        self._let_go()
        self.gone.emit()

    def _let_go(self) -> None:
        self._last = self.latest = None
        if self._asking is not None:
            self._asking.close()
            self._ending.append(self._asking)
            self._asking = None

    def _poll(self) -> None:
        self._ending = [each for each in self._ending if not each.join(0)]
        asking = self._asking
        # asked first: what was answered before it came to rest is then in its mailbox
        if not self._ending and (asking is None or asking.join(0)):
            self._timer.stop()
        if asking is None:
            return
        if (failure := asking.failures.take()) is not None:
            self._session.failed.emit(*failure)
        if (reply := asking.mailbox.take()) is not None and self._last is not None:
            self.latest = reply
            self.answered.emit(reply)
