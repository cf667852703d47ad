"""The legend under the stage: its swatches look like what they explain."""

from __future__ import annotations

from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from studio.gui.widgets.legend import Swatch


def test_what_is_drawn_is_shown_dark_and_light(qtbot: QtBot) -> None:
    swatch = Swatch("drawn")
    qtbot.addWidget(swatch)
    swatch.resize(swatch.sizeHint())
    image = swatch.grab().toImage()
    middle, width = image.height() // 2, image.width()
    assert image.pixelColor(width // 4, middle) == QColor("black")
    assert image.pixelColor(3 * width // 4, middle) == QColor("white")
