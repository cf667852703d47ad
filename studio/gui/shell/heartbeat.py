"""`Heartbeat`: tells all that works in other threads whether the window is late, and has memory
given back once there is no more work."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, Qt, QTimer

from studio.engine.runtime import courtesy, memory

LOOK = 100  # ms between two looks whether anything works
QUIET = 1.0  # seconds without work, after which there is none


class Heartbeat(QObject):
    """Beats while anything works in another thread, from now until `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = QTimer(self, interval=LOOK)
        self._look.timeout.connect(self._is_there_work)
        self._look.start()
        self._beat = QTimer(self, interval=round(1000 * courtesy.BEAT))
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(courtesy.window.beat)

    @property
    def resting(self) -> bool:
        """Whether nothing works, and memory was given back since."""
        return not self._beat.isActive() and not self._works()

    def end(self) -> None:
        self._look.stop()
        self._leave()

    def _works(self) -> bool:
        return time.monotonic() < courtesy.window.asked + QUIET

    def _is_there_work(self) -> None:
        if self._works() == self._beat.isActive():
            return
        if self._works():
            self._beat.start()
            return
        self._leave()
        threading.Thread(target=memory.give_back_all, name="memory", daemon=True).start()

    def _leave(self) -> None:
        self._beat.stop()
        courtesy.window.rest()
