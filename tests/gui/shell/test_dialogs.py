"""The dialogs: files, a failure, the keys, and what the studio is."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QWidget,
)

from studio.gui.shell import help_dialogs
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.failure_dialog import FailureDialog


@pytest.fixture
def window(qtbot, qapp):
    window = QMainWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


class Chooser:
    """Stands in for the person at the system's file dialog: answers with a name and a filter, and
    notes the question."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer = ("", "")
        self.asked: tuple = ()
        for method in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, method, self.ask)

    def ask(self, parent: QWidget, title: str, start: str, filters: str) -> tuple[str, str]:
        self.asked = (title, start, filters)
        return self.answer


@pytest.fixture
def chooser(monkeypatch):
    return Chooser(monkeypatch)


def press_in_the_question(qtbot, text: str) -> list[str]:
    """Click a button of the message box that will be open in a moment; returns a list that what
    the box says will be in."""
    said: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            return
        looking.stop()
        said.append(box.text())
        button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == text)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    looking = QTimer(interval=10)
    looking.timeout.connect(press)
    looking.start()
    return said


@pytest.mark.parametrize("ask", [file_dialogs.ask_open_checkpoint, file_dialogs.ask_open_picture])
def test_opening_gives_the_file_or_nothing(window, chooser, tmp_path, ask):
    assert ask(window) is None
    chooser.answer = (str(tmp_path / "a.b"), "")
    assert ask(window) == tmp_path / "a.b"


def test_the_next_dialog_starts_where_the_last_one_ended(window, chooser, tmp_path):
    chooser.answer = (str(tmp_path / "one.safetensors"), "")
    file_dialogs.ask_open_checkpoint(window)
    file_dialogs.ask_open_checkpoint(window)
    assert chooser.asked[1] == str(tmp_path)


def test_a_checkpoint_is_saved_with_its_ending(window, chooser, tmp_path):
    chooser.answer = (str(tmp_path / "mine"), "")
    assert file_dialogs.ask_save_checkpoint(window, "made") == tmp_path / "mine.safetensors"
    assert Path(chooser.asked[1]).name == "made.safetensors"


def test_pictures_are_saved_with_the_ending_typed_or_chosen(window, chooser, tmp_path):
    for typed, kind, saved in (
        ("drawn.png", "Animation (*.gif)", "drawn.png"),
        ("drawn.GIF", "Picture (*.png)", "drawn.GIF"),
        ("drawn", "Animation (*.gif)", "drawn.gif"),
        ("epoch.3", "Film (*.mp4)", "epoch.3.mp4"),
        ("drawn", "", "drawn.png"),
    ):
        chooser.answer = (str(tmp_path / typed), kind)
        assert file_dialogs.ask_save_pictures(window, "digit") == tmp_path / saved


@pytest.mark.parametrize(("answer", "kept"), [("Yes", False), ("No", True)])
def test_a_name_that_becomes_that_of_another_file_is_asked_about(
    qtbot, window, chooser, tmp_path, answer, kept
):
    (tmp_path / "drawn.gif").write_bytes(b"precious")
    chooser.answer = (str(tmp_path / "drawn"), "Animation (*.gif)")
    press_in_the_question(qtbot, answer)
    found = file_dialogs.ask_save_pictures(window, "digit")
    assert found == (None if kept else tmp_path / "drawn.gif")


def test_a_failure_can_be_copied(qtbot, window):
    dialog = FailureDialog(window, "The model could not be loaded.", "Traceback: line 3")
    dialog.open()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    for part in (
        "The model could not be loaded.",
        "Autoregressive Studio",
        "Python",
        "Traceback: line 3",
    ):
        assert part in copied
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)


def test_about_names_the_version_and_the_licences(qtbot, window):
    dialog = help_dialogs.show_about(window)
    said = dialog.text.toPlainText()
    for part in ("Version 0.", "MIT", "MNIST", "Twemoji", "Allison Smith", "LGPL", "torch"):
        assert part in said
    with qtbot.waitSignal(dialog.destroyed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
