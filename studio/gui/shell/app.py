"""Starts the window: the window first, then torch, which
takes longer to import than the window takes to show.

Nothing that this module imports may import torch: `Session.begin` does that in a thread once the
window is painted.
"""

from __future__ import annotations

import functools
import locale
import sys
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from studio.engine.runtime.jobs import failure_text
from studio.engine.runtime.memory import keep_few_kernels, share_heaps
from studio.gui.shell.garbage import GarbageCollection
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme, translation
from studio.gui.widgets.failure_dialog import FailureDialog

# The interpreter hands the lock from a busy worker to the window after this many seconds (the
# default is 5 ms).
SWITCH_INTERVAL = 0.001


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication of the process, named so that settings and windows belong together."""
    share_heaps()
    keep_few_kernels()
    QCoreApplication.setOrganizationName("Autoregressive Studio")
    QCoreApplication.setApplicationName("autoregressive-studio")
    existing = QApplication.instance()
    app = (
        existing if isinstance(existing, QApplication) else QApplication([sys.argv[0], *arguments])
    )
    # Qt sets what C libraries take for a decimal sign to the person's; they read files with it
    locale.setlocale(locale.LC_NUMERIC, "C")
    app.setApplicationDisplayName("Autoregressive Studio")
    app.setDesktopFileName("autoregressive-studio")
    theme.apply(app)
    translation.install(app)
    return app


def main(checkpoint: str | None = None) -> int:
    """Open the window, with a checkpoint if one is named,
    and stay until it is closed; returns the exit status."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = application()
    GarbageCollection(app)
    window = MainWindow(checkpoint)
    sys.excepthook = functools.partial(tell, window)
    window.show()
    return app.exec()


def tell(
    window: MainWindow,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Show what nobody caught in the thread of the window, and let go of all that its frames hold;
    one at a time, for a failure may come again with every picture."""
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    text, message = failure_text(error)
    print(text, file=sys.stderr, end="")
    if window.findChild(FailureDialog) is None:
        window.show_failure(message, text)
