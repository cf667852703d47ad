"""The window in another language: nothing in its menus is left in English, everything still fits,
and what is kept in the settings is the same in every language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTranslator
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFormLayout,
    QGroupBox,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.engine.runtime.assets import assets_folder
from studio.gui.shell import keys
from studio.gui.shell.commands import commands_of
from studio.gui.shell.keys_dialog import KeysDialog, show_keys
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import translation
from studio.gui.widgets.translation import plain, tr
from tests.gui.fits import faults
from tests.gui.windows import open_window, until
from tests.tiny import tiny_checkpoint

GERMAN: dict[str, str] = json.loads(
    (assets_folder() / "translations" / "de.json").read_text("utf-8")
)
# the same in both languages, or the name of something
SAME = {"English", "Deutsch"}


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    translation.choose("de")
    translation.install(qapp)
    yield
    translation.choose("en")
    translation.install(qapp)
    for old in qapp.findChildren(QTranslator):
        qapp.removeTranslator(old)


@pytest.fixture
def window(qtbot: QtBot, german: None, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "gated-pixelcnn-class")) as window:
        yield window


def untranslated(texts: list[str]) -> list[str]:
    """Those that are not what some English text became."""
    known = {plain(text) for text in GERMAN.values()} | SAME
    return sorted({text for text in map(plain, texts) if words(text) and text not in known})


def words(text: str) -> bool:
    return sum(letter.isalpha() for letter in text) > 1


def test_menus_and_actions_have_no_english_left(window: MainWindow) -> None:
    window.make_all()
    texts = [menu.title() for menu in window.findChildren(QMenu)]
    texts += [action.text() for action in window.findChildren(QAction)]
    assert untranslated(texts) == []


def test_docks_labels_and_buttons_have_no_english_left(window: MainWindow) -> None:
    texts = [dock.windowTitle() for dock in window.docks.values()]
    texts += [group.title() for group in window.inspector.findChildren(QGroupBox)]
    for form in window.inspector.findChildren(QFormLayout):
        for row in range(form.rowCount()):
            item = form.itemAt(row, QFormLayout.ItemRole.LabelRole)
            label = None if item is None else item.widget()
            if isinstance(label, QLabel):
                texts.append(label.text())
    parts: list[QWidget] = [window.start_page, window.drawing_page, window.sound_page]
    for part in (*parts, window.library, window.gallery):
        for button in part.findChildren(QAbstractButton):
            if not isinstance(button, QToolButton) or button.defaultAction() is None:
                texts.append(button.text())
    assert untranslated(texts) == []


def test_everything_fits_on_a_small_screen(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1280, 720)
    for show in (
        lambda: window.pages.setCurrentWidget(window.start_page),
        window.show_stage,
        lambda: window.pages.setCurrentWidget(window.sound_page),
        window.show_training,
    ):
        show()
        qtbot.wait(300)
        assert faults(window) == []
    until(qtbot, lambda: window.training.form.choices is not None)


def test_a_text_that_is_missing_stays_english(german: None) -> None:
    assert tr("Quit") == "Beenden"
    assert tr("Quit (Ctrl+Q)") == "Beenden (Ctrl+Q)"
    assert tr("Nobody has put this into German.") == "Nobody has put this into German."


def test_no_text_of_the_catalogue_is_empty_or_loses_a_place_holder() -> None:
    for english, german in GERMAN.items():
        assert german.strip(), english
        assert english.count("{") == german.count("{"), english
        assert english.count("&") == german.count("&"), english
        assert english.endswith("…") == german.endswith("…"), english


def test_a_key_that_was_changed_in_english_holds_in_german(
    qtbot: QtBot, german: None, tmp_path: Path
) -> None:
    QSettings().setValue("keys", json.dumps({"MainWindow/Start page": "Ctrl+Alt+H"}))
    window = MainWindow(tiny_checkpoint(tmp_path))
    qtbot.addWidget(window)
    page = next(one for one in commands_of(window) if one.text == "Startseite")
    assert page.keys == [QKeySequence("Ctrl+Alt+H")]


def test_every_command_is_called_the_same_in_the_settings_of_both_languages(
    qtbot: QtBot, qapp: QApplication, german: None, tmp_path: Path
) -> None:
    windows = []
    for code in ("de", "en"):
        translation.choose(code)
        translation.install(qapp)
        windows.append(MainWindow(tiny_checkpoint(tmp_path)))
        qtbot.addWidget(windows[-1])
    names = [{command.name for command in commands_of(window)} for window in windows]
    assert names[0] == names[1]


def test_dialogs_are_german_too(qtbot: QtBot, window: MainWindow) -> None:
    dialog = show_keys(window)
    assert isinstance(dialog, KeysDialog)
    until(qtbot, lambda: dialog.close_button.toolTip() == "Schließen (Esc)")
    dialog.reject()
    assert not keys.change(window, commands_of(window)[0], [])


def test_the_menu_chooses_the_language_of_the_next_start(window: MainWindow) -> None:
    english = next(one for one in window.findChildren(QAction) if one.text() == "English")
    english.trigger()
    assert translation.chosen() == "en"
    assert window.messages.label.text() == "Die Sprache wechselt beim nächsten Start."


def test_a_language_that_is_not_there_is_that_of_the_system(qapp: QApplication) -> None:
    QSettings().setValue(translation.KEY, "xx")
    assert translation.chosen() == ""
