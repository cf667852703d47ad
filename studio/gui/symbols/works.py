"""`Works`: what a widget has done in threads, and hears of in its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.runtime.jobs import Job, State

_POLL = 30  # ms between two looks, while there is anything to look for
T = TypeVar("T")


class Works(QObject):
    """Signals: failed(sentence); over(), one more is done, well or not."""

    failed = Signal(str)
    over = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._hearing: dict[Job[Any], Callable[[], object]] = {}
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether anything is still to be heard of."""
        return bool(self._hearing)

    def do(
        self,
        work: Callable[[], T],
        then: Callable[[T], object],
        otherwise: Callable[[], object] = lambda: None,
    ) -> None:
        """Work in a thread; `then` gets what came of it, `otherwise` is called where it failed."""
        job: Job[T] = Job(lambda job: work(), name="symbols")

        def hear() -> None:
            if job.state is State.FINISHED:
                then(cast(T, job.result))
                return
            otherwise()
            if job.state is State.FAILED:
                self.failed.emit(job.message)

        self._hearing[job] = hear
        job.start()
        self._timer.start()

    def close_down(self) -> list[Job[Any]]:
        """Hear of nothing any more; what may still run."""
        self._timer.stop()
        return list(self._hearing)

    def _look(self) -> None:
        for job in [job for job in self._hearing if job.state.over]:
            self._hearing.pop(job)()
            self.over.emit()
        if not self._hearing:
            self._timer.stop()
