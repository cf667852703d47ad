"""`SidePlayer`: draws beside the stage, with a player of its own, for as long as somebody looks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.player import Player
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.watch import Watch
from studio.gui.session import Session


class SidePlayer(QObject):
    """Draws with the model of a session, and touches neither its painting nor its player.

    Signals: snapshot(Snapshot) at half the display rate, and failed(sentence).
    """

    snapshot = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._player: Player | None = None
        self._wanted = SamplingOptions()
        self._watch = Watch(session, self)
        self._watch.news.connect(self._take)
        self._watch.failed.connect(lambda sentence, traceback: self.failed.emit(sentence))

    def draw(self, options: SamplingOptions, evidence: Evidence | None) -> None:
        """Begin anew, and draw to the end."""
        self.stop()
        if self._session.model is None:
            return
        self._wanted = options
        self._player = self._session.new_player(options, evidence)
        self._watch.begin(self._player)
        self.go_on()

    def draw_next(self, options: SamplingOptions) -> None:
        """The same evidence with other options."""
        if self._player is not None:
            self._wanted = options
            self._player.set_options(options)
            self.go_on()

    def hold(self) -> None:
        """Leave the processor to others until it is to go on."""
        if self._player is not None:
            self._player.pause()

    def go_on(self) -> None:
        """To the end."""
        if self._player is not None:
            self._player.finish()
            self._watch.look()

    def stop(self) -> None:
        """Leave it, and free what it took."""
        self._player = None
        self._watch.end()

    def _take(self, news: object) -> None:
        if isinstance(news, Snapshot) and news.options == self._wanted:
            self.snapshot.emit(news)
