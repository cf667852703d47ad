"""Numbers can be typed: what is typed stays until it is left, with either decimal sign, in every
locale; the wheel changes nothing that has not the focus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.controls import ChoiceBox, WheelNeedsFocus
from studio.gui.widgets.number_boxes import NumberLine, RealBox, WholeBox
from tests.gui.windows import at_rest, click, open_window, press, run_xdotool, until, wait_for_place
from tests.tiny import tiny_checkpoint

TYPED = {"arabic 0": "٠", "arabic 1": "١", "arabic 8": "٨", "arabic sign": "٫"}


Box = TypeVar("Box", RealBox, WholeBox, NumberLine)


@pytest.fixture(params=["C", "de_DE", "fr_FR", "ar_EG"])
def locale(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the person's system is set to."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path, levels=4)) as opened:
        at_rest(qtbot, opened.session)
        yield opened


@pytest.fixture
def box(qtbot: QtBot) -> RealBox:
    return shown(qtbot, RealBox(minimum=0, maximum=5, decimals=2, value=1))


def shown(qtbot: QtBot, box: Box) -> Box:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.addWidget(box)
    column.addWidget(QPushButton())
    qtbot.addWidget(holder)
    qtbot.holder = holder  # type: ignore[attr-defined]  # nobody else keeps it
    holder.show()
    qtbot.waitExposed(holder)
    holder.activateWindow()
    until(qtbot, holder.isActiveWindow)
    box.setFocus()
    box.selectAll()
    return box


def type_keys(*keys: str) -> None:
    """Keys by their X names; those that the keyboard of the tests has not got arrive as from one
    that has."""
    for key in keys:
        if key in TYPED:
            event = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, TYPED[key])
            focus = QApplication.focusWidget()
            assert focus is not None
            QApplication.sendEvent(focus, event)
        else:
            press(key)


def roll(widget: QWidget) -> None:
    """One notch of the wheel over the middle of a widget."""
    wait_for_place(widget.window())
    middle = widget.mapToGlobal(widget.rect().center())
    run_xdotool("mousemove", str(middle.x()), str(middle.y()), "sleep", "0.02", "click", "4")


# ---- both decimal signs, in every locale -------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        ["0", "period", "8"],
        ["0", "comma", "8"],
        ["arabic 0", "arabic sign", "arabic 8"],
    ],
    ids=["point", "comma", "arabic"],
)
@pytest.mark.usefixtures("locale")
def test_a_temperature_is_typed_with_either_decimal_sign(box: RealBox, keys: list[str]) -> None:
    type_keys(*keys, "Return")
    assert box.value() == 0.8


@pytest.mark.usefixtures("locale")
def test_a_seed_is_typed(qtbot: QtBot) -> None:
    seed = shown(qtbot, WholeBox(maximum=999_999))
    type_keys("1", "2", "3", "4", "Return")
    assert seed.value() == 1234


@pytest.mark.parametrize("locale", ["de_DE"], indirect=True)
@pytest.mark.usefixtures("locale")
def test_arabic_digits_are_a_whole_number_too(qtbot: QtBot) -> None:
    seed = shown(qtbot, WholeBox(maximum=999_999))
    type_keys("arabic 1", "arabic 8", "Return")
    assert seed.value() == 18


def test_more_decimals_than_there_are_get_rounded(box: RealBox) -> None:
    type_keys("0", "period", "8", "0", "6", "Return")
    assert box.value() == 0.81


def test_a_number_out_of_range_becomes_the_nearest_within(box: RealBox) -> None:
    type_keys("7", "Return")
    assert box.value() == 5


def test_a_letter_is_not_taken(box: RealBox) -> None:
    type_keys("0", "x", "period", "e", "8")
    assert box.text() == "0.8"


def test_an_unfinished_number_leaves_the_value(box: RealBox) -> None:
    type_keys("period", "Return")
    assert box.value() == 1


def test_a_number_takes_the_place_of_the_word_for_none(qtbot: QtBot) -> None:
    top_k = WholeBox(maximum=256)
    top_k.setSpecialValueText("all")
    shown(qtbot, top_k)
    press("End")
    type_keys("1", "2", "Return")
    assert top_k.value() == 12


def test_the_unit_need_not_be_typed(qtbot: QtBot) -> None:
    seconds = RealBox(minimum=0.5, maximum=600, decimals=1, value=5)
    seconds.setSuffix(" s")
    shown(qtbot, seconds)
    type_keys("1", "2", "comma", "5", "Return")
    assert seconds.value() == 12.5
    assert seconds.text() == "12.5 s"


# ---- what is typed stays ------------------------------------------------------------------------


def test_nothing_is_taken_over_while_it_is_typed(box: RealBox) -> None:
    values: list[float] = []
    box.valueChanged.connect(values.append)
    type_keys("0", "period", "8")
    assert values == []
    type_keys("Tab")
    assert values == [0.8]


def test_what_is_typed_outlives_another_value_from_elsewhere(box: RealBox) -> None:
    type_keys("0", "period")
    box.setValue(2)
    box.setMaximum(4)
    type_keys("8", "Return")
    assert box.value() == 0.8


def test_escape_takes_the_edit_back(box: RealBox) -> None:
    type_keys("0", "period", "8", "Escape")
    assert (box.value(), box.text()) == (1, "1.00")


def test_a_line_of_the_form_is_taken_back_too(qtbot: QtBot) -> None:
    line = NumberLine()
    line.setText("0.001")
    shown(qtbot, line)
    type_keys("7", "Escape")
    assert line.text() == "0.001"


# ---- the keys go back to the stage --------------------------------------------------------------


def type_temperature(window: MainWindow) -> RealBox:
    temperature = window.inspector.temperature
    temperature.setFocus()
    temperature.selectAll()
    type_keys("0", "period", "8")
    return temperature


@pytest.mark.usefixtures("locale")
def test_a_typed_temperature_is_drawn_with(window: MainWindow) -> None:
    type_temperature(window)
    assert window.session.options.temperature == 1
    press("Return")
    assert window.session.options.temperature == 0.8


def test_enter_gives_the_keys_back_to_the_stage(window: MainWindow) -> None:
    type_temperature(window)
    press("Return")
    assert window.drawing_page.stage.hasFocus()


def test_escape_gives_the_keys_back_to_the_stage(window: MainWindow) -> None:
    type_temperature(window)
    press("Escape")
    assert window.drawing_page.stage.hasFocus()
    assert window.session.options.temperature == 1


def test_play_takes_over_what_is_typed_and_gives_the_keys_back(window: MainWindow) -> None:
    type_temperature(window)
    click(window.drawing_page.transport.play)
    assert window.session.options.temperature == 0.8
    assert window.drawing_page.stage.hasFocus()


def test_the_space_bar_plays_with_what_is_typed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    toggled: list[bool] = []
    monkeypatch.setattr(window.drawing_page.drawing, "toggle", lambda: toggled.append(True))
    type_temperature(window)
    press("space")
    assert window.session.options.temperature == 0.8
    assert toggled == [True]


# ---- the wheel ----------------------------------------------------------------------------------


def test_the_wheel_changes_nothing_that_has_not_the_focus(window: MainWindow) -> None:
    window.drawing_page.take_focus()
    changed = [
        control.accessibleName()
        for control in controls(window)
        if control.isVisible() and rolled(control)
    ]
    assert changed == []


def rolled(control: QWidget) -> bool:
    """Whether a notch of the wheel over a control changes it."""
    before = state(control)
    roll(control)
    return state(control) != before


def state(control: Any) -> object:
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()


def controls(window: MainWindow) -> list[QWidget]:
    """Everything in the window that a wheel turns, but for bars that scroll."""
    window.make_all()
    kinds = (QAbstractSpinBox, QComboBox, QAbstractSlider)
    found = [each for kind in kinds for each in window.findChildren(kind)]
    return [each for each in found if not isinstance(each, QScrollBar)]


def test_the_wheel_turns_what_has_the_focus(box: RealBox) -> None:
    roll(box)
    assert box.value() == 2


def test_the_wheel_over_a_control_scrolls_what_it_stands_in(qtbot: QtBot) -> None:
    inside, area = QWidget(), QScrollArea(widgetResizable=True)
    column = QVBoxLayout(inside)
    choice = ChoiceBox()
    choice.addItems(["one", "two"])
    column.addWidget(QPushButton())
    column.addSpacing(600)
    column.addWidget(choice)
    inside.setMinimumHeight(2000)
    area.setWidget(inside)
    qtbot.addWidget(area)
    area.resize(200, 200)
    area.show()
    area.activateWindow()
    until(qtbot, area.isActiveWindow)
    area.verticalScrollBar().setValue(600)
    area.ensureWidgetVisible(choice)
    before = area.verticalScrollBar().value()
    roll(choice)
    assert area.verticalScrollBar().value() < before
    assert choice.currentIndex() == 0


# ---- everywhere ---------------------------------------------------------------------------------


def test_every_number_box_of_the_window_is_of_these_kinds(window: MainWindow) -> None:
    window.make_all()
    boxes = window.findChildren(QAbstractSpinBox)
    assert len(boxes) >= 6
    assert [box.accessibleName() for box in boxes if not isinstance(box, WholeBox | RealBox)] == []


def test_every_control_that_a_wheel_turns_asks_for_the_focus_first(window: MainWindow) -> None:
    others = [each for each in controls(window) if not isinstance(each, WheelNeedsFocus)]
    assert [(type(each).__name__, each.accessibleName()) for each in others] == []
