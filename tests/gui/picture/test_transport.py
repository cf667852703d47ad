"""The transport says what the person wants, and shows where the generation stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.gui.picture.transport import Transport
from tests.gui.picture.test_stage import moment
from tests.gui.windows import click, drag


@pytest.fixture
def transport(qtbot: QtBot) -> Iterator[Transport]:
    transport = Transport()
    qtbot.addWidget(transport)
    transport.resize(800, 90)
    transport.show()
    qtbot.waitExposed(transport)
    yield transport
    transport.close()


def test_without_a_model_nothing_can_be_pressed(transport: Transport) -> None:
    assert not transport.isEnabled()
    transport.show_snapshot(moment(3))
    assert transport.isEnabled()


@pytest.mark.parametrize(
    ("button", "signal", "value"),
    [
        ("play", "toggled", []),
        ("forward", "stepped", [1]),
        ("back", "stepped", [-1]),
        ("finish", "finished", []),
        ("restart", "restarted", []),
    ],
)
def test_every_button_says_what_it_is_for(
    transport: Transport, qtbot: QtBot, button: str, signal: str, value: list
) -> None:
    transport.show_snapshot(moment(3))
    with qtbot.waitSignal(getattr(transport, signal)) as emitted:
        click(getattr(transport, button))
    assert emitted.args == value


def test_the_play_button_turns_into_pause_and_back(transport: Transport) -> None:
    transport.show_snapshot(replace(moment(3), playing=True, sites_per_second=1234.0))
    assert transport.play.accessibleName() == "Pause"
    assert transport.measured.text() == "now 1,200 pixels/s"
    transport.show_snapshot(moment(3))
    assert transport.play.accessibleName() == "Play"
    assert transport.measured.text() == ""


def test_at_the_end_there_is_no_step_on_and_at_the_beginning_none_back(
    transport: Transport,
) -> None:
    transport.show_snapshot(moment(36))
    assert (
        transport.back.isEnabled(),
        transport.forward.isEnabled(),
        transport.finish.isEnabled(),
    ) == (True, False, False)
    transport.show_snapshot(moment(0))
    assert (
        transport.back.isEnabled(),
        transport.forward.isEnabled(),
        transport.finish.isEnabled(),
    ) == (False, True, True)


def test_the_scrubber_goes_anywhere_that_is_recorded_and_no_further(
    transport: Transport, qtbot: QtBot
) -> None:
    transport.show_snapshot(replace(moment(18), recorded=20))
    bar = transport.scrubber
    sought: list[int] = []
    transport.sought.connect(sought.append)
    drag(
        bar,
        [QPoint(bar.width() // 2, bar.height() // 2), QPoint(bar.width() // 4, bar.height() // 2)],
    )
    qtbot.waitUntil(lambda: bool(sought) and not bar.isSliderDown())
    assert 6 <= sought[-1] <= 12
    bar.setValue(30)
    assert bar.value() == 20
    bar.setSliderDown(False)
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Home)
    assert sought[-1] == 0


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75])
def test_a_click_on_the_groove_goes_there_at_once(
    transport: Transport, qtbot: QtBot, share: float
) -> None:
    transport.show_snapshot(replace(moment(36), recorded=36))
    bar = transport.scrubber
    sought: list[int] = []
    transport.sought.connect(sought.append)
    drag(bar, [QPoint(round(bar.width() * share), bar.height() // 2)])
    qtbot.waitUntil(lambda: bool(sought))
    assert sought == [pytest.approx(36 * share, abs=1)]


def test_beyond_what_is_recorded_a_click_goes_as_far_as_there_is_some(
    transport: Transport, qtbot: QtBot
) -> None:
    transport.show_snapshot(replace(moment(5), recorded=18))
    bar = transport.scrubber
    drag(bar, [QPoint(bar.width() * 3 // 4, bar.height() // 2)])
    qtbot.waitUntil(lambda: bar.value() == 18)


def test_from_where_it_was_clicked_the_handle_can_be_pulled_on(
    transport: Transport, qtbot: QtBot
) -> None:
    transport.show_snapshot(replace(moment(36), recorded=36))
    bar = transport.scrubber
    middle = bar.height() // 2
    drag(bar, [QPoint(bar.width() // 2, middle), QPoint(bar.width() // 4, middle)])
    qtbot.waitUntil(lambda: not bar.isSliderDown() and bar.value() < 12)


def test_speed_goes_from_one_a_second_to_unlimited(transport: Transport) -> None:
    transport.show_snapshot(moment(3))
    speeds: list[float | None] = []
    transport.speed_chosen.connect(speeds.append)
    for wanted in (1.0, 30.0, 1000.0, None):
        transport.choose_speed(wanted)
    assert speeds[0] == 1
    assert speeds[1] == pytest.approx(30, rel=0.06)
    assert speeds[2] == pytest.approx(1000, rel=0.06)
    assert speeds[3] is None
    assert transport.wanted.text() == "unlimited"
