"""The map of codes: what it looks like in both themes, and what is under the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.code_facts import CodeFacts, CodeFactsView
from studio.gui.picture.code_map import CodeMap, Shown, code_colours
from studio.gui.widgets import theme
from studio.gui.widgets.theme import Theme

CODES = np.array([[0, 3], [1, 2]], np.uint8)


@pytest.fixture(params=[Theme.LIGHT, Theme.DARK], ids=["light", "dark"])
def in_both_themes(request: pytest.FixtureRequest, qapp: QApplication) -> None:
    theme.choose(request.param)


@pytest.fixture
def shown(qtbot: QtBot, in_both_themes: None) -> CodeMap:
    """Two codes drawn, the next one marked, the last one unknown."""
    found = CodeMap()
    qtbot.addWidget(found)
    there = np.array([[True, True], [False, False]])
    found.show_codes(Shown(CODES, 4, there, there & False, (1,), (1, 0)))
    return found


def test_codes_have_colours_and_the_next_one_a_frame(shown: CodeMap) -> None:
    image = shown.grab().toImage()
    for place, code in (((0, 0), 0), ((0, 1), 3)):
        middle = image.pixelColor(shown.rect_of(place).center())
        assert middle.rgb() == colour_map("viridis")[code * 255 // 3]
    unknown = {
        image.pixelColor(shown.rect_of((1, 1)).topLeft() + at).rgb()
        for at in (shown.rect_of((0, 0)).center() / 4, shown.rect_of((0, 0)).center() / 3)
    }
    assert not unknown & {int(colour) for colour in colour_map("viridis")}
    corner = image.pixelColor(shown.rect_of((1, 0)).topLeft())
    assert corner == theme.colour("cursor")
    by_hand = image.pixelColor(
        shown.rect_of((0, 1)).topLeft() + shown.rect_of((0, 0)).topLeft() / 6
    )
    assert by_hand == theme.colour("changed")


def test_the_code_under_a_point_is_found_and_none_beside_the_map(shown: CodeMap) -> None:
    for place in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert shown.site_at(shown.rect_of(place).center()) == place
    assert shown.site_at(shown.rect().topLeft()) is None


def test_the_facts_list_the_likeliest_codes_and_the_one_that_is_there(
    qtbot: QtBot, in_both_themes: None
) -> None:
    shares = np.array([0.4, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02], np.float32)
    patch = np.full((2, 2), 0xFF204080, np.uint32)
    facts = CodeFacts((1, 3), 6, patch, shares)
    assert [code for code, _ in facts.listed] == [0, 1, 2, 3, 6]
    view = CodeFactsView()
    qtbot.addWidget(view)
    view.show_facts(facts)
    view.resize(160, view.sizeHint().height())
    image = view.grab().toImage()
    assert image.pixelColor(view.patch_rect().center()) == QColor(0x20, 0x40, 0x80)
    colours = {image.pixelColor(x, y).rgb() for x in range(160) for y in range(image.height())}
    assert int(code_colours(np.array([0], np.uint8), 7)[0]) in colours
    assert theme.colour("accent").rgb() in colours, "the one that is there"
    assert "Code 6, row 1, column 3" in facts.words
