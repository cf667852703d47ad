"""A message is there until it is read or dismissed, and covers nothing in use; what its button does
happens once."""

import time

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.widgets import message_bar as module
from studio.gui.widgets.message_bar import MessageBar, Question
from tests.gui.windows import open_window, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def bar(qtbot, qapp):
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(500, 40)
    return bar


def test_it_hides_while_there_is_nothing_to_say(bar):
    assert bar.isHidden()


@pytest.fixture
def impatient(monkeypatch):
    """Messages are read at once, with the pointer elsewhere."""
    QCursor.setPos(1500, 900)
    monkeypatch.setattr(module, "_AT_LEAST", 10)
    monkeypatch.setattr(module, "_A_CHARACTER", 0)


@pytest.mark.usefixtures("impatient")
def test_an_error_stays_until_it_is_dismissed(qtbot, bar):
    bar.show_message("It is cut short.")
    qtbot.wait(60)
    assert bar.isVisible()
    assert bar.label.text() == "It is cut short."
    assert bar.accessibleName() == "Error: It is cut short."
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()


@pytest.mark.usefixtures("impatient")
def test_good_news_goes_by_itself(qtbot, bar):
    bar.show_message("Saved.", "ok")
    assert bar.isVisible()
    qtbot.waitUntil(bar.isHidden)


@pytest.mark.usefixtures("impatient")
def test_an_offer_goes_by_itself(qtbot, bar):
    bar.show_message("It can be resumed.", "info", ("Resume", print))
    qtbot.waitUntil(bar.isHidden)


def test_what_takes_longer_to_read_stays_longer(bar):
    def stays(*message):
        bar.show_message(*message)
        return bar._timer.interval()

    short, long = stays("Saved.", "ok"), stays("A sentence of some length. " * 8, "info")
    assert 5000 <= short < long < 30_000
    assert stays("Saved.", "ok", ("Show", print)) > short


