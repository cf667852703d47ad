"""Texts of lessons show the pictures of their folder, in the colours of the window, and nothing
else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from pytestqt.qtbot import QtBot

from studio.gui.shell.lesson_text import LessonText, drawn
from studio.gui.widgets import theme

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    b'<rect width="40" height="20" fill="currentColor"/></svg>'
)


@pytest.fixture
def text(qtbot: QtBot, tmp_path: Path) -> LessonText:
    (tmp_path / "rule.svg").write_bytes(SVG)
    text = LessonText("Text", "A text")
    qtbot.addWidget(text)
    text.resize(300, 200)
    with qtbot.waitExposed(text):
        text.show()
    return text


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_a_drawing_has_the_colour_of_the_words_whether_it_is_light_or_dark(
    text: LessonText, tmp_path: Path
) -> None:
    for dark in (False, True):
        text.setPalette(theme.palette(theme.LOOKS[dark]))
        text.show_text("![rule](rule.svg)", tmp_path)
        ink = text.palette().color(QPalette.ColorRole.Text).name()
        assert ink in colours(text.grab().toImage())


def test_a_drawing_is_never_larger_than_there_is_room(qtbot: QtBot) -> None:
    assert drawn(SVG, "#ff0000", QSize(20, 2000), 2.0).size() == QSize(40, 20)
    assert drawn(SVG, "#ff0000", QSize(20, 2000), 2.0).deviceIndependentSize().toSize() == QSize(
        20, 10
    )
    assert drawn(b"no drawing", "#ff0000", QSize(20, 20), 1.0).isNull()


def test_a_picture_outside_of_the_folder_is_not_read(text: LessonText, tmp_path: Path) -> None:
    away = QImage(30, 30, QImage.Format.Format_RGB32)
    away.fill(QColor("#123456"))
    away.save(str(tmp_path / "away.png"))
    inside = tmp_path / "lesson"
    inside.mkdir()
    for name in (f"{tmp_path}/away.png", "../away.png", f"file://{tmp_path}/away.png"):
        text.show_text(f'![a square]({name}) <img src="{name}">', inside)
        assert "#123456" not in colours(text.grab().toImage())
    text.show_text("![a square](away.png)", tmp_path)
    assert "#123456" in colours(text.grab().toImage())


def wait_for_width(qtbot: QtBot, text: LessonText, width: int) -> None:
    qtbot.waitUntil(lambda: text.viewport().width() == width)


def test_it_is_as_high_as_its_words_need_at_any_width(qtbot: QtBot, text: LessonText) -> None:
    line = "x = F.conv2d(x, weight * mask, padding=kernel // 2, dilation=dilation, groups=1)"
    text.show_text(f"{'Many words. ' * 40}\n\n```\n{line}\n```\n\n|a|b|\n|-|-|\n|1|2|\n", Path())
    wide = text.height()
    for width in (200, 400):
        text.setFixedWidth(width)
        wait_for_width(qtbot, text, width)
        assert text.document().size().width() <= width, "nothing is cut off at the side"
        assert text.document().size().height() <= text.height()
    assert text.height() < wide


def test_it_scrolls_with_what_it_stands_in(text: LessonText) -> None:
    assert text.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
