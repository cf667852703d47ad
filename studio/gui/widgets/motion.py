"""Reduced motion: where the person wants it, nothing glows, pulses or moves by itself. What they
set going themselves, such as a drawing, goes on.

Where Qt can say what the system wants that holds until the person chooses; else motion is not
reduced until they do.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QProgressBar

KEY = "reduced motion"
# ms between showing and hiding the busy bar: so it comes and goes less than three times a second
_UNHURRIED = 350


def reduced() -> bool:
    """Whether to keep still."""
    kept = QSettings().value(KEY)
    return _system_wants() if kept is None else str(kept).lower() == "true"


def reduce(on: bool) -> None:
    """As the person wants, now and at the next start."""
    QSettings().setValue(KEY, on)
    _changes().changed.emit()


def follow(who: QObject, do: Callable[[], object]) -> None:
    """Do that whenever the choice changes, as long as `who` lives."""
    _Calling(who, do)


def follow_window(window: QMainWindow) -> None:
    """The docks of the window glide into place, and the text cursor blinks, only where motion is
    not reduced."""
    blinking = QApplication.cursorFlashTime()

    def show() -> None:
        window.setAnimated(not reduced())
        QApplication.setCursorFlashTime(0 if reduced() else blinking)

    show()
    follow(window, show)


class BusyBar(QProgressBar):
    """Runs to and fro while something is done that takes a while. Work that is over at once does
    not show it, so that it never flashes; nor does reduced motion, in which the words beside it
    have to do."""

    def __init__(self) -> None:
        super().__init__(maximum=0, textVisible=False)
        self._wanted = False
        self._soon = QTimer(self, singleShot=True, interval=_UNHURRIED)
        self._soon.timeout.connect(self._show)
        follow(self, self._show)
        self.hide()

    def show_busy(self, busy: bool) -> None:
        self._wanted = busy
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        self.setVisible(self._wanted and not reduced())


class _Changes(QObject):
    """One for all, a child of the application."""

    changed = Signal()


class _Calling(QObject):
    """Ends with the one that follows."""

    def __init__(self, who: QObject, do: Callable[[], object]) -> None:
        super().__init__(who)
        self._do = do
        _changes().changed.connect(self._changed)

    def _changed(self) -> None:
        self._do()


def _changes() -> _Changes:
    app = QApplication.instance()
    assert app is not None
    found = app.findChild(_Changes)
    return _Changes(app) if found is None else found


def _system_wants() -> bool:
    hints = QGuiApplication.styleHints()
    accessibility = hints.accessibility() if hasattr(hints, "accessibility") else None
    preference = getattr(accessibility, "motionPreference", None)  # in newer versions of Qt
    return preference is not None and preference().name == "ReducedMotion"
