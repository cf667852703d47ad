"""Helpers for tests that drive the real window with
the real pointer and keyboard of the X server."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.gui.picture.stage import Stage
from studio.gui.session import Session
from studio.gui.shell.command_palette import CommandPalette
from studio.gui.shell.main_window import MainWindow

SECONDS = 20_000  # ms: how long anything may take on a busy machine
LEFT, RIGHT = "1", "3"


@contextmanager
def open_window(qtbot: QtBot, checkpoint: Path) -> Iterator[MainWindow]:
    """The whole window with a model in it, on its stage; closed as a person would."""
    window = MainWindow(checkpoint)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    until(qtbot, lambda: window.session.latest is not None)
    window.show_stage()
    window.activateWindow()
    until(qtbot, window.isActiveWindow)
    yield window
    window.close()


def open_palette(qtbot: QtBot, window: MainWindow) -> CommandPalette:
    """The command palette, by its key; it is made when it is first wanted."""
    press("ctrl+shift+p")
    until(qtbot, lambda: any(one.isVisible() for one in window.findChildren(CommandPalette)))
    palette = window.findChild(CommandPalette)
    assert palette is not None
    return palette


def change_model(qtbot: QtBot, window: MainWindow, checkpoint: Path) -> None:
    """Put the model of a checkpoint in the place of the present one, and wait until it is seen."""
    window.load(checkpoint)
    session = window.session
    until(qtbot, lambda: session.checkpoint == checkpoint and session.latest is not None)


def until(qtbot: QtBot, so: Callable[[], bool]) -> None:
    """Let the window live until it is so."""
    qtbot.waitUntil(so, timeout=SECONDS)


def at_rest(qtbot: QtBot, session: Session) -> None:
    """Wait until the player has nothing left to do, and the window has heard of it."""
    until(qtbot, lambda: session.latest is not None and not session.polling)


def site(stage: Stage, row: int, column: int, picture: int = 0) -> QPoint:
    """The middle of a site on the stage."""
    rect = stage.picture_rect(picture)
    height, width = stage.space
    return QPoint(
        rect.left() + (2 * column + 1) * rect.width() // (2 * width),
        rect.top() + (2 * row + 1) * rect.height() // (2 * height),
    )


def draw(stage: Stage, *sites: tuple[int, int], button: str = LEFT) -> None:
    """Press the button on the first site, go over the others and let go on the last."""
    drag(stage, [site(stage, *place) for place in sites], button)


def click(widget: QWidget) -> None:
    """The left button in the middle of a widget."""
    drag(widget, [widget.rect().center()])


def drag(widget: QWidget, points: list[QPoint], button: str = LEFT) -> None:
    """The pointer of the X server itself goes from
    point to point of a widget with a button down."""
    wait_for_place(widget.window())
    commands: list[str] = []
    for number, point in enumerate(points):
        there = widget.mapToGlobal(point)
        commands += ["mousemove", str(there.x()), str(there.y()), "sleep", "0.02"]
        if number == 0:
            commands += ["mousedown", button]
    run_xdotool(*commands, "mouseup", button)


def wait_for_place(window: QWidget) -> None:
    """Wait until the window manager has put the window somewhere,
    and left it there for a moment."""
    QTest.qWaitForWindowActive(window)
    before, since = None, time.monotonic()
    while time.monotonic() - since < 0.06:
        QTest.qWait(10)
        place = window.geometry()
        if place != before:
            before, since = place, time.monotonic()


def press(key: str) -> None:
    """A key, by its X name: space, period, ctrl+z."""
    run_xdotool("key", key)


def run_xdotool(*commands: str) -> None:
    """Run its commands while the window lives: what the
    pointer does too fast would be merged into one move."""
    program = subprocess.Popen(["xdotool", *commands])
    while program.poll() is None:
        QTest.qWait(5)
    assert program.returncode == 0
    # a round trip: when it is back, the X server has sent what came of the commands ...
    QCursor.pos()
    QTest.qWait(25)  # ... and Qt's own thread has read it


class Busy:
    """Closed, it still has its step to end, and the memory that this takes."""

    def __init__(self) -> None:
        self.through = threading.Event()

    def close(self) -> None: ...

    def cancel(self) -> None: ...

    def join(self, timeout: float | None = None) -> bool:
        return self.through.wait(timeout)
