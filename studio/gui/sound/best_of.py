"""`BestOf`: before a new sound is heard, several takes of it are tried in a job, and the one that
is most probable to the model is chosen. The newest search counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.runtime.jobs import Job
from studio.gui.session import Session

if TYPE_CHECKING:
    from models.interface import AudioModel
    from studio.engine.audio.best_takes import Tried

_LOOKS = 100  # ms between two looks at how far it is

# codes to go on from, frames of a spectrogram, and how many samples are wanted after the beginning,
# where no spectrogram says that
Given = tuple[NDArray[np.uint8] | None, NDArray[np.float32] | None, int]


class BestOf(QObject):
    """Signals: trying(share), how much is done, None when it is over; message(sentence), what was
    found."""

    trying = Signal(object)
    message = Signal(str)

    def __init__(self, session: Session, given: Callable[[], Given], parent: QObject) -> None:
        """given: what the sound is to be made from, as it is now."""
        super().__init__(parent)
        self._session, self._given = session, given
        self._takes = 1
        self._job: Job[Any] | None = None
        self._asked = 0  # how often: what was asked for before is not wanted any more
        self._settled: tuple[object, ...] | None = None  # what the choice was made for
        self._clock = QTimer(self, interval=_LOOKS)
        self._clock.timeout.connect(self._look)
        session.busy.connect(self._look)

    def choose(self, takes: int) -> None:
        """Find the best of so many from now on; 1: the first one will do."""
        self.stop()
        self._takes = takes
        if takes == 1 and self._session.options.chosen_takes:
            self._session.change(chosen_takes=())

    def before(self, then: Callable[[], object]) -> bool:
        """Whether there is something to find first: then it is found, and `then` done. Asked again
        meanwhile, it stops."""
        if self._job is not None:
            self.stop()
            return True
        if self._takes == 1 or self._settled == self._now:
            return False
        self._find(then)
        return True

    def accept(self) -> None:
        """The takes that are chosen stay, however they were found."""
        self._settled = self._now

    def forget(self) -> None:
        """The sound is to be another one: its best take is not known."""
        self.stop()
        self._settled = None

    def stop(self) -> None:
        """The takes stay as they are."""
        self._asked += 1
        if self._job is not None:
            self._job.cancel()
            self._end()

    @property
    def _now(self) -> tuple[object, ...]:
        options = self._session.options
        return self._takes, options.seed, options.condition, options.sampling

    def _find(self, then: Callable[[], object]) -> None:
        session, turn, takes = self._session, self._asked, self._takes
        model, many = (
            cast("AudioModel", session.model),
            replace(session.options, count=takes, chosen_takes=()),
        )
        beginning, spectrogram, samples = self._given()

        def do(job: Job[Any]) -> list[Tried]:
            from studio.engine.audio.best_takes import best_first
            from studio.engine.audio.rendering import Rendering

            rendering = Rendering(model, many, beginning, spectrogram, scored=True)
            end = rendering.length or rendering.start + samples
            rendering.check_room(end)

            def watch(share: float) -> None:
                job.token.raise_if_cancelled()
                job.progress = share

            return best_first(rendering, end, watch)

        def take(tried: list[Tried]) -> None:
            from studio.engine.audio.best_takes import in_words

            if turn != self._asked or session.model is not model:
                return
            self._end()
            session.change(chosen_takes=tuple(each.take for each in tried))
            self.accept()
            self.message.emit(in_words(tried))
            then()

        self._job = session.work(f"Trying {takes} takes…", do, take)
        self._clock.start()
        self.trying.emit(0.0)

    def _look(self) -> None:
        if self._job is None:
            return
        if self._job.state.over:
            self._end()
        elif self._job.progress is not None:
            self.trying.emit(self._job.progress)

    def _end(self) -> None:
        self._job = None
        self._clock.stop()
        self.trying.emit(None)
