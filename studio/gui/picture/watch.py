"""`Watch`: looks into the mailbox of a player that works beside the stage, for as long as there may
be something new."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.runtime.actor import Actor
from studio.gui.session import FULL_SPEED_MILLISECONDS, Session


class Watch(QObject):
    """player: the one that is watched; None for none.

    Signals: news(what it shows) at half the display rate, and failed(sentence, traceback or "").
    """

    news = Signal(object)
    failed = Signal(str, str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.player: Actor[Any] | None = None
        self._timer = QTimer(self, interval=FULL_SPEED_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @property
    def resting(self) -> bool:
        """Whether nothing new is to come of what was asked."""
        return not self._timer.isActive()

    def begin(self, player: Actor[Any]) -> None:
        """Another one, in the place of that before."""
        self.end()
        self.player = player
        self.look()

    def look(self) -> None:
        """Something was asked of the player."""
        if self.player is not None:
            self._timer.start()

    def end(self) -> None:
        """Leave it, and free what it took."""
        self._timer.stop()
        if self.player is not None:
            self._session.let_go(self.player)
            self.player = None

    def _look(self) -> None:
        player = self.player
        if player is None or player.join(0):  # asked first: its last news are in the mailbox then
            self._timer.stop()
        if player is None:
            return
        if (failure := player.failures.take()) is not None:
            self.failed.emit(*failure)
        if (news := player.mailbox.take()) is not None:
            self.news.emit(news)
