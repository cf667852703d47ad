"""`Late`: a part of the window that is made when it is first asked for. `Ahead`: makes all that are
left, one at a time, before anybody waits for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from studio.gui.shell.window_parts import WindowParts

_PAUSE = 250  # ms between two parts

W = TypeVar("W", bound=QWidget)


class Late(Generic[W]):
    """Called, it gives the part. there: the same, None as long as nobody has asked for it."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self.there: W | None = None

    def __call__(self) -> W:
        if self.there is None:
            self.there = self._make()
        return self.there


class Ahead(QObject):
    """Once the window has its first model, until all parts are there, or the window is closed."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._making = window, window.making()
        self._timer = QTimer(self, interval=_PAUSE)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def _go_on(self) -> None:
        if self._window.isVisible() and self._window.session.model is not None:
            more = next(self._making, self)
            if more is self:
                self._timer.stop()
