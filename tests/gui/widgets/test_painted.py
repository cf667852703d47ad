"""Where painting fails, its painter is gone all the same: one that is left ends the process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import studio.gui
from studio.gui.widgets.painted import painted, painter_on


class Failing(QWidget):
    """Fails when it is first painted, and keeps its painter as a traceback would."""

    kept: QPainter | None = None

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.fillRect(self.rect(), 0)
        if self.kept is None:
            self.kept = painter
            raise ZeroDivisionError


def test_a_widget_that_fails_has_no_painter_left(qtbot: QtBot) -> None:
    widget = Failing()
    qtbot.addWidget(widget)
    with qtbot.captureExceptions() as raised:
        widget.show()
        qtbot.waitUntil(lambda: len(raised) > 0)
    assert widget.kept is not None
    assert not widget.kept.isActive()
    assert not widget.paintingActive()


def test_nor_has_a_picture() -> None:
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    with pytest.raises(ZeroDivisionError), painter_on(image):
        raise ZeroDivisionError
    assert not image.paintingActive()


def test_no_widget_makes_a_painter_of_its_own() -> None:
    folder = Path(studio.gui.__file__).parent
    found = {
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"QPainter\(self\)", path.read_text(encoding="utf-8"))
    }
    assert not found
