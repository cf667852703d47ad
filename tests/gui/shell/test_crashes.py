"""What nobody caught in the thread of the window is shown, and holds on to nothing."""

from __future__ import annotations

import weakref

from pytestqt.qtbot import QtBot

from studio.gui.shell.crashes import tell
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.failure_dialog import FailureDialog


class Large:
    """Something that a frame may hold."""


def failed() -> tuple[BaseException, weakref.ref[Large]]:
    large = Large()
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        return error, weakref.ref(large)


def test_a_failure_is_shown_once_at_a_time_and_lets_go_of_what_its_frames_hold(
    qtbot: QtBot,
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    for _ in range(2):
        error, large = failed()
        tell(window, type(error), error, error.__traceback__)
        assert large() is None
    dialogs = window.findChildren(FailureDialog)
    assert [dialog.message.text() for dialog in dialogs] == ["by nothing"]
    assert "by nothing" in window.log.text.toPlainText()
    window.close()