def test_it_does_not_go_from_under_the_pointer(bar):
    QCursor.setPos(1500, 900)  # Qt is only told
    bar.show_message("Saved.", "ok")
    QApplication.sendEvent(bar, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert not bar._timer.isActive()
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert bar._timer.isActive()


def test_a_megabyte_of_odd_text_is_one_short_line(bar):
    began = time.perf_counter()
    bar.show_message("<b>\x1b[31m" * 2**17)
    assert time.perf_counter() - began < 0.5
    assert len(bar.label.text()) == 600
    assert bar.label.text().startswith("<b> [31m<b>")
    assert bar.label.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.usefixtures("impatient")
def test_an_error_after_good_news_does_not_go_with_it(qtbot, bar):
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


class Became(list[str]):
    """With the question that it is about."""

    question: Question


@pytest.fixture
def asked(bar):
    """What became of a question."""
    became = Became()
    answered, declined = (lambda: became.append("answered")), (lambda: became.append("declined"))
    became.question = bar.ask("Go on with it?", ("Go on", answered), declined)
    return became


@pytest.mark.usefixtures("impatient")
def test_a_question_stays_until_it_is_answered(qtbot, bar, asked):
    qtbot.wait(60)
    assert bar.isVisible()
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    assert asked == ["answered"]


def test_a_question_can_be_declined(qtbot, bar, asked):
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    assert asked == ["declined"]


@pytest.mark.usefixtures("impatient")
def test_a_question_comes_back_after_another_message(qtbot, bar, asked):
    bar.show_message("Saved.", "ok")
    assert bar.label.text() == "Saved."
    qtbot.waitUntil(lambda: bar.label.text() == "Go on with it?")
    assert bar.isVisible()
    assert asked == []


def test_dismissing_another_message_is_no_answer_to_a_question(qtbot, bar, asked):
    bar.show_message("It is cut short.")
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.label.text() == "Go on with it?"
    assert asked == []


def test_a_question_that_is_withdrawn_is_neither_answered_nor_asked_again(bar, asked):
    bar.withdraw(asked.question)
    assert bar.isHidden()
    assert asked == []


def test_no_declines_a_question_and_is_there_with_one_only(qtbot, bar, asked):
    assert bar.no.isVisibleTo(bar)
    qtbot.mouseClick(bar.no, Qt.MouseButton.LeftButton)
    assert asked == ["declined"]
    bar.show_message("Saved.", "ok", ("Show", print))
    assert bar.no.isHidden()


def test_of_two_questions_one_is_asked_after_the_other(qtbot, bar, asked):
    second = []
    bar.ask("And this?", ("Yes", lambda: second.append("yes")), lambda: second.append("no"))
    assert bar.label.text() == "Go on with it?"
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert (asked, second) == (["answered"], [])
    assert bar.label.text() == "And this?"
    qtbot.mouseClick(bar.no, Qt.MouseButton.LeftButton)
    assert second == ["no"]
    assert bar.isHidden()


def test_a_question_that_waits_can_be_withdrawn(qtbot, bar, asked):
    waiting = bar.ask("And this?", ("Yes", print), print)
    bar.withdraw(waiting)
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()


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
    bar.lie_over(place)
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
        assert place.rect().contains(bar.geometry())
        assert bar.height() >= bar.label.heightForWidth(bar.label.width())
    place.resize(400, 300)
    assert place.rect().contains(bar.geometry())


@pytest.fixture
def place(qtbot, qapp):
    """A place with a row of buttons at the bottom and one at the top."""
    place = QWidget()
    for top in (0, 270):
        for left in range(0, 500, 100):
            QPushButton("a button", place).setGeometry(left, top, 90, 30)
    qtbot.addWidget(place)
    place.resize(500, 300)
    place.show()
    qtbot.waitExposed(place)
    return place


def test_it_covers_no_control(place):
    bar = MessageBar()
    bar.lie_over(place)
    bar.show_message("A sentence that is too long for one line of this window. " * 2)
    covered = [b for b in place.findChildren(QPushButton) if b.parent() is place]
    assert not any(bar.geometry().intersects(button.geometry()) for button in covered)


def test_it_covers_no_text_that_is_kept_free(place):
    bar = MessageBar()
    bar.lie_over(place)
    bar.show_message("Saved.", "ok")
    text = QLabel("to be read", place)
    text.setGeometry(bar.geometry())
    text.setProperty(module.KEPT_FREE, True)
    text.show()
    bar.show_message("Saved.", "ok")
    assert not bar.geometry().intersects(text.geometry())


def test_it_covers_no_picture_where_there_is_room_beside(place):
    picture = QRect(150, 60, 200, 150)
    bar = MessageBar()
    bar.lie_over(place, lambda: [picture])
    bar.show_message("Saved.", "ok")
    assert not bar.geometry().intersects(picture)


def test_it_is_not_under_the_pointer(place):
    bar = MessageBar()
    bar.lie_over(place)
    bar.show_message("Saved.", "ok")
    before = bar.geometry()
    QCursor.setPos(place.mapToGlobal(before.center()))
    bar.show_message("Saved.", "ok")
    assert not bar.geometry().contains(before.center())


@pytest.mark.usefixtures("impatient")
def test_it_goes_though_a_pointer_rests_where_it_came_up(qtbot, place):
    """It is shown where the last one was, and then moves away from the pointer."""
    bar = MessageBar()
    bar.lie_over(place)
    QCursor.setPos(place.mapToGlobal(place.rect().center()))
    bar.setGeometry(place.rect())
    bar.show_message("Saved.", "ok")
    QApplication.sendEvent(bar, QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert not bar._timer.isActive()
    qtbot.waitUntil(bar.isHidden)


def test_in_the_window_it_covers_neither_a_control_nor_the_picture(qtbot, tmp_path):
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(1366, 740)
        until(qtbot, lambda: window.width() == 1366)
        window.messages.show_message(
            "The top half is kept; erase more of it to let the model draw more."
        )
        bar, page = window.messages, window.drawing_page
        kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox)
        controls = [each for kind in kinds for each in page.findChildren(kind) if each.isVisible()]
        covered = [
            each.accessibleName()
            for each in controls
            if bar.geometry().intersects(QRect(each.mapTo(window.centre, QPoint()), each.size()))
        ]
        assert covered == []
        assert not any(bar.geometry().intersects(part) for part in window.pages.looked_at())


def test_it_makes_way_for_a_hint_that_comes_after_it(qtbot, tmp_path):
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(1366, 740)
        until(qtbot, lambda: window.width() == 1366)
        stage, bar = window.drawing_page.stage, window.messages
        bar.show_message("The top half is kept; erase more of it to let the model draw more.")
        until(qtbot, lambda: not bar._settling.isActive())
        stage.hint = "Paint the upper half of something, then Play. " * 12
        place = stage.hint_rect().translated(stage.mapTo(window.centre, QPoint()))
        bar.move(place.topLeft())

        window.session.clear()

        until(qtbot, lambda: not bar.geometry().intersects(place))
