"""The drawing area under the real pointer: strokes in plain black and white."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.gui.symbols.drawing_area import DrawingArea
from tests.gui.windows import RIGHT, draw, site

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def area(qtbot: QtBot) -> DrawingArea:
    area = DrawingArea()
    qtbot.addWidget(area)
    area.begin((8, 8))
    area.set_brush(1)
    area.resize(200, 200)
    area.show()
    qtbot.waitExposed(area)
    return area


def test_a_stroke_is_drawn_erased_and_taken_back(qtbot: QtBot, area: DrawingArea) -> None:
    draw(area, (1, 1), (1, 5))
    assert area.sketch[1].tolist() == [0, 255, 255, 255, 255, 255, 0, 0]
    draw(area, (1, 2), (1, 3), button=RIGHT)
    assert area.sketch[1].tolist() == [0, 255, 0, 0, 255, 255, 0, 0]
    area.undo()
    assert area.sketch[1].sum() == 5 * 255
    area.undo()
    assert area.blank
    assert not area.undo()
    assert area.redo()
    assert area.sketch[1].sum() == 5 * 255


def test_it_is_black_and_white_without_a_tint(qtbot: QtBot, area: DrawingArea) -> None:
    area.begin((8, 8), np.eye(8, dtype=np.uint8) * np.uint8(255))
    image = area.grab().toImage()
    for (row, column), colour in {(2, 2): "white", (2, 5): "black"}.items():
        assert image.pixelColor(site(area, row, column)) == QColor(colour)


def test_clearing_can_be_taken_back(area: DrawingArea) -> None:
    area.begin((8, 8), np.eye(8, dtype=np.uint8) * np.uint8(255))
    area.clear()
    assert area.blank
    area.undo()
    assert area.sketch.sum() == 8 * 255


def test_keys_keep_undo_and_redo(qtbot: QtBot, area: DrawingArea) -> None:
    for key, signal in ((Qt.Key.Key_Return, area.finished), (Qt.Key.Key_Enter, area.finished)):
        with qtbot.waitSignal(signal):
            QTest.keyClick(area, key)
    with qtbot.waitSignal(area.undo_wanted):
        QTest.keyClick(area, Qt.Key.Key_Z, CTRL)
    with qtbot.waitSignal(area.redo_wanted):
        QTest.keyClick(area, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
