"""Names that come from files are plain and short wherever they are shown, whatever is in them."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from studio.gui.inspector.class_box import ClassBox
from studio.gui.inspector.class_posterior import ClassPosteriorPanel
from studio.gui.session import Session
from studio.gui.shell.log_panel import LogPanel
from studio.gui.training.form import TrainingForm
from studio.gui.training.live import TrainingLive
from studio.gui.widgets.failure_dialog import FailureDialog

HTML = "<h1>huge</h1><img src='x'>"
HUGE = "<b>\x1b[31m" * 2**17  # a megabyte


def test_class_names_are_short_and_plain(qtbot: QtBot) -> None:
    box = ClassBox(ClassPosteriorPanel(Session()))
    qtbot.addWidget(box)
    began = time.perf_counter()
    box.show_classes((HTML, HUGE), "Draw a")
    box.show()
    assert time.perf_counter() - began < 1
    first, second = box.chips.button(0), box.chips.button(1)
    assert first.text() == HTML
    assert "&lt;h1&gt;" in first.toolTip()
    assert len(second.text()) <= 40
    assert len(second.accessibleName()) <= 300


@pytest.mark.parametrize("text", [HTML, HUGE], ids=["html", "a megabyte"])
def test_what_a_training_says_is_short_and_plain(qtbot: QtBot, text: str) -> None:
    live, form = TrainingLive(), TrainingForm()
    qtbot.addWidget(live)
    qtbot.addWidget(form)
    live.say(text)
    form.complain(text)
    for label in (live.standing, form.complaint, form.summary):
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert len(label.text()) <= 400
    assert "<h1>" not in live.standing.toolTip()


def test_a_failure_and_the_log_cut_a_megabyte_short(qtbot: QtBot) -> None:
    log, dialog = LogPanel(), FailureDialog(None, HUGE, "details")
    qtbot.addWidget(log)
    qtbot.addWidget(dialog)
    began = time.perf_counter()
    log.add(HUGE)
    dialog.show()
    assert time.perf_counter() - began < 2
    assert len(dialog.message.text()) <= 600
    assert len(log.text.toPlainText()) < 21_000


def test_the_question_about_a_file_is_plain(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    from PySide6.QtWidgets import QFileDialog

    from studio.gui.widgets import file_dialogs

    asked: list[QMessageBox] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box)
        return int(QMessageBox.StandardButton.No)

    monkeypatch.setattr(QMessageBox, "exec", answer)
    (tmp_path / "<b>x.png").touch()
    found = (str(tmp_path / "<b>x"), "Picture (*.png)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: found)
    assert file_dialogs.ask_save_pictures(None, "x") is None
    assert asked[0].textFormat() is Qt.TextFormat.PlainText
