"""`KeptActor`: an actor that works out what a widget asks of the model in use. It is begun when it
is first needed, looked after while it has something to do, and let go with its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.engine.runtime.actor import Actor

if TYPE_CHECKING:
    from studio.engine.runtime.jobs import Stoppable
    from studio.gui.session import Session

A = TypeVar("A", bound=Actor[Any])
_POLL_MILLISECONDS = 16


class KeptActor(QObject, Generic[A]):
    """begin: makes one for the model in use, which works when those it is given have ended.

    Signals: news(what its mailbox had). What fails is told by the session.
    """

    news = Signal(object)

    def __init__(
        self, session: Session, begin: Callable[[tuple[Stoppable, ...]], A], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._begin = session, begin
        self.actor: A | None = None
        self._ending: list[A] = []
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    @property
    def resting(self) -> bool:
        """Whether nothing is being worked out, and all that was has been heard of."""
        return not self._timer.isActive()

    def working(self) -> A:
        """The actor, to be asked something at once."""
        if self.actor is None:
            self.actor = self._begin(tuple(self._ending))
        self._timer.start()
        return self.actor

    def let_go(self) -> None:
        """What it works out is wanted no more: its model is not in use."""
        if self.actor is not None:
            self.actor.close()
            self._ending.append(self.actor)
            self.actor = None

    def end(self) -> list[Stoppable]:
        """Work out nothing more; returns the threads that may still run."""
        self._timer.stop()
        self.let_go()
        ending, self._ending = self._ending, []
        return [*ending]

    def _look(self) -> None:
        self._ending = [each for each in self._ending if not each.join(0)]
        actor = self.actor
        # asked first: what was answered before it came to rest is then in its mailbox
        if not self._ending and (actor is None or actor.join(0)):
            self._timer.stop()
        if actor is None:
            return
        if (failure := actor.failures.take()) is not None:
            self._session.failed.emit(*failure)
        if (news := actor.mailbox.take()) is not None:
            self.news.emit(news)
