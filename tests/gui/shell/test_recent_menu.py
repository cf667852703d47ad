"""What was opened and saved is in the File menu, by kind, until it is gone or the list is
cleared; and a reset forgets it with all else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints.places import sessions_folder
from studio.engine.scenes.carried import save_scene
from studio.gui.shell.main_window import MainWindow
from studio.gui.shell.recent_menu import RecentMenu
from studio.gui.widgets.recent_files import CHECKPOINTS, PICTURES, RECORDINGS, SCENES, RecentFiles
from tests.gui.windows import change_model, open_window, until
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, user_data_folder: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def menu_of(window: MainWindow) -> RecentMenu:
    menu = window.findChild(RecentMenu)
    assert menu is not None
    menu.aboutToShow.emit()
    return menu


def entries(window: MainWindow) -> list[str]:
    return [one.text().strip() for one in menu_of(window).actions() if not one.isSeparator()]


def choose(window: MainWindow, text: str) -> None:
    next(one for one in menu_of(window).actions() if one.text().strip() == text).trigger()


def picture(folder: Path, name: str = "ink.png") -> Path:
    path = folder / name
    Image.fromarray(np.full((SIZE, SIZE), 255, np.uint8)).save(path)
    return path


def test_at_first_there_is_nothing(window: MainWindow) -> None:
    assert entries(window) == ["Nothing yet"]


def test_a_model_that_was_opened_is_there_and_opens_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    first, other = window.session.checkpoint, tiny_checkpoint(tmp_path, "made")
    change_model(qtbot, window, other)
    assert first is not None
    change_model(qtbot, window, first)
    assert entries(window) == ["Checkpoints", "tiny-pixelcnn", "tiny-made", "Clear list"]
    choose(window, "tiny-made")
    until(qtbot, lambda: window.session.checkpoint == other)


def test_a_picture_that_was_opened_and_what_was_saved_are_there(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.open_file(picture(tmp_path))
    until(qtbot, lambda: bool(PICTURES.paths))
    latest = window.drawing_page.drawing.latest
    assert latest is not None
    window.drawing_page.files.saver(latest)(tmp_path / "drawn.png")
    until(qtbot, lambda: len(PICTURES.paths) == 2)
    assert entries(window) == ["Pictures", "drawn.png", "ink.png", "Clear list"]


def test_a_scene_that_was_opened_is_there_and_opens_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session, path = window.session, tmp_path / "mine.scene.json"
    scene = session.scenes.now()
    assert scene is not None
    save_scene(scene.with_options(seed=9), path)
    window.open_file(path)
    until(qtbot, lambda: session.options.seed == 9)
    session.change(seed=3)
    assert entries(window) == ["Scenes", "mine.scene.json", "Clear list"]
    choose(window, "mine.scene.json")
    until(qtbot, lambda: session.options.seed == 9)


def test_kinds_stand_by_themselves_and_a_run_is_called_by_its_folder(
    window: MainWindow, tmp_path: Path
) -> None:
    run = tmp_path / "my run"
    run.mkdir()
    for path in (run / "latest.safetensors", run / "config.json"):
        path.touch()
    for files, name in ((RECORDINGS, "a & b.wav"), (SCENES, "s.scene.json")):
        (tmp_path / name).touch()
        files.remember(tmp_path / name)
    CHECKPOINTS.remember(run / "latest.safetensors")
    found = ["Runs", "my run", "Recordings", "a && b.wav", "Scenes", "s.scene.json", "Clear list"]
    assert entries(window) == found


def test_what_is_gone_has_dropped_out(window: MainWindow, tmp_path: Path) -> None:
    path = picture(tmp_path)
    PICTURES.remember(path)
    assert "ink.png" in entries(window)
    path.unlink()
    assert entries(window) == ["Nothing yet"]


def test_two_of_one_name_are_told_apart_by_their_folders(
    window: MainWindow, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        PICTURES.remember(picture(tmp_path / folder))
    assert entries(window)[1:3] == ["ink.png (b)", "ink.png (a)"]


def test_the_list_is_cleared_and_the_files_stay(window: MainWindow, tmp_path: Path) -> None:
    path = picture(tmp_path)
    PICTURES.remember(path)
    choose(window, "Clear list")
    assert entries(window) == ["Nothing yet"]
    assert path.is_file()


def test_a_list_keeps_the_last_ones_and_each_once(tmp_path: Path) -> None:
    files = RecentFiles("test/list", most=3)
    paths = [tmp_path / str(number) for number in range(5)]
    for path in paths:
        path.touch()
        files.remember(path)
    files.remember(paths[3])
    assert files.paths == [paths[3], paths[4], paths[2]]
    (tmp_path / "new").touch()
    files.moved(paths[4], tmp_path / "new")
    files.forget(paths[2])
    assert files.paths == [paths[3], tmp_path / "new"]


def answer(qtbot: QtBot, window: MainWindow, text: str) -> str:
    question = window.findChild(QMessageBox)
    assert question is not None
    button = next(one for one in question.findChildren(QPushButton) if one.text() == text)
    said = question.informativeText()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return said


def test_a_reset_forgets_layout_settings_recent_files_and_sessions_and_nothing_else(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, user_data_folder: Path
) -> None:
    run = user_data_folder / "runs" / "mine"
    run.mkdir(parents=True)
    QSettings().setValue("training/unfinished", [str(run)])
    QSettings().setValue("theme", "dark")
    PICTURES.remember(picture(tmp_path))
    until(qtbot, lambda: window.autosave._own is not None)
    window.docks["Library"].hide()
    window.show_dock("Log")
    window.ask_to_reset()
    assert "Checkpoints, runs and files that you saved stay." in answer(qtbot, window, "Reset")
    assert QSettings().value("theme") is None
    assert entries(window) == ["Nothing yet"]
    assert window.docks["Library"].isVisible()
    assert not window.docks["Log"].isVisible()
    assert list(sessions_folder().glob("*.json")) == []
    assert QSettings().value("training/unfinished") is not None
    assert run.is_dir()
    assert (tmp_path / "ink.png").is_file()


def test_who_cancels_the_reset_keeps_everything(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    PICTURES.remember(picture(tmp_path))
    window.ask_to_reset()
    answer(qtbot, window, "Cancel")
    assert "ink.png" in entries(window)
