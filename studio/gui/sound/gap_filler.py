"""`GapFiller`: a gap in a recording is filled in a job; the newest one counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.engine.editing.gap import Gap
from studio.engine.runtime.jobs import Job
from studio.gui.session import Session

if TYPE_CHECKING:
    from models.interface import AudioModel
    from studio.engine.audio.gaps import Filling

Codes = NDArray[np.uint8]


class GapFiller(QObject):
    """Signals: filled(codes (takes, n), gap): the recording with its gap filled, by as many
    different takes as the session wants and there are, the best first; filling(whether it is being
    done); message(sentence), how well it went."""

    filled = Signal(object, object)
    filling = Signal(bool)
    message = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._job: Job[Any] | None = None
        self._asked = 0  # how often: what was asked for before is not wanted any more
        session.busy.connect(self._look)

    def fill(self, codes: Codes, gap: Gap) -> None:
        """Let the model in use fill a gap in codes (n,)."""
        self.stop()
        session, turn = self._session, self._asked
        model, options = cast("AudioModel", session.model), session.options

        def do(job: Job[Any]) -> Filling:
            from studio.engine.audio.gaps import TAKES, Beam

            beam = Beam(model, codes, gap, max(TAKES, options.count), options)
            beam.check_room()

            def watch(share: float) -> None:
                job.token.raise_if_cancelled()
                job.progress = share

            return beam.run(watch)

        def take(filling: Filling) -> None:
            if turn == self._asked and session.model is model:
                self.filled.emit(filling.filled(codes, options.count), gap)
                self.message.emit(_outcome(filling, options.count, model.sample_rate))

        length = 1000 * gap.length / model.sample_rate
        self._job = session.work(f"Filling a gap of {length:.0f} ms…", do, take)
        self.filling.emit(True)

    def stop(self) -> None:
        """The recording stays as it is."""
        self._asked += 1
        if self._job is not None:
            self._job.cancel()
            self._end()

    def _look(self) -> None:
        if self._job is not None and self._job.state.over:
            self._end()

    def _end(self) -> None:
        self._job = None
        self.filling.emit(False)


def _outcome(filling: Filling, count: int, rate: int) -> str:
    back = "Ctrl+Z brings the recording back."
    if not filling.evidence:
        return f"Nothing comes after the gap: the model has simply gone on from before it. {back}"
    length, shown = 1000 * filling.gap.length / rate, min(count, len(filling.takes))
    best, choose = (
        ("the best", "") if shown == 1 else (f"the {shown} best", " Click one to hear it.")
    )
    return (
        f"The gap of {length:.0f} ms is filled by {best} of {filling.beam} takes (effective number"
        f" {filling.effective:.1f}).{choose} {back}"
    )
