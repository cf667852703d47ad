"""Starts the window: the window first, then torch, which
takes longer to import than the window takes to show.

Nothing that this module imports may import torch: `Session.begin` does that in a thread once the
window is painted.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QApplication

from studio.engine.runtime.ending import end
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.log_file import LogFile
from studio.engine.runtime.memory import keep_few_kernels, share_heaps
from studio.gui.features import ignore_features
from studio.gui.shell.crashes import Crashes
from studio.gui.shell.garbage import GarbageCollection
from studio.gui.shell.heartbeat import Heartbeat
from studio.gui.shell.late import Ahead
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme, translation

# The interpreter hands the lock from a busy worker to the window after this many seconds (the
# default is 5 ms).
SWITCH_INTERVAL = 0.0002
# What Qt is told before it begins. Painting is not shared out to threads of its own: where a
# training keeps all processors busy, the window would wait for them (nine of ten changes of its
# size took up to 190 ms so, and 75 without).
ENVIRONMENT = {"QT_NO_GUI_THREADPOOL": "1"}


def application(arguments: Sequence[str] = ()) -> QApplication:
    """The one QApplication of the process, named so that settings and windows belong together."""
    ignore_features()
    share_heaps()
    keep_few_kernels()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
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


@contextmanager
def prompt(app: QApplication) -> Iterator[Heartbeat]:
    """Until the end of the block, what works in other threads does not hold the window up."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    collection, heartbeat = GarbageCollection(app), Heartbeat(app)
    try:
        yield heartbeat
    finally:
        heartbeat.end()
        collection.end()
        sys.setswitchinterval(before)


def main(checkpoint: str | None = None) -> int:
    """Open the window, with a checkpoint if one is named,
    and stay until it is closed; returns the exit status."""
    app = application()
    with prompt(app):
        return _live(app, checkpoint)


def _live(app: QApplication, checkpoint: str | None) -> int:
    window = MainWindow(checkpoint)
    crashes = Crashes(window)
    log: LogFile | None = None
    try:
        log = LogFile()
    except StudioError as error:
        window.show_failure(str(error), "")
    window.show()
    Ahead(window)
    try:
        status = app.exec()
    finally:
        crashes.end()
        if log is not None:
            log.end()
    QSettings().sync()
    return end(status)
