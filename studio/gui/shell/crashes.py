"""What nobody caught, in any thread of the window, is told: on standard error, in the log file, and
in a dialog that can copy it. The studio goes on where it can."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from studio.engine.runtime.jobs import failure_text
from studio.engine.runtime.log_file import LogFile
from studio.gui.widgets.failure_dialog import FailureDialog

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow


def tell(
    window: MainWindow,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Show what nobody caught in the thread of the window, and let go of all that its frames
    hold."""
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    text, message = failure_text(error)
    print(text, file=sys.stderr, end="")
    _show(window, message, text)


def _show(window: MainWindow, message: str, text: str) -> None:
    """One at a time: a failure may come again with every picture. All are in the log."""
    if window.findChild(FailureDialog) is None:
        window.show_failure(message, text)
    elif LogFile.current is not None:
        LogFile.current.note(text)


class Crashes(QObject):
    """Told of everything that nobody caught, from now on until `end`."""

    _elsewhere = Signal(str, str)  # in another thread, or while something was taken apart

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        self._elsewhere.connect(
            functools.partial(_show, window), Qt.ConnectionType.QueuedConnection
        )
        sys.excepthook = functools.partial(tell, window)
        threading.excepthook = lambda found: self._relay(found.exc_value, f"{found.thread}")
        sys.unraisablehook = lambda found: self._relay(
            found.exc_value, found.err_msg or "Nobody could be told"
        )

    def end(self) -> None:
        """Back to what was told before."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def _relay(self, error: BaseException | None, where: str) -> None:
        if not isinstance(error, Exception):
            return
        text, message = failure_text(error)
        print(f"{where}:\n{text}", file=sys.stderr, end="")
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._elsewhere.emit(message, f"{where}:\n{text}")
