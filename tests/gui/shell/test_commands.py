"""What can be done in the window: found by a few letters, and by keys that the person chooses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from studio.gui.shell import keys
from studio.gui.shell.command_palette import CommandPalette
from studio.gui.shell.commands import Command, commands_of
from studio.gui.shell.keys_dialog import KeysDialog
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import open_palette, open_window, press, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def listed(palette: CommandPalette) -> list[Command]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.data(Qt.ItemDataRole.UserRole) for item in items]


def command(window: MainWindow, text: str, where: str = "") -> Command:
    return next(c for c in commands_of(window) if c.text == text and c.where.startswith(where))


def has_key(window: MainWindow, text: str, *wanted: str) -> bool:
    return [key.toString() for key in command(window, text).keys] == list(wanted)


def test_a_button_that_has_gone_meanwhile_is_no_command(window: MainWindow, qtbot: QtBot) -> None:
    gone = QPushButton("Gone for good", window.drawing_page)
    gone.show()
    palette = open_palette(qtbot, window)
    QTest.keyClicks(palette.line, "gone for")
    assert palette.chosen is not None
    shiboken6.delete(gone)
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    QTest.keyClicks(palette.line, " good")
    assert "Gone for good" not in [one.text for one in listed(palette)]


def test_a_few_letters_and_enter_do_it(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    QTest.keyClicks(palette.line, "start pa")
    assert palette.chosen is not None
    assert (palette.chosen.text, palette.chosen.where) == ("Start page", "View")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.start_page
    assert not palette.isVisible()


def test_letters_that_are_left_out_are_not_missed(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    QTest.keyClicks(palette.line, "kbsh")
    assert "Keyboard shortcuts" in [one.text for one in listed(palette)]
    QTest.keyClicks(palette.line, "zzz")
    assert palette.list.count() == 0
    assert palette.reason.text() == "Nothing is called that."


def test_every_action_of_the_menus_and_every_button_of_the_page_is_there(
    qtbot: QtBot, window: MainWindow
) -> None:
    there = {(one.where, one.text) for one in listed(open_palette(qtbot, window))}
    for wanted in (
        ("File", "Save result"),
        ("View › Theme", "Dark"),
        ("Inspector", "Another seed"),
        ("Library", "Train new"),
        ("Pictures", "Brush"),
        ("Takes", "A/B"),  # of a page and a dock that were not seen yet
        ("Gallery", "Favourites only"),
        ("Help", "Keyboard shortcuts"),
    ):
        assert wanted in there, sorted(there)


def test_what_is_not_possible_says_why_and_is_not_done(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    QTest.keyClicks(palette.line, "save result")
    assert palette.reason.text() == "Nothing is drawn yet: press Play first."
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_what_was_done_last_stands_first(qtbot: QtBot, window: MainWindow) -> None:
    palette = open_palette(qtbot, window)
    QTest.keyClicks(palette.line, "high contrast")
    QSettings().setValue("theme", "light")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert listed(open_palette(qtbot, window))[0].text == "High contrast"
    palette.line.setText("light")
    palette.do()


def test_escape_gives_the_keys_back(qtbot: QtBot, window: MainWindow) -> None:
    window.inspector.seed.setFocus()
    palette = open_palette(qtbot, window)
    press("Escape")
    until(qtbot, lambda: not palette.isVisible())
    assert window.inspector.seed.hasFocus()


def test_the_keys_go_elsewhere_where_what_had_them_has_gone(
    qtbot: QtBot, window: MainWindow
) -> None:
    """As a name that is being changed goes when its list is made anew."""
    line = QLineEdit(window.inspector)
    line.show()
    line.setFocus()
    palette = open_palette(qtbot, window)
    shiboken6.delete(line)
    press("Escape")
    until(qtbot, lambda: not palette.isVisible())
    until(qtbot, lambda: QApplication.focusWidget() not in (None, palette.line))


def test_the_palette_fits_a_small_window(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(500, 400)
    palette = open_palette(qtbot, window)
    assert window.rect().contains(palette.geometry())


# ---- keys ----------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> Iterator[KeysDialog]:
    press("F1")
    until(qtbot, lambda: window.findChild(KeysDialog) is not None)
    dialog = window.findChild(KeysDialog)
    assert dialog is not None
    yield dialog
    dialog.reject()


def give(dialog: KeysDialog, key: str) -> None:
    """As if it were typed."""
    dialog.edit.setKeySequence(QKeySequence(key))
    dialog.edit.editingFinished.emit()


def test_a_key_is_changed_kept_and_there_at_the_next_start(
    qtbot: QtBot, window: MainWindow, dialog: KeysDialog, tmp_path: Path
) -> None:
    dialog.choose(command(window, "Start page").name)
    give(dialog, "Ctrl+Alt+H")
    assert "Ctrl+Alt+H" in dialog.told.text()
    assert has_key(window, "Start page", "Ctrl+Alt+H")
    assert "Ctrl+Alt+H" in command(window, "Start page").control.toolTip()
    other = MainWindow(tiny_checkpoint(tmp_path))
    qtbot.addWidget(other)
    assert has_key(other, "Start page", "Ctrl+Alt+H")


def test_a_key_that_is_taken_is_refused_in_one_sentence(
    window: MainWindow, dialog: KeysDialog
) -> None:
    dialog.choose(command(window, "Start page").name)
    give(dialog, "Ctrl+T")
    assert (
        dialog.told.text() == 'Ctrl+T is the key of "Train a model": give that another one first.'
    )
    assert has_key(window, "Start page", "Ctrl+H")


def test_two_pages_may_have_the_same_key(window: MainWindow) -> None:
    brush = command(window, "Brush", "Pictures")
    smooth = command(window, "Smooth", "Sound")
    assert smooth.keys
    assert not keys.change(window, brush, smooth.keys)


def test_the_key_of_a_button_is_changed_too(window: MainWindow, dialog: KeysDialog) -> None:
    dice = window.inspector.dice
    dialog.choose(command(window, "Another seed", "Inspector").name)
    give(dialog, "Ctrl+Alt+D")
    assert dice.shortcut() == QKeySequence("Ctrl+Alt+D")
    assert dice.toolTip() == "Another seed (Ctrl+Alt+D)"


def test_one_key_and_all_keys_go_back_to_what_they_were(
    window: MainWindow, dialog: KeysDialog
) -> None:
    for text, key in (("Start page", "Ctrl+Alt+H"), ("Stage", "Ctrl+Alt+G")):
        dialog.choose(command(window, text).name)
        give(dialog, key)
    dialog.usual.click()
    assert has_key(window, "Stage", "Ctrl+G")
    assert has_key(window, "Start page", "Ctrl+Alt+H")
    dialog.all_usual.click()
    assert has_key(window, "Start page", "Ctrl+H")


def test_keys_that_cannot_be_changed_are_listed(dialog: KeysDialog) -> None:
    lines = {line.text(0): line for line in dialog._lines()}
    dialog.list.setCurrentItem(lines["Rename a checkpoint of your own"])
    assert not dialog.edit.isEnabled()


def test_the_list_of_keys_can_be_searched(dialog: KeysDialog) -> None:
    dialog.search.setText("ctrl+q")
    assert [line.text(0) for line in dialog._lines() if not line.isHidden()] == ["Quit"]


def test_settings_that_are_damaged_change_no_key(window: MainWindow) -> None:
    for kept in ("{", "[1]", '{"QMainWindow/x": 3}'):
        QSettings().setValue("keys", kept)
        keys.apply(window)
    QApplication.processEvents()
    assert has_key(window, "Start page", "Ctrl+H")
