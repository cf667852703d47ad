"""`GarbageCollection`: in the thread of the window, and never for long.

Python looks for objects that only hold on to one another in whichever thread happens to make one
more. Where that is a thread that draws or trains, it takes objects of Qt apart there, which Qt
allows in its own thread only: a timer or an action goes while the window uses it. And a look at
everything, with torch there, holds all threads up for a quarter of a second.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

INTERVAL = 100  # ms between two looks at whether it is time
_MANY = 100  # modules that are new


class GarbageCollection(QObject):
    """About as often as Python itself would, but here, from now until `end`. What is imported
    stays, and is never looked at again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._modules = 0
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self._look)
        gc.disable()
        self._timer.start()

    def end(self) -> None:
        """Back to Python's own way."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _look(self) -> None:
        if len(sys.modules) >= self._modules + _MANY:
            self._modules = len(sys.modules)
            gc.freeze()
            return
        due = zip(gc.get_count(), gc.get_threshold(), strict=True)
        generations = [number for number, (count, most) in enumerate(due) if count > most]
        if generations:
            gc.collect(generations[-1])
