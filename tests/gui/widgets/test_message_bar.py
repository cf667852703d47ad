"""A message is there until it is dismissed; what its button does happens once."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.gui.widgets import message_bar as module
from studio.gui.widgets.message_bar import MessageBar


@pytest.fixture
def bar(qtbot, qapp):
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(500, 40)
    return bar


def test_it_hides_while_there_is_nothing_to_say(bar):
    assert bar.isHidden()


def test_an_error_stays_until_it_is_dismissed(qtbot, bar, monkeypatch):
    monkeypatch.setattr(module, "_GONE_AFTER", 10)
    bar.show_message("It is cut short.")
    qtbot.wait(60)
    assert bar.isVisible()
    assert bar.label.text() == "It is cut short."
    assert bar.accessibleName() == "Error: It is cut short."
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()


def test_good_news_goes_by_itself(qtbot, bar, monkeypatch):
    monkeypatch.setattr(module, "_GONE_AFTER", 10)
    bar.show_message("Saved.", "ok")
    assert bar.isVisible()
    qtbot.waitUntil(bar.isHidden)


def test_an_error_after_good_news_does_not_go_with_it(qtbot, bar, monkeypatch):
    monkeypatch.setattr(module, "_GONE_AFTER", 10)
    bar.show_message("Saved.", "ok")
    bar.show_message("No, it was not.")
    qtbot.wait(60)
    assert bar.isVisible()


def test_the_button_does_its_work_once_and_dismisses(qtbot, bar):
    done = []
    bar.show_message("The size is another one.", "info", ("Resize", lambda: done.append(1)))
    assert bar.button.text() == "Resize"
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    bar._act()
    assert done == [1]


def test_what_the_button_does_may_show_another_message(qtbot, bar):
    bar.show_message(
        "Not found.", "error", ("Look again", lambda: bar.show_message("Still not found."))
    )
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.isVisible()
    assert bar.label.text() == "Still not found."
    assert bar.button.isHidden()


def test_escape_dismisses(qtbot, bar):
    bar.show_message("Oh.")
    qtbot.keyClick(bar.close_button, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_every_control_has_a_tooltip_and_a_name(bar):
    bar.show_message("Oh.", "error", ("Again", print))
    for control in (bar.button, bar.close_button):
        assert control.toolTip()
        assert control.accessibleName()


def test_it_lies_over_a_widget_and_moves_nothing(qtbot, qapp):
    place, below, bar = QWidget(), QLabel("what is there"), MessageBar()
    layout = QVBoxLayout(place)
    layout.addWidget(below)
    bar.lie_over(place, 20)
    qtbot.addWidget(place)
    place.resize(500, 300)
    place.show()
    before = below.geometry()
    for text in (
        "Short.",
        "A sentence that is too long for one line of a window as narrow as this one. " * 3,
    ):
        bar.show_message(text)
        assert below.geometry() == before
        assert place.rect().bottom() - bar.geometry().bottom() == 20
        assert place.rect().contains(bar.geometry())
        assert bar.height() >= bar.label.heightForWidth(bar.label.width())
    place.resize(400, 300)
    assert place.rect().contains(bar.geometry())
