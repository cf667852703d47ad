"""Starts the window: the window first, then torch, which
takes longer to import than the window takes to show.

Nothing that this module imports may import torch: `Session.begin` does that in a thread once the
window is painted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from studio.gui.shell.garbage import GarbageCollection
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme

# The interpreter hands the lock from a busy worker to the window after this many seconds (the
# default is 5 ms).
SWITCH_INTERVAL = 0.001


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication of the process, named so that settings and windows belong together."""
    QCoreApplication.setOrganizationName("Autoregressive Studio")
    QCoreApplication.setApplicationName("autoregressive-studio")
    existing = QApplication.instance()
    app = (
        existing if isinstance(existing, QApplication) else QApplication([sys.argv[0], *arguments])
    )
    app.setApplicationDisplayName("Autoregressive Studio")
    app.setDesktopFileName("autoregressive-studio")
    theme.apply(app)
    return app


def main(checkpoint: str | None = None) -> int:
    """Open the window, with a checkpoint if one is named,
    and stay until it is closed; returns the exit status."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = application()
    GarbageCollection(app)
    window = MainWindow(checkpoint)
    window.show()
    return app.exec()
