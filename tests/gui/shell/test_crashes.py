"""What nobody caught, in any thread, is shown with the place of the log; it holds on to nothing."""

from __future__ import annotations

import faulthandler
import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from studio.engine.runtime.log_file import LogFile
from studio.gui.shell.crashes import Crashes, tell
from studio.gui.shell.help_dialogs import AboutDialog
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.failure_dialog import FailureDialog
from tests.gui.windows import until


class Large:
    """Something that a frame may hold."""


def failed() -> tuple[BaseException, weakref.ref[Large]]:
    large = Large()
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        return error, weakref.ref(large)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = MainWindow()
    qtbot.addWidget(window)
    yield window
    window.close()


@pytest.fixture
def log(user_data_folder: Path) -> Iterator[LogFile]:
    log = LogFile()
    yield log
    log.end()
    faulthandler.enable()  # that of pytest


@pytest.fixture
def told(window: MainWindow, capsys: pytest.CaptureFixture[str]) -> Iterator[MainWindow]:
    """A window that is told of everything; the hooks of the tests come back."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    crashes = Crashes(window)
    yield window
    crashes.end()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    assert "by nothing" in capsys.readouterr().err


def shown(window: MainWindow) -> list[FailureDialog]:
    return window.findChildren(FailureDialog)


def test_a_failure_is_shown_once_at_a_time_and_lets_go_of_what_its_frames_hold(
    window: MainWindow,
) -> None:
    for _ in range(2):
        error, large = failed()
        tell(window, type(error), error, error.__traceback__)
        assert large() is None
    assert [dialog.message.text() for dialog in shown(window)] == ["by nothing"]
    assert "by nothing" in window.log.text.toPlainText()


def test_what_is_raised_in_the_thread_of_the_window_is_shown(
    told: MainWindow, qtbot: QtBot
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    with capture_exceptions() as captured:  # pytest-qt takes the hook itself: hand it on
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: bool(captured))
    tell(told, *captured[0])
    (dialog,) = shown(told)
    assert "in fail" in dialog.details.toPlainText()


def test_what_is_raised_in_another_thread_is_shown(told: MainWindow, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by nothing")

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    until(qtbot, lambda: bool(shown(told)))
    (dialog,) = shown(told)
    assert "worker" in dialog.details.toPlainText()
    assert "in fail" in dialog.details.toPlainText()


def test_what_is_raised_where_nobody_can_be_told_is_shown(told: MainWindow, qtbot: QtBot) -> None:
    class Failing:
        def __del__(self) -> None:
            raise ZeroDivisionError("by nothing")

    Failing()
    gc.collect()
    until(qtbot, lambda: bool(shown(told)))
    assert "__del__" in shown(told)[0].details.toPlainText()


def test_the_dialog_and_the_log_have_it_and_say_where(
    window: MainWindow, log: LogFile, qtbot: QtBot
) -> None:
    for _ in range(2):
        error, _ = failed()
        tell(window, type(error), error, error.__traceback__)
    text = log.path.read_text()
    assert text.count("ZeroDivisionError: by nothing") == 2, "the one without a dialog too"
    (dialog,) = shown(window)
    assert str(log.path) in dialog.place.text()
    dialog.copy_button.click()
    assert "ZeroDivisionError: by nothing" in QGuiApplication.clipboard().text()


def test_a_failure_in_one_sentence_stands_in_the_log_file(window: MainWindow, log: LogFile) -> None:
    window.show_failure("There is no such file.", "")
    assert "There is no such file." in log.path.read_text()


def test_about_says_where_the_log_is(window: MainWindow, log: LogFile, qtbot: QtBot) -> None:
    dialog = AboutDialog(window)
    qtbot.addWidget(dialog)
    assert log.path.name in dialog.text.toPlainText()
