"""A picture that is opened: nothing of it is thrown away unasked, and what does not fit is fitted
as the person says, who sees what comes of it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.gui.picture.fit_dialog import FitDialog
from studio.gui.picture.picture_files import reduced
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, open_window, until
from tests.tiny import SIZE, squares, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """With a model that draws light on dark."""
    drawn = io.BytesIO()
    Image.fromarray(squares(1)[0]).save(drawn, "PNG")
    thumbnail = base64.b64encode(drawn.getvalue()).decode()
    with open_window(qtbot, tiny_checkpoint(tmp_path, thumbnail=thumbnail)) as window:
        yield window


def ink(path: Path, height: int, width: int) -> Path:
    """A black block in the middle of a white picture."""
    pixels = np.full((height, width), 255, np.uint8)
    pixels[height // 4 : -height // 4, width // 4 : -width // 4] = 0
    Image.fromarray(pixels).save(path)
    return path


def asked(qtbot: QtBot, window: MainWindow, path: Path) -> FitDialog:
    """Open a picture; returns the question that follows."""
    window.open_file(path)
    until(qtbot, lambda: window.findChild(FitDialog) is not None)
    dialog = window.findChild(FitDialog)
    assert dialog is not None
    until(qtbot, lambda: dialog.windowHandle() is not None and dialog.windowHandle().isExposed())
    return dialog


def press(qtbot: QtBot, dialog: FitDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text().replace("&", "") == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def given(window: MainWindow) -> np.ndarray:
    """What the model is given, -1 where nothing is."""
    painting = window.session.painting
    assert painting is not None
    return np.where(painting.known, painting.values[0].astype(int), -1)


def test_a_picture_that_fits_is_given_whole_without_a_question(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.fromarray(squares(1)[0]).save(tmp_path / "square.png")
    window.open_file(tmp_path / "square.png")
    until(qtbot, lambda: bool((given(window) >= 0).all()))
    assert window.findChild(FitDialog) is None
    np.testing.assert_array_equal(given(window), squares(1)[0] // 255)
    assert "The whole picture is given" in window.messages.label.text()
    click(window.messages.button)
    until(qtbot, lambda: bool((given(window)[SIZE // 2 :] == -1).all()))
    np.testing.assert_array_equal(given(window)[: SIZE // 2], squares(1)[0][: SIZE // 2] // 255)


def test_dark_ink_on_a_wide_page_gets_a_margin_and_is_inverted_unless_the_person_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = asked(qtbot, window, ink(tmp_path / "ink.png", 16, 32))
    assert dialog.fitting.fit == "pad"
    assert dialog.fitting.invert
    press(qtbot, dialog, "Use the picture")
    until(qtbot, lambda: bool((given(window) >= 0).all()))
    expected = np.zeros((SIZE, SIZE))
    expected[3:5, 2:6] = 1
    np.testing.assert_array_equal(given(window), expected)


def test_the_preview_shows_every_choice_before_it_is_made(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = asked(qtbot, window, ink(tmp_path / "ink.png", 16, 32))
    seen = [dialog.preview.pixmap().toImage()]
    for button in (*dialog.fits.buttons()[1:], dialog.invert):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center())
        qtbot.keyClick(button, Qt.Key.Key_Space)
        seen.append(dialog.preview.pixmap().toImage())
    assert seen[0] != seen[1]
    assert seen[1] != seen[2]
    assert not (given(window) >= 0).any()
    press(qtbot, dialog, "Cancel")
    at_rest(qtbot, window.session)
    assert not (given(window) >= 0).any()


def test_a_picture_of_the_right_size_in_dark_ink_is_asked_about_too(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = asked(qtbot, window, ink(tmp_path / "ink.png", SIZE, SIZE))
    assert dialog.fitting.invert
    qtbot.mouseClick(dialog.invert, Qt.MouseButton.LeftButton, pos=dialog.invert.rect().center())
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    until(qtbot, lambda: bool((given(window) >= 0).all()))


def test_what_is_transparent_is_drawn_by_the_model(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    pixels = np.zeros((SIZE, SIZE, 4), np.uint8)
    pixels[:3] = (255, 255, 255, 255)
    Image.fromarray(pixels).save(tmp_path / "part.png")
    window.open_file(tmp_path / "part.png")
    until(qtbot, lambda: bool((given(window)[:3] == 1).all()))
    assert (given(window)[3:] == -1).all()


def test_a_large_picture_is_previewed_from_fewer_pixels() -> None:
    assert reduced(np.zeros((4000, 6000, 4), np.uint8), 28).shape[0] < 600
    assert reduced(np.zeros((100, 60, 4), np.uint8), 28).shape == (100, 60, 4)
