"""Each card and button of the start page does one thing, with one click."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from studio.gui.shell import start_pictures
from studio.gui.shell.start_page import StartPage
from studio.gui.shell.start_pictures import drawn_so_far, shipped_digit
from studio.gui.widgets import theme
from tests.gui.windows import run_xdotool, wait_for_place


@pytest.fixture
def page(qtbot, qapp):
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(800, 560)
    with qtbot.waitExposed(page):
        page.show()
    return page


CONTROLS = ["watch", "invent", "finish", "lessons", "train", "open"]


def test_a_click_asks_for_what_it_says(qtbot, page):
    for name in CONTROLS:
        with qtbot.waitSignal(getattr(page, f"{name}_requested"), timeout=1000):
            qtbot.mouseClick(getattr(page, name), Qt.MouseButton.LeftButton)


def test_so_does_the_space_bar(qtbot, page):
    for name in CONTROLS:
        with qtbot.waitSignal(getattr(page, f"{name}_requested"), timeout=1000):
            qtbot.keyClick(getattr(page, name), Qt.Key.Key_Space)


def test_without_a_sound_model_its_card_says_so_and_does_nothing(qtbot, page):
    with qtbot.assertNotEmitted(page.hear_requested):
        qtbot.mouseClick(page.hear, Qt.MouseButton.LeftButton)
    assert page.hear.toolTip() == "No sound model is installed yet."
    assert "No sound model" in page.hear.accessibleDescription()


def test_with_one_it_can_be_heard(qtbot, page):
    page.set_sound_available(True)
    with qtbot.waitSignal(page.hear_requested, timeout=1000):
        qtbot.mouseClick(page.hear, Qt.MouseButton.LeftButton)
    assert "No sound model" not in page.hear.toolTip()


def cards_of(page):
    return (page.watch, page.invent, page.finish, page.hear)


def test_the_demonstrations_are_of_one_size(page):
    assert all(card.isVisible() for card in cards_of(page))
    assert len({card.size().toTuple() for card in cards_of(page)}) == 1


@pytest.mark.parametrize(("width", "in_a_row"), [(400, 2), (800, 4)])
def test_the_cards_stand_in_rows_of_two_where_there_is_less_room(qtbot, page, width, in_a_row):
    page.setMinimumWidth(0)
    page.resize(width, 900)
    qtbot.waitUntil(lambda: page.width() == width)
    places = [card.geometry() for card in cards_of(page)]
    assert len([place for place in places if place.top() == places[0].top()]) == in_a_row
    assert not any(one.intersects(other) for one in places for other in places if one != other)
    assert all(page.cards.rect().contains(place) for place in places)


def test_without_its_model_no_character_is_invented(qtbot, qapp, monkeypatch):
    monkeypatch.setattr(start_pictures, "INVENTOR", "nothing that is shipped")
    page = StartPage()
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    assert not page.invent.isVisible()
    assert page.finish.isVisible()


@pytest.mark.parametrize("width", [560, 800, 1400])
def test_the_sentences_fit_on_their_cards(qtbot, page, width):
    """Nothing is painted in the lowest pixels within a card's edge."""
    page.resize(width, 560)
    qtbot.waitUntil(lambda: page.width() == width)
    for card in cards_of(page):
        image = card.grab().toImage()
        y = image.height() - 8
        assert len({image.pixel(x, y) for x in range(20, image.width() - 20)}) == 1


def test_the_digit_of_a_shipped_model_is_on_its_way(page):
    """Drawn down to somewhere below the middle, hatched from there: both pictures come from the
    card of a checkpoint."""
    digit = shipped_digit()
    assert digit is not None
    half, whole = (drawn_so_far(digit, share, 112).toImage() for share in (0.5, 1.0))
    rows, columns = digit.height(), digit.width()
    factor = 112 // max(rows, columns)
    for row in range(rows):
        for column in range(columns):
            place = (column * factor + 1, row * factor + 1)
            assert (
                whole.pixelColor(*place).lightness()
                == QColor.fromRgb(digit.pixel(column, row)).lightness()
            )
            if row < rows // 2:
                assert half.pixelColor(*place) == whole.pixelColor(*place)
    cursor = half.pixelColor(1, rows // 2 * factor + 1)
    assert cursor == theme.colour("cursor")
    assert theme.colour("hatch") in [
        half.pixelColor(x, half.height() - 2) for x in range(half.width())
    ]


def test_under_the_pointer_it_is_drawn_to_its_end_and_no_longer_when_hidden(qtbot, page):
    wait_for_place(page)
    there = page.watch.mapToGlobal(page.watch.rect().center())
    run_xdotool("mousemove", "2", "2", "mousemove", str(there.x()), str(there.y()))
    qtbot.waitUntil(lambda: page.watch.share > 0.8, timeout=10_000)
    assert page.watch.drawing
    page.hide()
    assert not page.watch.drawing


def test_every_control_has_a_tooltip_and_a_name(page):
    for control in (*cards_of(page), page.lessons, page.train, page.open):
        assert control.toolTip()
        assert control.accessibleName()
