"""Files and texts that are dragged over the window with the real pointer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import run_xdotool, wait_for_place


class Desktop(QLabel):
    """Stands in for a file manager: what is on it can be dragged away."""

    def __init__(self) -> None:
        super().__init__("files")
        self.data = QMimeData()
        self.setWindowFlag(Qt.WindowType.BypassWindowManagerHint)
        self.setGeometry(0, 0, 40, 40)

    def hold(self, *paths: Path) -> None:
        self.data = QMimeData()
        self.data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag = QDrag(self)
        drag.setMimeData(self.data)
        drag.exec(Qt.DropAction.CopyAction)


def shown_desktop(qtbot: QtBot) -> Desktop:
    desktop = Desktop()
    qtbot.addWidget(desktop)
    desktop.show()
    qtbot.waitExposed(desktop)
    return desktop


def drag(window: MainWindow, desktop: Desktop, *paths: Path, over: QWidget | None = None) -> str:
    """Drag files from the desktop and drop them on a part of the window; returns what the sign
    said meanwhile, with "no: " before it where nothing would become of them."""
    desktop.hold(*paths)
    wait_for_place(window)
    said: list[str] = []
    sign = window.drops.sign

    def look() -> None:
        if sign.isVisible():
            said.append(sign.words if sign.possible else f"no: {sign.words}")

    looking = QTimer(interval=5)
    looking.timeout.connect(look)
    looking.start()
    start, part = desktop.mapToGlobal(QPoint(20, 20)), over or window.pages
    end = part.mapToGlobal(part.rect().center())
    commands = ["mousemove", f"{start.x()}", f"{start.y()}", "sleep", "0.05", "mousedown", "1"]
    for share in (0.1, 0.5, 0.9, 1.0, 0.98, 1.0):
        place = start + (end - start) * share
        commands += ["sleep", "0.06", "mousemove", str(place.x()), str(place.y())]
    run_xdotool(*commands, "sleep", "0.1", "mouseup", "1")
    looking.stop()
    assert not sign.isVisible()
    return said[-1] if said else ""
