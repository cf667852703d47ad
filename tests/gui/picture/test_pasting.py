"""A picture from the clipboard is read like any file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage

from studio.engine.media.pictures import read_picture
from studio.engine.scenes.document import as_text
from studio.engine.scenes.scene import ModelReference, Scene
from studio.gui.picture.pasting import Pasting


@pytest.fixture
def clipboard(qapp):
    yield QGuiApplication.clipboard()
    QGuiApplication.clipboard().clear()


@pytest.fixture
def opened() -> list[Path]:
    return []


@pytest.fixture
def scenes() -> list[str]:
    return []


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def pasting(opened, scenes, said) -> Pasting:
    return Pasting(opened.append, scenes.append, said.append)


def test_pixels_become_a_file_that_is_opened_with_their_transparency(clipboard, pasting, opened):
    pixels = QImage(2, 1, QImage.Format.Format_ARGB32)
    pixels.fill(QColor(0, 0, 0, 0))
    pixels.setPixelColor(0, 0, QColor(10, 10, 10))
    clipboard.setImage(pixels)
    pasting.paste()
    assert read_picture(opened[0], "RGBA").tolist() == [[[10, 10, 10, 255], [255, 255, 255, 0]]]


def test_a_copied_file_is_opened(clipboard, pasting, opened, tmp_path):
    copied = QMimeData()
    copied.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    clipboard.setMimeData(copied)
    pasting.paste()
    assert opened == [tmp_path / "a.png"]


def test_without_a_picture_it_says_so(clipboard, pasting, opened, said):
    clipboard.setText("no picture")
    pasting.paste()
    assert said == ["There is no picture to paste: copy one first."]
    assert opened == []


def test_the_text_of_a_scene_is_none_of_a_picture(clipboard, pasting, opened, scenes):
    text = as_text(Scene(ModelReference("made")))
    clipboard.setText(text)
    pasting.paste()
    assert (scenes, opened) == ([text], [])
