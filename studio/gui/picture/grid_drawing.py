"""`GridDrawing`: has a grid of scenes drawn beside the stage, with a player of its own, for as long
as somebody looks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.scenes.plan import Plan
from studio.gui.session import FULL_SPEED_MILLISECONDS, Session

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.runtime.jobs import CancelToken
    from studio.engine.scenes.grid import Loaded
    from studio.engine.scenes.grid_player import GridMoment, GridPlayer
    from studio.engine.scenes.scene import ModelReference


class GridDrawing(QObject):
    """What fails is told by the session. Signals: begun(Plan), when the models of a plan are there;
    moment(GridMoment) at half the display rate."""

    begun = Signal(object)
    moment = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._player: GridPlayer | None = None
        self._models: dict[ModelReference, Loaded] = {}
        self._turn = 0  # of what is asked for; only the last one counts
        self._loading: CancelToken | None = None  # of the job: that would hold what it has read
        self._plays = False  # whether that is to be played once its models are there
        self._speed: float | None = None
        self._race = False
        self.latest: GridMoment | None = None
        self._timer = QTimer(self, interval=FULL_SPEED_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    @property
    def playing(self) -> bool:
        return self.latest is not None and self.latest.playing

    def begin(self, plan: Plan, besides: Iterable[Path], play: bool) -> None:
        """Draw another grid, from its beginning, once its models are there.

        besides: checkpoints that are looked at too.
        """
        self._turn += 1
        self._plays = play
        turn, session, besides = self._turn, self._session, [*besides]
        wanted = {scene.model for scene in plan.scenes}
        there = {
            reference: loaded.model
            for reference, loaded in self._models.items()
            if loaded.model is not None and not loaded.sentence
        }
        if session.model is not None and session.checkpoint is not None:
            there[session.scenes.reference] = session.model
        device = "cpu" if session.model is None else session.model.device

        def load(token: CancelToken | None = None) -> dict[ModelReference, Loaded]:
            from studio.engine.scenes.grid import load_models

            return load_models(plan.scenes, device, besides, there, token)

        def take(models: dict[ModelReference, Loaded]) -> None:
            if turn == self._turn:
                self._models = models
                self._start(plan)

        if self._loading is not None:
            self._loading.cancel()  # what an earlier grid wanted
        if wanted <= set(there):
            take(load())
        else:
            self._loading = session.work(
                "Loading the models of the grid…", lambda job: load(job.token), take
            ).token

    def _start(self, plan: Plan) -> None:
        from studio.engine.scenes.grid_player import GridPlayer

        self._end_player()
        ending = self._session.ending
        self._player = GridPlayer(plan.scenes, self._models, self._speed, self._race, ending)
        self.begun.emit(plan)
        self._timer.start()
        if self._plays:
            self.play()

    def model_of(self, reference: ModelReference) -> Model | None:
        """The model that a scene of the grid names; None while there is none."""
        loaded = self._models.get(reference)
        return None if loaded is None else loaded.model

    # ---- what can be asked -----------------------------------------------------------------------

    def play(self) -> None:
        self._plays = True
        if self._player is not None:
            self._player.play()
            self._timer.start()

    def pause(self) -> None:
        self._plays = False
        if self._player is not None:
            self._player.pause()
            self._timer.start()

    def restart(self) -> None:
        if self._player is not None:
            self._player.restart()
            self._timer.start()

    def set_speed(self, speed: float | None, race: bool) -> None:
        """Sites a second, None for as fast as it goes; race: each as fast as it can."""
        self._speed, self._race = speed, race
        if self._player is not None:
            self._player.set_speed(speed, race)
            self._timer.start()

    def stop(self) -> None:
        """Leave it, and free what it took."""
        self._turn += 1
        self._end_player()
        self._models = {}

    def _end_player(self) -> None:
        self._timer.stop()
        self.latest = None
        if self._player is not None:
            self._session.let_go(self._player)
            self._player = None

    def _look(self) -> None:
        player = self._player
        if player is None or player.join(0):  # asked first: its last news are in the mailbox then
            self._timer.stop()
        if player is None:
            return
        if (failure := player.failures.take()) is not None:
            self._session.failed.emit(*failure)
        if (news := player.mailbox.take()) is not None:
            self.latest = news
            self.moment.emit(news)
