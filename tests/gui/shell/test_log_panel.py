"""The log keeps what was said, from whatever thread."""

import logging
import threading

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication

from studio.gui.shell.log_panel import LogPanel, Relayed


@pytest.fixture
def panel(qtbot, qapp):
    panel = LogPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 120)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def logger(panel):
    logger = logging.Logger("a logger of its own")
    logger.addHandler(Relayed(panel, panel.add))
    return logger


def lines(panel: LogPanel) -> list[str]:
    return [
        line.split("  ", 1)[1] for line in panel.text.toPlainText().splitlines() if "  " in line
    ]


def test_messages_stand_in_order_with_the_time_before_them(panel):
    panel.add("one")
    panel.add("two <b> & three", "error")
    assert lines(panel) == ["one", "two <b> & three"]
    assert panel.text.toPlainText()[2] == ":"


def test_a_message_of_several_lines_keeps_them_and_their_indentation(panel):
    panel.add("Traceback:\n    File x\n")
    assert panel.text.toPlainText().splitlines()[1].rstrip() == "    File x"


def test_a_logger_may_be_used_in_any_thread(qtbot, panel, logger):
    thread = threading.Thread(target=logger.warning, args=("from %s", "afar"))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: lines(panel) == ["from afar"])


def test_a_logger_that_outlives_the_panel_does_no_harm(panel, logger, capsys):
    panel.close()
    handler = logger.handlers[0]
    handler._relay.deleteLater()
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    logger.error("nobody hears this")
    assert capsys.readouterr().err == ""


def test_the_newest_line_is_in_sight_unless_the_person_reads_further_up(panel):
    for number in range(50):
        panel.add(str(number))
    bar = panel.text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(3)
    panel.add("one more")
    assert bar.value() == 3


def test_copy_and_clear(qtbot, panel):
    panel.add("to be kept")
    qtbot.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)
    assert "to be kept" in QGuiApplication.clipboard().text()
    qtbot.mouseClick(panel.clear_button, Qt.MouseButton.LeftButton)
    assert panel.text.toPlainText() == ""


def test_every_control_has_a_tooltip_and_a_name(panel):
    for control in (panel.text, panel.copy_button, panel.clear_button):
        assert control.toolTip()
        assert control.accessibleName()
