"""`Asked`: insights that a widget shows, asked of the model in a session in a thread of their own.

A widget that is not seen asks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from studio.engine.insights import Answer, Insight, Question
from studio.engine.insights.asking import Asking, Reply
from studio.gui.kept_actor import KeptActor

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.runtime.jobs import Stoppable
    from studio.gui.session import Session


class Asked(QObject):
    """Signals: answered(Reply); gone() when another model is in use, of which nothing is known yet.

    latest: what was answered last about the model in use.
    """

    answered = Signal(object)
    gone = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._kept = KeptActor(session, self._begun, self)
        self._kept.news.connect(self._take)
        self._last: tuple[Insight, Question] | None = None
        self.latest: Reply | None = None
        session.model_changed.connect(self._begin_again)

    @property
    def resting(self) -> bool:
        """Whether nothing is being worked out, and all that was has been heard of."""
        return self._kept.resting

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
        self._kept.working().ask(insight, question, hurried)

    def refuse(self, insight: Insight, question: Question, sentence: str) -> None:
        """Answer at once, and once, for a model in use that no insight can be asked of."""
        if self.latest is None or self.latest.insight is not insight:
            self.latest = Reply(insight, question, Answer(sentence=sentence), refused=True)
            self.answered.emit(self.latest)

    def forget(self) -> None:
        """Nobody looks any more; the same will be answered anew."""
        self._last = self.latest = None
        if self._kept.actor is not None:
            self._kept.actor.cancel()

    def end(self) -> list[Stoppable]:
        """Work out nothing more; returns the threads that may still run."""
        self._last = self.latest = None
        return self._kept.end()

    def _begun(self, before: tuple[Stoppable, ...]) -> Asking:
        return Asking(cast("AutoregressiveModel", self._session.model), before)

    def _begin_again(self) -> None:
        """Another model is in use."""
        self._last = self.latest = None
        self._kept.let_go()
        self.gone.emit()

    def _take(self, reply: Reply) -> None:
        if self._last is not None:
            self.latest = reply
            self.answered.emit(reply)
