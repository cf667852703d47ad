"""The strip of small pictures, by its pixels, light and dark."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.gui.symbols.strip import GAP, Strip
from studio.gui.widgets import theme
from studio.gui.widgets.theme import Theme


def image_of(strip: Strip) -> QImage:
    return strip.grab().toImage()


@pytest.mark.parametrize("look", [Theme.LIGHT, Theme.DARK])
def test_pictures_stand_side_by_side_in_whole_pixels(
    qtbot: QtBot, qapp: QApplication, look: Theme
) -> None:
    theme.choose(look)
    strip = Strip("Strip", "Nothing yet")
    qtbot.addWidget(strip)
    strip.resize(2 * (3 * 8 + GAP) + GAP + 1, 3 * 8 + 2 * GAP)
    pictures = np.zeros((2, 8, 8), np.uint8)
    pictures[0, 2, 5], pictures[1, 7, 0] = 255, 128
    strip.show_pictures(pictures)
    image = image_of(strip)
    first, second = strip.places
    assert (first.width(), second.left()) == (24, 24 + 2 * GAP)
    for place, row, column, grey in (
        (first, 2, 5, 255),
        (first, 0, 0, 0),
        (second, 7, 0, 128),
        (second, 7, 7, 0),
    ):
        for down, right in ((0, 0), (2, 2)):
            at = place.topLeft().x() + 3 * column + right, place.top() + 3 * row + down
            assert image.pixelColor(*at) == QColor(grey, grey, grey)
    outline = theme.colour("line")
    assert image.pixelColor(first.left() - 1, first.top() - 1) == outline
    assert image.pixelColor(second.right() + 1, second.bottom() + 1) == outline
    assert image.pixelColor(0, 0) == theme.palette(look).window().color()
    theme.choose(Theme.SYSTEM)


def test_where_there_is_too_little_room_the_first_are_seen(qtbot: QtBot) -> None:
    strip = Strip("Strip", "Nothing yet")
    qtbot.addWidget(strip)
    strip.resize(3 * (8 + GAP) + GAP, 8 + 2 * GAP)
    strip.show_pictures(np.zeros((20, 8, 8), np.uint8))
    assert len(strip.places) == 3
    strip.resize(2, 2)
    assert strip.places == []


def test_an_empty_strip_says_what_will_be_seen(qtbot: QtBot) -> None:
    strip = Strip("Strip", "Nothing yet")
    qtbot.addWidget(strip)
    strip.resize(200, 40)
    ground = theme.palette(theme.look()).window().color()
    written = image_of(strip)
    assert any(
        written.pixelColor(x, y) != ground for x in range(0, 200, 2) for y in range(0, 40, 2)
    )
