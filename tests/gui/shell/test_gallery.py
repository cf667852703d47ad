"""The gallery: what was saved is seen there, and opened again from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.scenes.gallery import Gallery
from studio.gui.shell.gallery import GalleryPane
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs
from tests.gui.windows import at_rest, open_window, press, until
from tests.tiny import tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, user_data_folder: Path, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.show_dock("Gallery")
        yield window


def draw(qtbot: QtBot, window: MainWindow) -> None:
    window.finish()
    until(qtbot, lambda: not window.page.why_not_save)
    at_rest(qtbot, window.session)


def save(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(file_dialogs, "ask_save_pictures", lambda *_: path)
    count = window.gallery.list.count()
    window.results.save()
    until(qtbot, lambda: window.gallery.list.count() == count + 1)


def names(pane: GalleryPane) -> list[str]:
    items = [pane.list.item(row) for row in range(pane.list.count())]
    return [item.text() for item in items if not item.isHidden()]


def test_what_is_saved_is_listed_with_a_small_picture_the_newest_first(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw(qtbot, window)
    for name in ("one.png", "two.gif"):
        save(qtbot, window, monkeypatch, tmp_path / name)
    assert names(window.gallery) == ["two.gif", "one.png"]
    assert not window.gallery.list.item(0).icon().isNull()


def test_a_key_on_the_stage_keeps_what_is_seen_as_a_favourite(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw(qtbot, window)
    save(qtbot, window, monkeypatch, tmp_path / "one.png")
    window.show_stage()
    press("ctrl+d")
    until(qtbot, lambda: window.gallery.list.count() == 2)
    window.gallery.liked.click()
    assert names(window.gallery) == ["★ tiny-pixelcnn-0.png"]


def test_one_is_opened_again_from_the_list(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw(qtbot, window)
    save(qtbot, window, monkeypatch, tmp_path / "one.png")
    opened: list[Path] = []
    window.gallery.open_wanted.disconnect()
    window.gallery.open_wanted.connect(opened.append)
    window.gallery.list.setCurrentRow(0)
    QTest.keyClick(window.gallery.list, Qt.Key.Key_Return)
    assert opened == [tmp_path / "one.png"]


def test_a_file_that_is_gone_is_told_and_drops_out(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw(qtbot, window)
    save(qtbot, window, monkeypatch, tmp_path / "one.png")
    (tmp_path / "one.png").unlink()
    window.gallery.list.setCurrentRow(0)
    window.gallery.open.click()
    assert window.messages.label.text() == '"one.png" is gone.'
    until(qtbot, lambda: window.gallery.list.count() == 0 and not window.gallery._jobs)


def test_favourites_and_removals_are_kept(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for name in ("a.npy", "b.npy"):
        (tmp_path / name).write_bytes(b"made")
        window.gallery.add(tmp_path / name)
    until(qtbot, lambda: names(window.gallery) == ["b.npy", "a.npy"])
    window.gallery.list.setCurrentRow(1)
    window.gallery.star.click()
    window.gallery.list.setCurrentRow(0)
    QTest.keyClick(window.gallery.list, Qt.Key.Key_Delete)
    until(qtbot, lambda: not window.gallery._jobs)
    assert [(made.path.name, made.favourite) for made in Gallery().listed()] == [("a.npy", True)]
    assert (tmp_path / "b.npy").exists()


def test_an_empty_gallery_says_what_to_do(window: MainWindow, qtbot: QtBot) -> None:
    until(qtbot, window.gallery.empty.isVisible)
    assert "Ctrl+S" in window.gallery.empty.text()
